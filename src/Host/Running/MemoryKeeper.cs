using System.Runtime.InteropServices;

namespace Sealos.Host.Running;

/// <summary>
/// Gives memory back that a process no longer needs: once after its start, when a load is over that took much, and when a component
/// is removed. A process reads much as it starts and little when it idles, and neither the collector nor the C library would part with that room by themselves.
/// </summary>
internal static partial class MemoryKeeper
{
    // Late enough that what follows the start, such as the first requests, is not made to wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // A collection of everything stops the process: none is made while it is busy, nor for little.
    private const long QuietBytes = 16 << 20;
    private const long LeastBytes = 64 << 20;

    public static async Task RunAsync(TimeProvider time, CancellationToken ct)
    {
        await Task.Delay(Patience, time, ct).ConfigureAwait(false);
        var kept = Release();
        var allocated = GC.GetTotalAllocatedBytes();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            var now = GC.GetTotalAllocatedBytes();
            if (now - allocated < QuietBytes && IsWorthwhile(kept, Held()))
            {
                kept = Release();
            }
            else
            {
                Trim();
            }

            allocated = now;
        }
    }

    /// <summary>Whether the heap has grown by half since room was last given back; what lives in it stays, and is not looked at again.</summary>
    internal static bool IsWorthwhile(long kept, long held) => held >= LeastBytes && held / 3 >= kept / 2;

    /// <summary>Gives back what can be given back, and says what is held still.</summary>
    public static long Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trim();
        return Held();
    }

    private static long Held() => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;

    // Costs a few milliseconds. The C library gives back by itself only what is free at the end of its heap, where a small block
    // that lives long stands before all that compressors have left.
    private static void Trim()
    {
        try
        {
            _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: others have no heaps of that kind.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nint pad);
}
