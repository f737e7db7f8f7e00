using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// What of a user's ways in is about to go, in one Secret of theirs. It is added with the version that was read when the rest was counted, so of
/// many who count at once, here or in another replica, one is first and the others count again without it. Who ends halfway leaves a line that
/// counts for some minutes: until then a little less may be taken away than could be.
/// </summary>
internal sealed class Departures(KubeClient client, TimeProvider time)
{
    private const string SecretType = "user.sealos.io/departures";
    private const string Field = "leaving";
    private const int Tries = 20;

    // Longer than any request to the Kubernetes API waits.
    private static readonly TimeSpan CountsFor = TimeSpan.FromMinutes(5);

    /// <summary>Adds one where <paramref name="check"/> does not refuse it, which is told all that is leaving; answers the line that was added.</summary>
    public async Task<string> AddAsync(string user, string way, Func<IReadOnlySet<string>, Task> check, CancellationToken ct)
    {
        var line = $"{way} {RandomNumberGenerator.GetHexString(16, lowercase: true)} {time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";
        for (var i = 0; i < Tries; i++)
        {
            var kept = await CredentialOwner.FindAsync(client, SecretOf(user), ct).ConfigureAwait(false);
            List<string> lines = [.. LinesOf(kept).Where(Counts), line];
            await check(lines.Select(l => l.Split(' ')[0]).ToHashSet(StringComparer.Ordinal)).ConfigureAwait(false);
            if (await TryWriteAsync(user, kept, lines, ct).ConfigureAwait(false))
            {
                return line;
            }
        }

        throw ServiceException.Conflict("Your ways to sign in were changed just now: try again.");
    }

    /// <summary>Takes a line away when it is done, or was not done after all.</summary>
    public async Task RemoveAsync(string user, string line)
    {
        try
        {
            // Whoever asked may be gone.
            for (var i = 0; i < Tries; i++)
            {
                var kept = await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, SecretOf(user), CancellationToken.None).ConfigureAwait(false);
                var lines = LinesOf(kept);
                if (!lines.Remove(line) || await TryWriteAsync(user, kept, lines, CancellationToken.None).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            // It counts no more in a while.
        }
    }

    /// <summary>The name of the Secret.</summary>
    internal static string SecretOf(string user) => $"sealos-departures-{user}";

    private static List<string> LinesOf(Secret? kept) =>
        kept?.Data?.GetValueOrDefault(Field) is { } text ? [.. Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries)] : [];

    private bool Counts(string line) =>
        line.Split(' ') is [_, _, var at] && long.TryParse(at, CultureInfo.InvariantCulture, out var seconds) && time.GetUtcNow().ToUnixTimeSeconds() - seconds < CountsFor.TotalSeconds;

    private async Task<bool> TryWriteAsync(string user, Secret? kept, List<string> lines, CancellationToken ct)
    {
        var data = new Dictionary<string, byte[]> { [Field] = Encoding.UTF8.GetBytes(string.Join('\n', lines)) };
        if (kept is null)
        {
            var annotations = await CredentialOwner.AnnotateAsync(client, user, ct).ConfigureAwait(false);
            var metadata = new ObjectMeta { Name = SecretOf(user), Namespace = UserDirectory.AccountsNamespace, Labels = UsersObjects.OwnedBy(user), Annotations = annotations };
            return await client.TryCreateAsync(new Secret { Metadata = metadata, Type = SecretType, Data = data }, ct).ConfigureAwait(false);
        }

        try
        {
            kept.Data = data;
            await client.UpdateAsync(kept, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return false;
        }
    }
}
