namespace Sealos.Host.Running;

/// <summary>
/// Gives back, once, what starting took. A process reads much as it starts and little when it idles, and the collector would
/// keep that room for it for good.
/// </summary>
internal static class StartingMemory
{
    // Late enough that what follows the start, such as the first requests, is not made to wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task ReleaseAsync(TimeProvider time, CancellationToken ct)
    {
        await Task.Delay(Patience, time, ct).ConfigureAwait(false);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
