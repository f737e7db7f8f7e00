using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// Sees to it that nobody shuts themselves out: whatever takes a way in or a second factor away does it here. What is about to go is written down
/// first and counts no more, so that of two requests that would each leave the other's, wherever they are answered, one is refused.
/// </summary>
internal sealed class WaysIn(KubeClient client, PasskeyStore passkeys, SecondFactors factors, SecondFactorDemand demand, SignInSettingsSource settings, TimeProvider time)
{
    /// <summary>The authenticator with its recovery codes: a second factor, and no way in by itself.</summary>
    public const string Authenticator = "authenticator";

    private const string PasskeyPrefix = "passkey/";

    private readonly Departures _departures = new(client, time);

    /// <summary>One of a user's passkeys.</summary>
    public static string Passkey(string id) => PasskeyPrefix + id;

    /// <summary>Takes a passkey, an identity (by the name of its Secret) or the authenticator away, unless it is the last way in, or the last second factor where one is demanded.</summary>
    public async Task RemoveAsync(string user, string way, Func<Task> remove, CancellationToken ct)
    {
        var departure = await _departures.AddAsync(user, way, leaving => CheckAsync(user, way, leaving, ct), ct).ConfigureAwait(false);
        try
        {
            await remove().ConfigureAwait(false);
        }
        finally
        {
            await _departures.RemoveAsync(user, departure).ConfigureAwait(false);
        }
    }

    private async Task CheckAsync(string user, string way, IReadOnlySet<string> leaving, CancellationToken ct)
    {
        var set = await passkeys.FindAsync(user, ct).ConfigureAwait(false);
        if (set?.All.Any(p => !leaving.Contains(Passkey(p.Id))) == true && await passkeys.HasAnyAsync(user, ct).ConfigureAwait(false))
        {
            // Both a way in and a second factor.
            return;
        }

        if (way != Authenticator && !await HasOtherWayAsync(user, leaving, ct).ConfigureAwait(false))
        {
            throw PasskeyRefusals.LastWayIn();
        }

        var isFactor = way == Authenticator || way.StartsWith(PasskeyPrefix, StringComparison.Ordinal);
        var hasCode = !leaving.Contains(Authenticator) && await factors.FindAsync(user, ct).ConfigureAwait(false) is not null;
        if (isFactor && !hasCode && await demand.IsMadeOfAsync(user, ct).ConfigureAwait(false))
        {
            throw PasskeyRefusals.Demanded();
        }
    }

    private async Task<bool> HasOtherWayAsync(string user, IReadOnlySet<string> leaving, CancellationToken ct)
    {
        var who = await client.FindAsync<User>(null, user, ct).ConfigureAwait(false);
        var now = await settings.ReadAsync(ct).ConfigureAwait(false);
        var kept = await client.ListAsync<Secret>(UserDirectory.AccountsNamespace, AccountSecrets.Of(user), ct).ConfigureAwait(false);
        return kept.Items.Any(s => s.Metadata.DeletionTimestamp is null && !CredentialOwner.IsOfAnother(s, who) && !leaving.Contains(s.Metadata.Name!)
            && (s.Metadata.Name == UsersObjects.PasswordSecretOf(user) || IsOpen(s, now)));
    }

    // An identity is a way in only while its provider is.
    private static bool IsOpen(Secret secret, SignInSettings now) =>
        secret.Type == OutsideIdentity.SecretType && now.Provider(OutsideIdentity.View(secret, now).Provider) is { SignIn: true };
}
