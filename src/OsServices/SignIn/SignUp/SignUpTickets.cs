using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>What lets a stranger in: an invitation to become a user, or a link into a workspace. Used up before the user is made, and given back when it is not.</summary>
internal sealed class SignUpTickets(SignUpInvitations invitations, InvitationService workspaces)
{
    /// <summary>Uses up what a code stands for.</summary>
    public async Task<Ticket> TakeAsync(string? code, string user, CancellationToken ct)
    {
        var text = code?.Trim();
        if (await invitations.TakeAsync(text, user, ct).ConfigureAwait(false) is { } own)
        {
            return new Ticket(own, false);
        }

        try
        {
            return new Ticket(await workspaces.TakeForNewAsync(text, user, ct).ConfigureAwait(false), true);
        }
        catch (ServiceException e) when (e.Status == Microsoft.AspNetCore.Http.StatusCodes.Status404NotFound)
        {
            throw new ServiceException(Microsoft.AspNetCore.Http.StatusCodes.Status403Forbidden, "invitation", "This invitation does not exist, has ended, or was used already; ask for another.", "invitation");
        }
    }

    /// <summary>Gives what the ticket promises besides a user of one's own.</summary>
    public Task EnterAsync(Ticket ticket, string user, CancellationToken ct) => ticket.IsForWorkspace ? workspaces.EnterNewAsync(ticket.Invitation, user, ct) : Task.CompletedTask;

    public Task GiveBackAsync(Ticket ticket, CancellationToken ct) => ticket.IsForWorkspace ? workspaces.GiveBackAsync(ticket.Invitation, ct) : invitations.GiveBackAsync(ticket.Invitation, ct);

    /// <summary>An invitation that is used up.</summary>
    internal sealed record Ticket(Invitation Invitation, bool IsForWorkspace);
}
