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
        Patch(user, UserKeys.StatusDeleted, now.ToString("O", CultureInfo.InvariantCulture), heir is null ? null : HeirOf(heir));

    /// <summary>Takes the next steps; answers when to look again.</summary>
    public async Task<TimeSpan> GoOnAsync(User known, CancellationToken ct)
    {
        var name = known.Metadata.Name!;
        var user = await client.FindAsync<User>(null, name, ct).ConfigureAwait(false);
        if (user is null || user.Metadata.Uid != known.Metadata.Uid || user.Metadata.DeletionTimestamp is not null || !IsAskedFor(user))
        {
            return WhileGoing;
        }

        if (!await IsDecidedAsync(user, ct).ConfigureAwait(false))
        {
            if (!await IsLetGoAsync(user, ct).ConfigureAwait(false))
            {
                await client.PatchAsync<User>(null, name, Patch(user, null, null, null), null, ct).ConfigureAwait(false);
                return WhileGoing;
            }

            await RequestAsync(user, ct).ConfigureAwait(false);
        }

        await credentials.EndAllAsync(name, withPassword: true, ct).ConfigureAwait(false);
        return WhileGoing;
    }

    /// <summary>Whether another account is about to become part of a user's.</summary>
    public static async Task<bool> IsAwaitedAsync(KubeClient client, User user, CancellationToken ct)
    {
        var leaving = await client.ListAsync<User>(null, new ListQuery { LabelSelector = $"{UserKeys.Status}={UserKeys.StatusDeleted}" }, ct).ConfigureAwait(false);
        return leaving.Items.Exists(u => u.Metadata.DeletionTimestamp is null && IsAskedFor(u) && u.Metadata.Annotations!.GetValueOrDefault(UserKeys.MergedInto) == HeirOf(user));
    }

    private static string HeirOf(User heir) => $"{heir.Metadata.Name}{Between}{heir.Metadata.Uid}";

    // Once the end is asked for nothing is taken back: nobody could sign in to what would be left.
    private async Task<bool> IsDecidedAsync(User user, CancellationToken ct) =>
        await client.FindAsync<DeleteRequest>(null, RequestOf(user), ct).ConfigureAwait(false) is { } request && request.Spec?.User == user.Metadata.Name && request.Status?.Phase != RequestPhases.Failed;

    // A team that came to be theirs at the last moment is not deleted with them, nor what is being passed to them; nor is anything when there is
    // nobody to pass it to.
    private async Task<bool> IsLetGoAsync(User user, CancellationToken ct)
    {
        if (await IsAwaitedAsync(client, user, ct).ConfigureAwait(false))
        {
            return false;
        }

        if (user.Metadata.Annotations!.GetValueOrDefault(UserKeys.MergedInto) is not { } text)
        {
            return !await OwnsTeamsAsync(user, ct).ConfigureAwait(false);
        }

        if (text.Split(Between) is not [var name, var uid] || await client.FindAsync<User>(null, name, ct).ConfigureAwait(false) is not { Metadata.DeletionTimestamp: null } heir || heir.Metadata.Uid != uid)
        {
            return false;
        }

        // What has been passed to somebody is not given back, so who is locked meanwhile gets the rest, too, and who wants to leave stays or is gone first.
        if (IsAskedFor(heir))
        {
            throw new ApiException(409, "Conflict", $"{name}, whom {user.Metadata.Name} is to become part of, is leaving");
        }

        await merge.PassOnAsync(user, heir, ct).ConfigureAwait(false);
        if (await OwnsTeamsAsync(user, ct).ConfigureAwait(false))
        {
            throw new ApiException(409, "Conflict", $"{user.Metadata.Name} got another team at the same moment");
        }

        return true;
    }

    private async Task<bool> OwnsTeamsAsync(User user, CancellationToken ct)
    {
        var teams = await client.ListAsync<User>(null, UsersObjects.TeamsOf(user.Metadata.Name!), ct).ConfigureAwait(false);
        return teams.Items.Exists(t => t.Metadata.DeletionTimestamp is null);
    }

    private static string RequestOf(User user) => $"leave-{user.Metadata.Uid}";

    // Of one name, so that it is asked for once; one that failed, as when nobody carried it out in time, is asked for anew.
    private async Task RequestAsync(User user, CancellationToken ct)
    {
        var request = new DeleteRequest { Metadata = new ObjectMeta { Name = RequestOf(user) }, Spec = new DeleteRequestSpec { User = user.Metadata.Name! } };
        if (!await client.TryCreateAsync(request, ct).ConfigureAwait(false)
            && await client.FindAsync<DeleteRequest>(null, request.Metadata.Name!, ct).ConfigureAwait(false) is { Status.Phase: RequestPhases.Failed } failed)
        {
            await client.DeleteExactlyAsync(failed, null, ct).ConfigureAwait(false);
            await client.TryCreateAsync(request, ct).ConfigureAwait(false);
        }
    }

    // Of the version that was read: a lock that came meanwhile is not written over.
    private static JsonObject Patch(User user, string? status, string? leaving, string? heir) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = user.Metadata.Uid,
            ["resourceVersion"] = user.Metadata.ResourceVersion,
            ["labels"] = new JsonObject { [UserKeys.Status] = status },
            ["annotations"] = new JsonObject { [UserKeys.Leaving] = leaving, [UserKeys.MergedInto] = heir },
        },
    };
}
