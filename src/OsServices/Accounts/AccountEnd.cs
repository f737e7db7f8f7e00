using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Accounts;

/// <summary>
/// The end of people's own accounts, by their own wish. What is decided here is one mark on the user; the users' controller does all that follows, so
/// what was begun is brought to its end whatever happens to this process.
/// </summary>
internal sealed class AccountEnd(WorkspaceParts parts)
{
    private const string Operators = "Whoever runs the cloud is not deleted or merged: nobody would run it.";

    private readonly WorkspaceService _workspaces = new(parts);

    /// <summary>What goes with the caller's account.</summary>
    public async Task<AccountHoldings> HoldingsAsync(Caller caller, CancellationToken ct)
    {
        var teams = (await parts.Reader.ListAsync(caller, ct).ConfigureAwait(false)).Where(w => w.Kind == "team").ToList();
        var owned = teams.Where(t => t.Owner == caller.User).ToList();
        var contents = await ContentsAsync(caller, ct).ConfigureAwait(false);
        return new AccountHoldings(caller.User, contents, owned, [.. teams.Except(owned)], IsOperators(caller) ? Operators : Obstacle(owned));
    }

    /// <summary>Deletes the caller's account, and waits until it is gone.</summary>
    public async Task DeleteAsync(Caller caller, string? typed, CancellationToken ct)
    {
        if (typed != caller.User)
        {
            throw ServiceException.Invalid("name", "Type the name of your account to delete it.");
        }

        if (IsOperators(caller))
        {
            throw ServiceException.Forbidden(Operators);
        }

        await WaitAsync(await DecideAsync(caller.User, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
    }

    /// <summary>Passes what another account of the caller's has to the caller's, and deletes the other.</summary>
    /// <param name="caller">Who stays.</param>
    /// <param name="other">Who has shown to be the same person.</param>
    /// <param name="deleteWorkspace">Whether the other's private workspace goes with what is in it.</param>
    /// <param name="ct">Ends the wait; what was begun goes on.</param>
    public async Task<AccountMerged> MergeAsync(Caller caller, Caller other, bool deleteWorkspace, CancellationToken ct)
    {
        if (other.User == caller.User)
        {
            throw ServiceException.Invalid("token", "This session is of the account you are signed in with: sign in as the other one.");
        }

        if (IsOperators(caller) || IsOperators(other))
        {
            throw ServiceException.Forbidden(Operators);
        }

        await WaitAsync(await DecideAsync(caller, other, deleteWorkspace, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        return new AccountMerged(other.User, caller.User);
    }

    // A turn ends with the decision, so nobody waits for what somebody else's workspace takes to go.
    private async Task<User> DecideAsync(string name, CancellationToken ct)
    {
        using var turn = await parts.Turns.TakeAsync("teams/" + name, ct).ConfigureAwait(false);
        var user = await PersonAsync(name, ct).ConfigureAwait(false);
        await RequireNotAwaitedAsync(user, ct).ConfigureAwait(false);
        if (Obstacle(await OwnedAsync(name, ct).ConfigureAwait(false)) is { } obstacle)
        {
            throw ServiceException.Conflict(obstacle);
        }

        await MarkAsync(user, null, ct).ConfigureAwait(false);
        return user;
    }

    private async Task<User> DecideAsync(Caller caller, Caller other, bool deleteWorkspace, CancellationToken ct)
    {
        // One after the other: of two that are to become part of each other, one stays.
        using var turn = await parts.Turns.TakeAsync("merges", ct).ConfigureAwait(false);
        var heir = await PersonAsync(caller.User, ct).ConfigureAwait(false);
        var user = await PersonAsync(other.User, ct).ConfigureAwait(false);
        await RequireNotAwaitedAsync(user, ct).ConfigureAwait(false);
        await CheckRoomAsync(caller.User, other.User, ct).ConfigureAwait(false);
        if (!deleteWorkspace && await ContentsAsync(other, ct).ConfigureAwait(false) is { Count: > 0 } contents)
        {
            throw ServiceException.Conflict($"The private workspace of {other.User} holds {Words(contents)}: empty it, or ask for its deletion.");
        }

        await MarkAsync(user, heir, ct).ConfigureAwait(false);
        return user;
    }

    private static string Words(IEnumerable<ContentView> contents) => string.Join(", ", contents.Select(c => $"{c.Count} {c.Kind}"));

    private static bool IsOperators(Caller caller) => caller.IsOperator || caller.User == UserDirectory.AdminName;

    private static string? Obstacle(IReadOnlyCollection<WorkspaceView> owned) => owned.Count == 0
        ? null
        : $"You own {string.Join(", ", owned.Select(t => t.Name == t.Id ? t.Id : $"{t.Name} ({t.Id})"))}: hand over or delete what others may need first.";

    private async Task RequireNotAwaitedAsync(User user, CancellationToken ct)
    {
        if (await UserLeaving.IsAwaitedAsync(parts.Client, user, ct).ConfigureAwait(false))
        {
            throw ServiceException.Conflict($"Another account is becoming part of {user.Metadata.Name} at the moment: try again when that is done.");
        }
    }

    private async Task MarkAsync(User user, User? heir, CancellationToken ct)
    {
        try
        {
            await parts.Client.PatchAsync<User>(null, user.Metadata.Name!, UserLeaving.Ask(user, heir, parts.Time.GetUtcNow()), null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            throw ServiceException.Conflict("The account was changed at the same moment, and nothing was deleted: try again.");
        }
    }

    private async Task WaitAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var (isDone, last) = await parts.Wait.UntilAsync<User>(
            null, name, u => u is null || u.Metadata.Uid != user.Metadata.Uid || (u.Metadata.DeletionTimestamp is null && !UserLeaving.IsAskedFor(u)), parts.Options.DeletionPatience, ct).ConfigureAwait(false);
        if (!isDone)
        {
            throw ServiceException.TooLate("The account can no longer be used. Deleting what it has takes longer than usual; it goes on by itself.");
        }

        if (last is not null && last.Metadata.Uid == user.Metadata.Uid)
        {
            throw ServiceException.Conflict(Obstacle(await OwnedAsync(name, ct).ConfigureAwait(false)) ?? "The account was locked, or another became part of it, or the one it was to become part of is gone: it was not deleted.");
        }
    }

    private async Task<User> PersonAsync(string name, CancellationToken ct) =>
        await parts.Client.FindAsync<User>(null, name, ct).ConfigureAwait(false) is { } user && Requesters.IsPerson(user) ? user : throw ServiceException.NotSignedIn();

    private async Task<IReadOnlyList<WorkspaceView>> OwnedAsync(string user, CancellationToken ct)
    {
        var teams = await parts.Client.ListAsync<User>(null, UsersObjects.TeamsOf(user), ct).ConfigureAwait(false);
        return [.. teams.Items.Where(t => t.Metadata.DeletionTimestamp is null).Select(t => WorkspaceReader.View(t, UserRoles.Owner))];
    }

    private async Task<IReadOnlyList<ContentView>> ContentsAsync(Caller caller, CancellationToken ct) => await _workspaces.ContentsAsync(caller, caller.User, ct).ConfigureAwait(false);

    // Else one account would have what nobody may have, and could not take anything away from it again.
    private async Task CheckRoomAsync(string into, string from, CancellationToken ct)
    {
        var teams = await parts.Reader.CountTeamsAsync(into, ct).ConfigureAwait(false) + await parts.Reader.CountTeamsAsync(from, ct).ConfigureAwait(false);
        if (teams > parts.Options.MaxTeams)
        {
            throw ServiceException.Limit($"The two accounts own {teams} teams, and one may own {parts.Options.MaxTeams}: hand some over or delete them first.");
        }

        var store = new PasskeyStore(parts.Client);
        var passkeys = ((await store.FindAsync(into, ct).ConfigureAwait(false))?.All.Count ?? 0) + ((await store.FindAsync(from, ct).ConfigureAwait(false))?.All.Count ?? 0);
        if (passkeys > PasskeyStore.Most)
        {
            throw ServiceException.Limit($"The two accounts have {passkeys} passkeys, and one may have {PasskeyStore.Most}: remove some first.");
        }
    }
}
