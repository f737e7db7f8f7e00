using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>Sees to it that nobody shuts themselves out.</summary>
internal sealed class WaysIn(KubeClient client, PasskeyStore passkeys, SecondFactors factors, SecondFactorDemand demand)
{
    private const string IdentityPrefix = "identity-";

    /// <summary>Refuses to remove a passkey that is the last way in, or the last second factor where one is demanded.</summary>
    public async Task CheckRemovalAsync(string user, string id, CancellationToken ct)
    {
        if (await passkeys.FindAsync(user, ct).ConfigureAwait(false) is not { } set || set.All.Any(p => p.Id != id))
        {
            return;
        }

        var query = new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" };
        var secrets = await client.ListAsync<Secret>(UserDirectory.AccountsNamespace, query, ct).ConfigureAwait(false);
        if (!secrets.Items.Any(s => s.Metadata.Name == UsersObjects.PasswordSecretOf(user) || s.Metadata.Name!.StartsWith(IdentityPrefix, StringComparison.Ordinal)))
        {
            throw PasskeyRefusals.LastWayIn();
        }

        if (await demand.IsMadeOfAsync(user, ct).ConfigureAwait(false) && await factors.FindAsync(user, ct).ConfigureAwait(false) is null)
        {
            throw PasskeyRefusals.Demanded();
        }
    }

    /// <summary>Refuses to remove an authenticator where a second factor is demanded and there is no other.</summary>
    public async Task CheckCodeRemovalAsync(string user, CancellationToken ct)
    {
        if (await demand.IsMadeOfAsync(user, ct).ConfigureAwait(false) && !await passkeys.HasAnyAsync(user, ct).ConfigureAwait(false))
        {
            throw PasskeyRefusals.Demanded();
        }
    }
}
