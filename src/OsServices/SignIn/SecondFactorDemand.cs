using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Of whom the operator demands a second factor: of nobody, of operators, or of everybody, as the settings of signing in say it now.</summary>
internal sealed class SecondFactorDemand(SignInSettingsSource settings)
{
    /// <summary>Whether it is demanded of a user. A word that is none of the three demands it: who wrote it meant to.</summary>
    public async Task<bool> IsMadeOfAsync(string user, CancellationToken ct)
    {
        var now = await settings.ReadAsync(ct).ConfigureAwait(false);
        return now.SecondFactor switch
        {
            SecondFactorRule.Optional => false,
            SecondFactorRule.Operators => user == UserDirectory.AdminName,
            _ => true,
        };
    }
}
