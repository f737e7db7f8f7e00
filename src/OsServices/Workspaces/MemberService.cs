using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Changes who is what in a workspace, by requests that are made with the caller's own credential.</summary>
internal sealed class MemberService(WorkspaceParts parts)
{
    public async Task<IReadOnlyList<MemberView>> ListAsync(Caller caller, string id, CancellationToken ct)
    {
        var seat = await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false);
        return await parts.Reader.MembersAsync(seat.Namespace, ct).ConfigureAwait(false);
    }

    /// <summary>Gives a member another role; whoever is not in is invited instead.</summary>
    public async Task SetRoleAsync(Caller caller, string id, string member, string? role, CancellationToken ct)
    {
        var wanted = WorkspaceRules.RoleOf(role);
        var (seat, user, current) = await FindAsync(caller, id, member, ct).ConfigureAwait(false);
        if (wanted == UserRoles.Owner)
        {
            throw ServiceException.Invalid("role", "A workspace has one owner: hand it over instead.");
        }

        // Whoever may not change a role is told so, even where nothing would change.
        var request = new OperationrequestSpec { Namespace = seat.Namespace, User = user, Role = wanted, Action = "Update" };
        Check(caller, seat, current, request);
        if (wanted != current)
        {
            await RequestAsync(caller, request, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a member out, maybe the caller.</summary>
    public async Task RemoveAsync(Caller caller, string id, string member, CancellationToken ct)
    {
        var (seat, user, current) = await FindAsync(caller, id, member, ct).ConfigureAwait(false);
        await ChangeAsync(caller, seat, current, new OperationrequestSpec { Namespace = seat.Namespace, User = user, Role = current, Action = "Deprive" }, ct).ConfigureAwait(false);
    }

    /// <summary>Makes another member the owner, and the owner a developer.</summary>
    public async Task TransferAsync(Caller caller, string id, string? member, CancellationToken ct)
    {
        var (seat, user, current) = await FindAsync(caller, id, member, ct).ConfigureAwait(false);
        seat.AtLeast(UserRoles.Owner, "Only the owner may hand a workspace over.");
        if (current == UserRoles.Owner)
        {
            throw ServiceException.Conflict($"'{user}' owns the workspace already.");
        }

        await ChangeAsync(caller, seat, current, new OperationrequestSpec { Namespace = seat.Namespace, User = user, Role = UserRoles.Owner, Action = "Update" }, ct).ConfigureAwait(false);
    }

    /// <summary>Asks for a change with the caller's own credential, or, without one, with the service's, and waits until it is made.</summary>
    public async Task RequestAsync(Caller? caller, OperationrequestSpec wanted, CancellationToken ct)
    {
        using var own = caller is null ? null : parts.Callers.For(caller.Token);
        var request = new Operationrequest
        {
            Metadata = new ObjectMeta { Name = $"{wanted.User}-{WorkspaceRules.NewSuffix(8)}", Namespace = UserDirectory.AccountsNamespace },
            Spec = wanted,
        };
        var made = await (own ?? parts.Client).CreateAsync(request, ct).ConfigureAwait(false);
        var (isDone, last) = await parts.Wait.UntilAsync<Operationrequest>(
            UserDirectory.AccountsNamespace, made.Metadata.Name!, r => r is null || r.Status?.Phase is "Completed" or "Failed", parts.Options.Patience, ct).ConfigureAwait(false);
        if (last?.Status?.Phase == "Failed")
        {
            throw ServiceException.Conflict(last.Status.Message ?? "The change could not be made.");
        }

        if (!isDone)
        {
            throw ServiceException.TooLate("The change takes longer than usual; it goes on by itself.");
        }
    }

    private Task ChangeAsync(Caller caller, Seat seat, string current, OperationrequestSpec wanted, CancellationToken ct)
    {
        Check(caller, seat, current, wanted);
        return RequestAsync(caller, wanted, ct);
    }

    /// <summary>Refuses a change by the rules that admission has, too.</summary>
    private static void Check(Caller caller, Seat seat, string current, OperationrequestSpec wanted)
    {
        var isFree = caller.IsOperator && current != UserRoles.Owner;
        if (!isFree && RoleRules.Refusal(seat.Role, current, wanted.Role, wanted.Action, wanted.User == caller.User) is { } refusal)
        {
            throw ServiceException.Forbidden(refusal);
        }
    }

    private async Task<(Seat Seat, string User, string Role)> FindAsync(Caller caller, string id, string? member, CancellationToken ct)
    {
        var user = WorkspaceRules.UserOf(member);
        var seat = (await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false)).Team("A private workspace is one person's: there is nobody else in it.");
        var role = await parts.Reader.RoleOfAsync(user, seat.Namespace, ct).ConfigureAwait(false)
            ?? throw ServiceException.NotFound($"'{user}' is not a member of this workspace.");
        return (seat, user, role);
    }
}
