namespace Sealos.KubeControllers.Common;

/// <summary>
/// Does the same thing many times in batches of 1, 2, 4, …, so that what fails for all (a quota, a full disk) is asked for only
/// a few times.
/// </summary>
internal static class SlowStart
{
    private const int LargestBatch = 64;

    /// <summary>Runs <paramref name="act"/> up to <paramref name="count"/> times; stops after the first batch with a failure and returns that.</summary>
    public static async Task<Exception?> RunAsync(int count, Func<int, Task> act)
    {
        var next = 0;
        for (var batch = 1; next < count; batch = Math.Min(batch * 2, LargestBatch))
        {
            var size = Math.Min(batch, count - next);
            var failures = await Task.WhenAll(Enumerable.Range(next, size).Select(i => TryAsync(act, i))).ConfigureAwait(false);
            next += size;
            if (Array.Find(failures, f => f is not null) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private static async Task<Exception?> TryAsync(Func<int, Task> act, int index)
    {
        try
        {
            await act(index).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is Sealos.ControllerKit.Client.ApiException or HttpRequestException or IOException)
        {
            return e;
        }
    }
}
