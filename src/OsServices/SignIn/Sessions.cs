using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Device;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Opens, lists and ends sessions. A token holds as long as the Secret of its session is there.</summary>
internal sealed class Sessions(KubeClient client, Informer<Secret> known, TimeProvider time)
{
    public const string ByOwner = "owner";
    private const int MostOfOneUser = 100;
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>
    /// A session of a user who has proved to be it with <paramref name="credential"/>, unless that is no longer what it was or the user
    /// is locked, or the session that approved has ended: all are looked at once the session is there, so that a reset, lock or end at this very
    /// moment finds it, or is seen.
    /// </summary>
    public async Task<SignInGrant> OpenAsync(string user, Secret credential, SessionMeans means, ClientInfo from, CancellationToken ct)
    {
        await EndOldestAsync(user, ct).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var session = await client.CreateAsync(SessionObjects.Build(user, credential, means, from, (now, now + Lifetime)), ct).ConfigureAwait(false);
        var isOpen = false;
        try
        {
            await CheckAsync(user, credential, ct).ConfigureAwait(false);
            if (means.Approval is { } approval && await FindAsync(approval, ct).ConfigureAwait(false) is null)
            {
                throw Refusals.ApproverGone();
            }

            var issued = await AccountTokens.IssueAsync(client, user, session, (long)Lifetime.TotalSeconds, ct).ConfigureAwait(false);
            isOpen = true;
            return new SignInGrant(user, issued.Token!, now + Lifetime, UserDirectory.WorkspaceOf(user));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The user went while signing in.
            throw Refusals.Wrong();
        }
        finally
        {
            if (!isOpen)
            {
                // Whoever asked may be gone by now; what they left behind goes all the same.
                await client.DeleteExactlyAsync(session, null, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A user's sessions, the newest first.</summary>
    public IReadOnlyList<SessionInfo> List(string user, string? current)
    {
        var now = time.GetUtcNow();
        return [.. known.ByIndex(ByOwner, user).Select(s => SessionObjects.Read(s, current)).Where(s => s.Expires > now).OrderByDescending(s => s.Created)];
    }

    /// <summary>The session that the caller's token is of, or null when it is of none.</summary>
    public async Task<Secret?> CurrentAsync(Caller caller, CancellationToken ct) =>
        SessionObjects.ClaimOf(caller.Token) is { } claim && await FindAsync(caller.User, claim.Name, ct).ConfigureAwait(false) is { } session && session.Metadata.Uid == claim.Uid ? session : null;

    /// <summary>The session that approved of a program, or null when it has ended.</summary>
    public async Task<Secret?> FindAsync(DeviceApproval approval, CancellationToken ct) =>
        await FindAsync(approval.User, approval.SessionName, ct).ConfigureAwait(false) is { } session && session.Metadata.Uid == approval.SessionUid ? session : null;

    /// <summary>Refuses whoever is locked or on the way out, whatever they hold still: what lets them in ends a moment after the lock.</summary>
    public async Task RequireStandingAsync(string user, CancellationToken ct) =>
        CheckStanding(UserNames.IsValid(user) ? await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) : null);

    /// <summary>The same for what only a session may do.</summary>
    public async Task<Secret> RequireAsync(Caller caller, CancellationToken ct) => await CurrentAsync(caller, ct).ConfigureAwait(false) ?? throw Refusals.NoSession();

    /// <summary>Refuses what needs the person in front of it when they have shown that it is them a while ago.</summary>
    public void RequireFresh(Secret session)
    {
        if (time.GetUtcNow() - SessionObjects.ConfirmedAt(session) > FreshFor)
        {
            throw Refusals.NotFresh();
        }
    }

    /// <summary>Notes that the person has just shown that it is them; answers until when that counts.</summary>
    public async Task<DateTimeOffset> ConfirmAsync(Secret session, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        try
        {
            await client.PatchAsync<Secret>(UserDirectory.AccountsNamespace, session.Metadata.Name!, SessionObjects.Confirmed(session, now), null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Ended meanwhile.
            throw ServiceException.NotSignedIn();
        }

        return now + FreshFor;
    }

    /// <summary>Whether a user has a session from a network.</summary>
    public bool IsKnown(string user, string network) => known.ByIndex(ByOwner, user).Any(s => SessionObjects.Read(s, null) is var session && session.Expires > time.GetUtcNow() && new ClientInfo(session.Address, "").Network == network);

    /// <summary>Ends one session of a user; false when there is none of that name.</summary>
    public async Task<bool> EndAsync(string user, string id, CancellationToken ct) =>
        await FindAsync(user, id, ct).ConfigureAwait(false) is { } session && await client.DeleteExactlyAsync(session, null, ct).ConfigureAwait(false);

    /// <summary>Ends every session of a user but one.</summary>
    public static Task<int> EndAllAsync(KubeClient client, string user, string? but, CancellationToken ct) =>
        AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user, SessionObjects.SecretType), s => s.Metadata.Name != but, ct);

    /// <summary>Ends every session of a user but one that was opened with a passkey, or by a code that such a session approved of.</summary>
    public Task<int> EndOpenedWithAsync(string user, string passkey, string? but, CancellationToken ct) =>
        AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user, SessionObjects.SecretType), s => s.Metadata.Name != but && SessionObjects.PasskeyOf(s) == passkey, ct);

    private async Task<Secret?> FindAsync(string user, string id, CancellationToken ct)
    {
        var isName = id.StartsWith(SessionObjects.Prefix, StringComparison.Ordinal) && UserNames.IsValid(id);
        var session = isName ? await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, id, ct).ConfigureAwait(false) : null;
        return session?.Type == SessionObjects.SecretType && SessionObjects.OwnerOf(session) == user ? session : null;
    }

    /// <summary>Refuses who has proved a credential that was changed since, or who is locked.</summary>
    public async Task CheckAsync(string user, Secret credential, CancellationToken ct)
    {
        var now = await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, credential.Metadata.Name!, ct).ConfigureAwait(false);
        if (now?.Metadata.Uid != credential.Metadata.Uid || now!.Metadata.ResourceVersion != credential.Metadata.ResourceVersion)
        {
            throw Refusals.Wrong();
        }

        var who = await client.FindAsync<User>(null, user, ct).ConfigureAwait(false);
        if (CredentialOwner.IsOfAnother(credential, who))
        {
            throw Refusals.Wrong();
        }

        CheckStanding(who);
    }

    private static void CheckStanding(User? who)
    {
        if (who?.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) is { Length: > 0 })
        {
            throw Refusals.Locked();
        }

        if (who?.Metadata.DeletionTimestamp is not null)
        {
            throw ServiceException.NotSignedIn();
        }
    }

    // Bounds what one user can fill the store with; the session nobody has used for longest is the least missed.
    private async Task EndOldestAsync(string user, CancellationToken ct)
    {
        var sessions = known.ByIndex(ByOwner, user);
        if (sessions.Count >= MostOfOneUser)
        {
            foreach (var oldest in sessions.OrderBy(SessionObjects.CreatedAt).Take(sessions.Count - MostOfOneUser + 1))
            {
                await client.DeleteExactlyAsync(oldest, null, ct).ConfigureAwait(false);
            }
        }
    }
}
