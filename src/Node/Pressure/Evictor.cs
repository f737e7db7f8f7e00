using Microsoft.Extensions.Logging;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pressure;

/// <summary>What an evictor looks at and acts on; tests put their own machine in its place.</summary>
internal sealed record EvictorTools
{
    /// <summary>Measures the machine.</summary>
    public required Func<MachineRoom> Measure { get; init; }

    /// <summary>What each pod uses of what a threshold is about.</summary>
    public required Func<Threshold, CancellationToken, Task<IReadOnlyList<PodLoad>>> Weigh { get; init; }

    /// <summary>Frees the disk of what nobody needs: unused images, what finished pods have left.</summary>
    public required Func<CancellationToken, Task> FreeDisk { get; init; }

    /// <summary>Looks after images while the disk is not short.</summary>
    public required Func<Room, CancellationToken, Task> KeepImages { get; init; }

    /// <summary>Ends a pod and returns once nothing of it runs.</summary>
    public required Func<PodLoad, PodFailure, CancellationToken, Task> Evict { get; init; }

    /// <summary>Tells of the machine: a reason and a message.</summary>
    public required Action<string, string> Warn { get; init; }
}

/// <summary>
/// Watches what is left of memory, disk and processes. Before a machine runs out of something for everybody, it frees what nobody
/// needs and then ends pods, one at a time, those first that use more than they asked for.
/// </summary>
internal sealed partial class Evictor(PressureWatch watch, EvictorTools tools, TimeProvider time, ILogger<Evictor> logger)
{
    private const long LeastMemory = 1024 * 1024;
    private const long LeastDisk = 16 * 1024 * 1024;
    private const long LeastFiles = 1000;
    private const long LeastProcesses = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UrgentInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ImageInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MostUrgentGrace = TimeSpan.FromSeconds(1);

    private DateTimeOffset _imagesAt = DateTimeOffset.MinValue;

    /// <summary>Which conditions hold has changed.</summary>
    public event Action? Changed;

    /// <summary>Which conditions hold.</summary>
    public NodePressure Current => watch.Current;

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var isCalm = await LookAsync(ct).ConfigureAwait(false);
            await Task.Delay(isCalm ? Interval : UrgentInterval, time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Measures once and does what follows from it; whether nothing is short.</summary>
    public async Task<bool> LookAsync(CancellationToken ct)
    {
        var met = Observe(out var room);
        if (met.Count == 0)
        {
            await KeepImagesAsync(room, ct).ConfigureAwait(false);
            return true;
        }

        tools.Warn("EvictionThresholdMet", $"Attempting to reclaim {met[0].Resource}");
        if (met.Any(IsOfDisk))
        {
            await tools.FreeDisk(ct).ConfigureAwait(false);
            met = Observe(out room);
        }

        if (met.Count > 0)
        {
            await EvictAsync(met[0], room.Of(met[0].Signal), ct).ConfigureAwait(false);
        }

        return false;
    }

    private static bool IsOfDisk(Threshold threshold) => threshold.Signal is Threshold.Disk or Threshold.Inodes;

    private IReadOnlyList<Threshold> Observe(out MachineRoom room)
    {
        room = tools.Measure();
        var before = watch.Current;
        var met = watch.Observe(room);
        if (before != watch.Current)
        {
            LogConditions(logger, string.Join(", ", watch.Current.Conditions.DefaultIfEmpty("none")));
            Changed?.Invoke();
        }

        // Without memory nothing else can be done either.
        return [.. met.OrderByDescending(t => t.Signal == Threshold.Memory)];
    }

    private async Task KeepImagesAsync(MachineRoom room, CancellationToken ct)
    {
        if (time.GetUtcNow() - _imagesAt >= ImageInterval)
        {
            _imagesAt = time.GetUtcNow();
            await tools.KeepImages(room.Disk, ct).ConfigureAwait(false);
        }
    }

    private async Task EvictAsync(Threshold threshold, Room room, CancellationToken ct)
    {
        var pods = await tools.Weigh(threshold, ct).ConfigureAwait(false);
        if (EvictionOrder.First(pods, threshold.Resource, LeastOf(threshold.Signal)) is not { } chosen)
        {
            LogNobody(logger, threshold.Resource);
            return;
        }

        LogEvicts(logger, chosen.Pod.Namespace, chosen.Pod.Name, threshold.Resource);
        var failure = new PodFailure("Evicted", Explain(threshold, room, chosen)) { Grace = MostUrgentGrace, IsDisruption = true };
        await tools.Evict(chosen, failure, ct).ConfigureAwait(false);
    }

    private static long LeastOf(string signal) => signal switch
    {
        Threshold.Memory => LeastMemory,
        Threshold.Disk => LeastDisk,
        Threshold.Inodes => LeastFiles,
        _ => LeastProcesses,
    };

    private static string Explain(Threshold threshold, Room room, PodLoad chosen)
    {
        var isBytes = threshold.Signal is Threshold.Memory or Threshold.Disk;
        string Amount(long value) => isBytes ? $"{value / 1024}Ki" : $"{value}";
        var least = threshold.Share > 0 ? Amount(threshold.Least(room)) : threshold.Text;
        var message = $"The node was low on resource: {threshold.Resource}. Threshold quantity: {least}, available: {Amount(room.Available)}. ";
        return chosen.Excess(threshold.Resource) > 0 && isBytes
            ? message + $"Pod was using {Amount(chosen.Usage)}, request is {Amount(chosen.Requested(threshold.Resource))}, has larger consumption of {threshold.Resource}. "
            : message;
    }

    [LoggerMessage(1, LogLevel.Warning, "conditions of this machine: {Conditions}")]
    private static partial void LogConditions(ILogger logger, string conditions);

    [LoggerMessage(2, LogLevel.Warning, "{Resource} is short, but ending no pod would bring any")]
    private static partial void LogNobody(ILogger logger, string resource);

    [LoggerMessage(3, LogLevel.Warning, "pod {Namespace}/{Name} is ended because {Resource} is short")]
    private static partial void LogEvicts(ILogger logger, string @namespace, string name, string resource);
}
