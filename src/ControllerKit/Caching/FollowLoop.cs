using System.Text.Json;
using Sealos.ControllerKit.Client;

namespace Sealos.ControllerKit.Caching;

/// <summary>Something kept in step with the API: it lists once and watches from there on.</summary>
public interface IFollower
{
    /// <summary>Whether it knows no version to watch from, and so has to list.</summary>
    bool MustList { get; }

    /// <summary>Takes in everything there is.</summary>
    Task ListAsync(CancellationToken ct);

    /// <summary>Takes in what changes, until the server or the connection ends it.</summary>
    Task WatchAsync(CancellationToken ct);

    /// <summary>The version it would watch from is too old for the server.</summary>
    void Forget();

    /// <summary>Says why it is out of step, and when it will be tried again.</summary>
    void Interrupted(TimeSpan pause, Exception cause);
}

/// <summary>
/// Keeps a follower in step for as long as it is wanted. Whoever follows routes or runs something by what it sees, so it comes
/// back within about a second of the server, however long that was away.
/// </summary>
public static class FollowLoop
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(1);

    /// <summary>Lists and watches until cancelled; never throws for what the network or the server does.</summary>
    public static async Task RunAsync(IFollower follower, TimeProvider time, CancellationToken ct)
    {
        var pause = FirstPause;
        while (!ct.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            var trouble = await TryFollowAsync(follower, ct).ConfigureAwait(false);
            if (time.GetElapsedTime(began) >= LastPause)
            {
                pause = FirstPause;
                if (trouble is null)
                {
                    // It ran for a while and ended as watches do.
                    continue;
                }
            }

            if (trouble is not null && !ct.IsCancellationRequested)
            {
                follower.Interrupted(pause, trouble);
            }

            // Jittered, so that the followers of a process do not come back all at once.
            await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LastPause ? pause * 2 : LastPause;
        }
    }

    /// <summary>Follows until something ends it; what went wrong, or null.</summary>
    private static async Task<Exception?> TryFollowAsync(IFollower follower, CancellationToken ct)
    {
        try
        {
            if (follower.MustList)
            {
                await follower.ListAsync(ct).ConfigureAwait(false);
            }

            await follower.WatchAsync(ct).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e) when (e.IsExpired)
        {
            follower.Forget();
            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            return e;
        }
    }
}
