using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Of whom the operator demands a second factor: key <c>secondFactor</c> of ConfigMap <c>sign-in</c> says of nobody, of operators, or of everybody.</summary>
internal sealed class SecondFactorDemand(KubeClient client)
{
    /// <summary>Whether it is demanded of a user. A word that is none of the three demands it: who wrote it meant to.</summary>
    public async Task<bool> IsMadeOfAsync(string user, CancellationToken ct)
    {
        var settings = await client.FindAsync<ConfigMap>("sealos-system", "sign-in", ct).ConfigureAwait(false);
        return settings?.Data?.GetValueOrDefault("secondFactor") switch
        {
            null or "" or "optional" => false,
            "operators" => user == UserDirectory.AdminName,
            _ => true,
        };
    }
}
