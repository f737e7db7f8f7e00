using System.Diagnostics;

namespace Sealos.Testing;

/// <summary>Waits for the world to become as a test expects.</summary>
public static class Eventually
{
    // What involves containers takes seconds on a machine that has nothing else to do, and many of them on one that has.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is not null; fails with <paramref name="what"/> after the time is up.</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask, TimeSpan? timeout = null, CancellationToken ct = default)
        where T : class
    {
        var limit = timeout ?? Patience;
        var watch = Stopwatch.StartNew();
        string? last = null;
        while (watch.Elapsed < limit)
        {
            try
            {
                if (await ask().ConfigureAwait(false) is { } answer)
                {
                    return answer;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or ControllerKit.Client.ApiException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                last = e.Message;
            }

            await Task.Delay(100, ct).ConfigureAwait(false);
        }

        throw new TimeoutException($"within {limit.TotalSeconds:0} s not seen: {what}{(last is null ? "" : $" (last: {last})")}");
    }

    /// <summary>Asks until it is true.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask, TimeSpan? timeout = null, CancellationToken ct = default) =>
        GetAsync(what, async () => await ask().ConfigureAwait(false) ? "yes" : null, timeout, ct);
}
