namespace Sealos.Network.Nft;

/// <summary>
/// Keeps something of nftables in force: builds it, follows what changes, and builds it again when following ends, because somebody
/// else removed it, or when the kernel refused something; then after a pause that grows.
/// </summary>
/// <param name="time">Measures the pauses.</param>
/// <param name="failed">Told of each refusal: the seconds until the next attempt, and the reason.</param>
internal sealed class TableUpkeep(TimeProvider time, Action<double, string> failed)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    /// <summary>Goes on until it is stopped.</summary>
    /// <param name="build">Builds; is told how many attempts have failed since the last one that did not.</param>
    /// <param name="follow">Follows what was built, and returns when it must be built again.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RunAsync<T>(Func<int, CancellationToken, Task<T>> build, Func<T, CancellationToken, Task> follow, CancellationToken ct)
    {
        var delay = FirstRetry;
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var built = await build(failures, ct).ConfigureAwait(false);
                (delay, failures) = (FirstRetry, 0);
                await follow(built, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (HostCommandException e)
            {
                failed(delay.TotalSeconds, e.Message);
                await Task.Delay(delay, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LastRetry ? delay * 2 : LastRetry;
                failures++;
            }
        }
    }
}
