using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Users;

/// <summary>
/// People who end their own account, or merge it into another of theirs. The mark on the user is the whole of the decision; what follows from it is done
/// here, in steps that can be taken again.
/// </summary>
internal sealed class UserLeaving(KubeClient client, UserCredentials credentials, UserMerge merge)
{
    private const char Between = '/';

    private static readonly TimeSpan WhileGoing = TimeSpan.FromSeconds(30);

    /// <summary>Whether a person has asked for their own end.</summary>
    public static bool IsAskedFor(User user) =>
        !user.IsTeam() && user.Metadata.Name != UserDirectory.AdminName && user.Metadata.Annotations?.ContainsKey(UserKeys.Leaving) == true && user.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) == UserKeys.StatusDeleted;

    /// <summary>Asks for somebody's end, with what they have passed to <paramref name="heir"/> before, if there is one; only of this very user.</summary>
    public static JsonObject Ask(User user, User? heir, DateTimeOffset now) =>
        Patch(user, UserKeys.StatusDeleted, now.ToString("O", CultureInfo.InvariantCulture), heir is null ? null : $"{heir.Metadata.Name}{Between}{heir.Metadata.Uid}");

    /// <summary>Takes the next steps; answers when to look again.</summary>
    public async Task<TimeSpan> GoOnAsync(User known, CancellationToken ct)
    {
        var name = known.Metadata.Name!;
        var user = await client.FindAsync<User>(null, name, ct).ConfigureAwait(false);
        if (user is null || user.Metadata.Uid != known.Metadata.Uid || user.Metadata.DeletionTimestamp is not null || !IsAskedFor(user))
        {
            return WhileGoing;
        }

        if (!await IsLetGoAsync(user, ct).ConfigureAwait(false))
        {
            await client.PatchAsync<User>(null, name, Patch(user, null, null, null), null, ct).ConfigureAwait(false);
            return WhileGoing;
        }

        await credentials.EndAllAsync(name, withPassword: true, ct).ConfigureAwait(false);
        await RequestAsync(user, ct).ConfigureAwait(false);
        return WhileGoing;
    }

    // A team that came to be theirs at the last moment is not deleted with them; nor is anything when there is nobody to pass it to.
    private async Task<bool> IsLetGoAsync(User user, CancellationToken ct)
    {
        if (user.Metadata.Annotations!.GetValueOrDefault(UserKeys.MergedInto) is { } text)
        {
            var heir = text.Split(Between) is [var name, var uid] && await client.FindAsync<User>(null, name, ct).ConfigureAwait(false) is { } found && found.Metadata.Uid == uid ? found : null;
            if (heir is null || !Requesters.IsPerson(heir))
            {
                return false;
            }

            await merge.PassOnAsync(user, heir, ct).ConfigureAwait(false);
        }

        var teams = await client.ListAsync<User>(null, UsersObjects.TeamsOf(user.Metadata.Name!), ct).ConfigureAwait(false);
        return teams.Items.TrueForAll(t => t.Metadata.DeletionTimestamp is not null);
    }

    // Of one name, so that it is asked for once; one that failed, as when nobody carried it out in time, is asked for anew.
    private async Task RequestAsync(User user, CancellationToken ct)
    {
        var request = new DeleteRequest { Metadata = new ObjectMeta { Name = $"leave-{user.Metadata.Uid}" }, Spec = new DeleteRequestSpec { User = user.Metadata.Name! } };
        if (!await client.TryCreateAsync(request, ct).ConfigureAwait(false)
            && await client.FindAsync<DeleteRequest>(null, request.Metadata.Name!, ct).ConfigureAwait(false) is { Status.Phase: RequestPhases.Failed } failed)
        {
            await client.DeleteExactlyAsync(failed, null, ct).ConfigureAwait(false);
            await client.TryCreateAsync(request, ct).ConfigureAwait(false);
        }
    }

    private static JsonObject Patch(User user, string? status, string? leaving, string? heir) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = user.Metadata.Uid,
            ["labels"] = new JsonObject { [UserKeys.Status] = status },
            ["annotations"] = new JsonObject { [UserKeys.Leaving] = leaving, [UserKeys.MergedInto] = heir },
        },
    };
}
