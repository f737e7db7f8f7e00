using System.Globalization;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Operators;

/// <summary>
/// Opens a session of a user for an operator who says why: shorter than others, in the user's list of sessions with operator and reason, and told to the
/// user at once. Whoever holds it looks and works as the user, but changes nothing of how they sign in.
/// </summary>
public sealed class Impersonation(KubeClient client, TimeProvider time)
{
    private const int ShortestTokenSeconds = 600;
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>A session of a user.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="by">The operator's name, as the user is told it.</param>
    /// <param name="wanted">Why, and for how long.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ServiceException">There is no such person, or they run the cloud themselves, among others.</exception>
    public async Task<SignInGrant> OpenAsync(string user, string by, ImpersonationRequest wanted, CancellationToken ct)
    {
        var reason = OperatedWorkspace.ReasonOf(wanted.Reason);
        var life = LifeOf(wanted.For);
        await CheckAsync(user, ct).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var session = await client.CreateAsync(SessionObjects.BuildForOperator(user, by, reason, (now, now + life), OperatorSessions.NewName(by)), ct).ConfigureAwait(false);
        var isOpen = false;
        try
        {
            // Told before anybody can use it, and looked at again once it is there: a lock at this moment finds it or is seen.
            var text = $"{by}, who runs this cloud, can act as you until {(now + life).UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC. Reason: {reason}. Your sessions show it, and you may end it there.";
            await new NotificationWriter(client, time).ToUserAsync(user, new Message("An operator has opened a session as you", text, Severity.High), ct).ConfigureAwait(false);
            await CheckAsync(user, ct).ConfigureAwait(false);
            var issued = await AccountTokens.IssueAsync(client, user, session, Math.Max(ShortestTokenSeconds, (long)life.TotalSeconds), ct).ConfigureAwait(false);
            isOpen = true;
            return new SignInGrant(user, issued.Token!, now + life, UserDirectory.WorkspaceOf(user));
        }
        finally
        {
            if (!isOpen)
            {
                // What was left behind goes, though whoever asked may be gone.
                await client.DeleteExactlyAsync(session, null, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan LifeOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Usual;
        }

        var unit = text[^1] switch { 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), _ => TimeSpan.Zero };
        return unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 60 && count * unit <= Longest
            ? count * unit
            : throw ServiceException.Invalid("for", "It holds from 1m to 1h.");
    }

    private async Task CheckAsync(string user, CancellationToken ct)
    {
        var found = UserNames.IsValid(user) ? await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) : null;
        if (found is null || found.IsTeam() || found.Metadata.DeletionTimestamp is not null)
        {
            throw ServiceException.NotFound("There is no such person.");
        }

        if (user == UserDirectory.AdminName)
        {
            throw ServiceException.Forbidden("Nobody acts as the operator's user but by signing in.");
        }

        if (found.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) is { Length: > 0 })
        {
            throw ServiceException.Conflict("This user is locked: unlock them first.");
        }
    }
}
