using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Invites into workspaces: a user by name, or whoever first brings the code of a link.</summary>
internal sealed class InvitationService(WorkspaceParts parts, MemberService members)
{
    private const string Ns = UserDirectory.AccountsNamespace;

    // Where invitations are found by; what they say is in their spec.
    private const string WorkspaceLabel = "user.sealos.io/workspace";
    private const string InvitedLabel = "user.sealos.io/invited";

    private const int CodeBytes = 24;

    /// <summary>Invites; the answer to a link holds its code, this once.</summary>
    public async Task<InvitationView> CreateAsync(Caller caller, string id, InvitationRequest wanted, CancellationToken ct)
    {
        parts.RequireTeams();
        var role = WorkspaceRules.RoleOf(wanted.Role);
        var user = wanted.User is null ? null : WorkspaceRules.UserOf(wanted.User);
        var lifetime = WorkspaceRules.DurationOf(wanted.ExpiresIn, parts.Options.InvitationLifetime, parts.Options.MaxInvitationLifetime);
        var seat = (await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false)).Team("A private workspace is one person's: make a team to work with others.");
        CheckGrant(role, seat.Role, caller.IsOperator);
        if (user is not null && await parts.Reader.RoleOfAsync(user, seat.Namespace, ct).ConfigureAwait(false) is not null)
        {
            throw ServiceException.Conflict($"'{user}' is a member already.");
        }

        if (user == UserDirectory.AdminName)
        {
            throw ServiceException.Invalid("user", "Whoever runs the cloud is not invited: what is theirs is bound by no rule.");
        }

        // Answered alike whether there is such a person or not: one that is for nobody is accepted by nobody, and ends by itself.
        var invited = user is null ? null : await PersonAsync(user, ct).ConfigureAwait(false);
        using var turn = await parts.Turns.TakeAsync("invitations/" + seat.Id, ct).ConfigureAwait(false);
        var kept = await KeptAsync(seat.Namespace, ct).ConfigureAwait(false);
        if (kept.Count >= parts.Options.MaxInvitations)
        {
            throw ServiceException.Limit($"{kept.Count} invitations wait for an answer already, which is the most there may be; revoke one first.");
        }

        var code = user is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes)) : null;
        var made = await parts.Client.CreateAsync(Invitation(seat, caller.User, role, (user, invited?.Metadata.Uid), code, lifetime), ct).ConfigureAwait(false);
        return View(made, seat.Workspace, code);
    }

    /// <summary>The invitations to a workspace; only those who may make some see them.</summary>
    public async Task<IReadOnlyList<InvitationView>> ListAsync(Caller caller, string id, CancellationToken ct)
    {
        var seat = await SeatOfInviterAsync(caller, id, ct).ConfigureAwait(false);
        return [.. (await KeptAsync(seat.Namespace, ct).ConfigureAwait(false)).Select(i => View(i, seat.Workspace, null))];
    }

    /// <summary>Takes an invitation back.</summary>
    public async Task RevokeAsync(Caller caller, string id, string invitation, CancellationToken ct)
    {
        var seat = await SeatOfInviterAsync(caller, id, ct).ConfigureAwait(false);
        var found = await FindAsync(invitation, ct).ConfigureAwait(false);
        if (found?.Spec?.Namespace != seat.Namespace)
        {
            throw ServiceException.NotFound("There is no such invitation to this workspace.");
        }

        CheckGrant(found.Spec.Role!, seat.Role, caller.IsOperator);
        await parts.Client.DeleteExactlyAsync(found, null, ct).ConfigureAwait(false);
    }

    /// <summary>The caller's own invitations that wait for an answer.</summary>
    public async Task<IReadOnlyList<InvitationView>> MineAsync(Caller caller, CancellationToken ct)
    {
        var found = await parts.Client.ListAsync<Invitation>(Ns, new ListQuery { LabelSelector = $"{InvitedLabel}={caller.User}" }, ct).ConfigureAwait(false);
        var self = found.Items.Count == 0 ? null : await PersonAsync(caller.User, ct).ConfigureAwait(false);
        var open = found.Items.Where(i => IsFor(i, self) && IsOpen(i)).ToList();
        var teams = await Task.WhenAll(open.Select(i => parts.Client.FindAsync<User>(null, WorkspaceOf(i), ct))).ConfigureAwait(false);
        return [.. open.Zip(teams).Where(p => p.Second is not null).Select(p => View(p.First, p.Second!, null))];
    }

    /// <summary>Lets the caller in who was invited by name.</summary>
    public async Task<WorkspaceView> AcceptAsync(Caller caller, string invitation, CancellationToken ct)
    {
        var found = await FindAsync(invitation, ct).ConfigureAwait(false);
        return await EnterAsync(caller.User, IsFor(found, await PersonAsync(caller.User, ct).ConfigureAwait(false)) ? found : null, ct).ConfigureAwait(false);
    }

    /// <summary>Lets the caller in who brings a link's code.</summary>
    public async Task<WorkspaceView> AcceptCodeAsync(Caller caller, string? code, CancellationToken ct)
    {
        return await EnterAsync(caller.User, await OfCodeAsync(code, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
    }

    /// <summary>Uses a link up for somebody who is about to be a user.</summary>
    public async Task<Invitation> TakeForNewAsync(string? code, string user, CancellationToken ct)
    {
        var (found, _) = await CheckAsync(user, await OfCodeAsync(code, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        return await MarkAsync(found, InvitationUse.By(user, parts.Time.GetUtcNow()), ct).ConfigureAwait(false);
    }

    /// <summary>Lets in whom the link was used up for.</summary>
    public Task EnterNewAsync(Invitation taken, string user, CancellationToken ct) =>
        members.RequestAsync(null, new OperationrequestSpec { Namespace = taken.Spec!.Namespace!, User = user, Role = taken.Spec.Role!, Action = "Grant" }, ct);

    /// <summary>Lets a link be used again whose user was not made after all.</summary>
    public Task GiveBackAsync(Invitation taken, CancellationToken ct) => MarkAsync(taken, new InvitationStatus { Phase = InvitationStatus.Pending }, ct);

    /// <summary>Says no to an invitation by name.</summary>
    public async Task DeclineAsync(Caller caller, string invitation, CancellationToken ct)
    {
        var found = await FindAsync(invitation, ct).ConfigureAwait(false);
        if (found is null || !IsFor(found, await PersonAsync(caller.User, ct).ConfigureAwait(false)) || !IsOpen(found))
        {
            throw Unknown();
        }

        await MarkAsync(found, new InvitationStatus { Phase = InvitationStatus.Declined }, ct).ConfigureAwait(false);
    }

    private static ServiceException Unknown() => ServiceException.NotFound("This invitation does not exist, has ended, or was used already.");

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(code)));

    // Found by the code's hash, without a look at all there are.
    private static string NameOf(string code) => "link-" + HashOf(code)[..32];

    private static string WorkspaceOf(Invitation invitation) => WorkspaceRules.IdOf(invitation.Spec!.Namespace);

    private static void CheckGrant(string role, string inviterRole, bool isOperator)
    {
        if (role == UserRoles.Owner)
        {
            throw ServiceException.Invalid("role", "An invitation may make a Manager or a Developer: a workspace has one owner.");
        }

        if (!isOperator && RoleRules.Refusal(inviterRole, null, role, "Grant", false) is { } refusal)
        {
            throw ServiceException.Forbidden(refusal);
        }
    }

    private async Task<Seat> SeatOfInviterAsync(Caller caller, string id, CancellationToken ct) =>
        (await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false)).AtLeast(UserRoles.Manager, "Only the owner and managers see invitations.");

    private async Task<Invitation?> FindAsync(string name, CancellationToken ct) => name.Length <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        ? await parts.Client.FindAsync<Invitation>(Ns, name, ct).ConfigureAwait(false)
        : null;

    private async Task<User?> PersonAsync(string name, CancellationToken ct) =>
        await parts.Client.FindAsync<User>(null, name, ct).ConfigureAwait(false) is { Metadata.DeletionTimestamp: null } user && !user.IsTeam() ? user : null;

    // A name may be somebody else's by now.
    private static bool IsFor(Invitation? invitation, User? user) =>
        user?.Metadata is { Uid: { } uid, Name: { } name } && invitation?.Spec?.User == name && invitation.Spec.UserUid == uid;

    private bool IsOpen(Invitation invitation) => InvitationUse.IsOpen(invitation, parts.Time.GetUtcNow());

    /// <summary>The open invitations to a workspace; what has ended is taken away when it is come upon.</summary>
    private async Task<List<Invitation>> KeptAsync(string ns, CancellationToken ct)
    {
        var found = await parts.Client.ListAsync<Invitation>(Ns, new ListQuery { LabelSelector = $"{WorkspaceLabel}={ns}" }, ct).ConfigureAwait(false);
        foreach (var invitation in found.Items.Where(i => !IsOpen(i)))
        {
            if (await InvitationUse.HasEndedAsync(parts.Client, invitation, parts.Time.GetUtcNow(), ct).ConfigureAwait(false))
            {
                await parts.Client.DeleteExactlyAsync(invitation, null, ct).ConfigureAwait(false);
            }
        }

        return [.. found.Items.Where(IsOpen)];
    }

    private async Task<Invitation?> OfCodeAsync(string? code, CancellationToken ct)
    {
        var text = code?.Trim() ?? "";
        var found = text.Length == CodeBytes * 2 ? await FindAsync(NameOf(text), ct).ConfigureAwait(false) : null;
        return found?.Spec?.CodeHash is { } hash && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(HashOf(text))) ? found : null;
    }

    /// <summary>Refuses an invitation that lets nobody in, or not this one; answers its team, too.</summary>
    private async Task<(Invitation Invitation, User Team)> CheckAsync(string user, Invitation? invitation, CancellationToken ct)
    {
        if (invitation?.Spec is not { Namespace: { } ns, Role: { } role } spec
            || !await InvitationUse.IsUsableAsync(parts.Client, invitation, parts.Time.GetUtcNow(), ct).ConfigureAwait(false))
        {
            throw Unknown();
        }

        var team = await parts.Client.FindAsync<User>(null, WorkspaceOf(invitation), ct).ConfigureAwait(false) ?? throw Unknown();
        var inviterRole = await parts.Reader.RoleOfAsync(spec.InvitedBy, ns, ct).ConfigureAwait(false);
        if (spec.InvitedBy != UserDirectory.AdminName && RoleRules.Refusal(inviterRole, null, role, "Grant", false) is not null)
        {
            throw ServiceException.Forbidden("Whoever invited you may not do so any more; ask for a new invitation.");
        }

        var present = await parts.Reader.MembersAsync(ns, ct).ConfigureAwait(false);
        if (present.Any(m => m.User == user))
        {
            throw ServiceException.Conflict("You are a member of this workspace already.");
        }

        return present.Count < parts.Options.MaxMembers ? (invitation, team) : throw ServiceException.Limit($"The workspace has {present.Count} members already, which is the most there may be.");
    }

    /// <summary>Uses an invitation up, and then lets the caller in.</summary>
    private async Task<WorkspaceView> EnterAsync(string user, Invitation? wanted, CancellationToken ct)
    {
        using var turn = await parts.Turns.TakeAsync("members/" + wanted?.Spec?.Namespace, ct).ConfigureAwait(false);
        var (invitation, team) = await CheckAsync(user, wanted, ct).ConfigureAwait(false);
        var used = await MarkAsync(invitation, InvitationUse.By(user, parts.Time.GetUtcNow()), ct).ConfigureAwait(false);
        try
        {
            await EnterNewAsync(used, user, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ServiceException { Code: "conflict" } or ApiException)
        {
            await GiveBackAsync(used, ct).ConfigureAwait(false);
            throw;
        }

        return WorkspaceReader.View(team, used.Spec!.Role!);
    }

    /// <summary>Says how an invitation ended. Whoever writes first wins: the object's version is the lock.</summary>
    private async Task<Invitation> MarkAsync(Invitation invitation, InvitationStatus status, CancellationToken ct)
    {
        invitation.Status = status;
        try
        {
            return await parts.Client.UpdateStatusAsync(invitation, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            throw Unknown();
        }
    }

    private Invitation Invitation(Seat seat, string inviter, string role, (string? Name, string? Uid) invited, string? code, TimeSpan lifetime)
    {
        var labels = new Dictionary<string, string> { [WorkspaceLabel] = seat.Namespace };
        if (invited.Name is not null)
        {
            labels[InvitedLabel] = invited.Name;
        }

        return new Invitation
        {
            Metadata = new ObjectMeta { Name = code is null ? "invite-" + WorkspaceRules.NewSuffix(12) : NameOf(code), Namespace = Ns, Labels = labels },
            Spec = new InvitationSpec
            {
                Namespace = seat.Namespace,
                Role = role,
                InvitedBy = inviter,
                User = invited.Name,
                UserUid = invited.Uid,
                CodeHash = code is null ? null : HashOf(code),
                ExpiresAt = parts.Time.GetUtcNow() + lifetime,
            },
        };
    }

    private InvitationView View(Invitation invitation, User team, string? code) => new(
        invitation.Metadata.Name!,
        team.Metadata.Name!,
        WorkspaceReader.NameOf(team, team.Metadata.Name!),
        invitation.Spec!.Role!,
        invitation.Spec.User,
        invitation.Spec.InvitedBy,
        IsOpen(invitation) ? "pending" : invitation.Status?.Phase is null or InvitationStatus.Pending ? "expired" : invitation.Status.Phase.ToLowerInvariant(),
        invitation.Spec.ExpiresAt,
        code);
}
