using Sealos.ControllerKit.Client;

namespace Sealos.OsServices.Users;

/// <summary>
/// Invitations that are used up before their user is made. A server that ends in between leaves one that nobody has come in by: it can be used
/// again once that is certain.
/// </summary>
internal static class InvitationUse
{
    // Far longer than making a user takes: two must not come in by one invitation.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>What an invitation says once somebody uses it up.</summary>
    public static InvitationStatus By(string user, DateTimeOffset now) => new() { Phase = InvitationStatus.Accepted, AcceptedBy = user, AcceptedAt = now };

    /// <summary>Whether one waits for somebody, and has not ended.</summary>
    public static bool IsOpen(Invitation invitation, DateTimeOffset now) => invitation.Status?.Phase is null or InvitationStatus.Pending && !IsOver(invitation, now);

    /// <summary>Whether nobody will ever come in by one any more, so that it can be taken away.</summary>
    public static async Task<bool> HasEndedAsync(KubeClient client, Invitation invitation, DateTimeOffset now, CancellationToken ct) =>
        IsOver(invitation, now) || (!IsOpen(invitation, now) && !IsInUse(invitation, now) && !await IsAbandonedAsync(client, invitation, now, ct).ConfigureAwait(false));

    /// <summary>Whether one can be used: it is open, or whoever used it up never came to be.</summary>
    public static async Task<bool> IsUsableAsync(KubeClient client, Invitation invitation, DateTimeOffset now, CancellationToken ct) =>
        IsOpen(invitation, now) || (!IsOver(invitation, now) && await IsAbandonedAsync(client, invitation, now, ct).ConfigureAwait(false));

    private static bool IsOver(Invitation invitation, DateTimeOffset now) => invitation.Spec?.ExpiresAt <= now;

    private static bool IsInUse(Invitation invitation, DateTimeOffset now) => invitation.Status is { Phase: InvitationStatus.Accepted, AcceptedAt: { } at } && now - at < Longest;

    // The end of a user takes along what they came in by, so nobody who was there is meant.
    private static async Task<bool> IsAbandonedAsync(KubeClient client, Invitation invitation, DateTimeOffset now, CancellationToken ct) =>
        invitation.Status is { Phase: InvitationStatus.Accepted, AcceptedBy: { Length: > 0 } by, AcceptedAt: not null } && !IsInUse(invitation, now)
        && await client.FindAsync<User>(null, by, ct).ConfigureAwait(false) is null;
}
