using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>Waits until the caches have seen the revision a client has seen.</summary>
internal sealed class Freshness(CacheSet caches, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when reads are at least at <paramref name="revision"/>; refuses when that does not come.</summary>
    public async Task WaitAsync(long revision, CancellationToken cancellationToken)
    {
        // Looked at again and again rather than waited for: a revision that never comes must leave nothing behind.
        var started = time.GetTimestamp();
        while (caches.Applied < revision)
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new ApiException(504, "Timeout", $"Timeout: Too large resource version: {revision}, current: {caches.Applied}")
                {
                    Details = new StatusDetails { Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version", null)], RetryAfterSeconds = 1 },
                };
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
