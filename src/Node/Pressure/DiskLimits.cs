using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Volumes;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pressure;

/// <summary>What <see cref="DiskLimits"/> looks at and acts on; tests put their own in its place.</summary>
internal sealed record DiskLimitTools
{
    /// <summary>The pods here.</summary>
    public required Func<IReadOnlyList<Pod>> Pods { get; init; }

    /// <summary>What the runtime has of a pod, by its uid.</summary>
    public required Func<string, RuntimePod> Runtime { get; init; }

    /// <summary>Where running containers' changes to their root file systems are written, by the container's id.</summary>
    public required Func<IReadOnlyDictionary<string, string>> Layers { get; init; }

    /// <summary>Ends a pod; the message says why.</summary>
    public required Action<Pod, string> Evict { get; init; }
}

/// <summary>
/// Holds pods to their own limits of ephemeral-storage: ends one whose container has written more, into its root file system and its log,
/// or which has written more together with its emptyDirs. Only pods with such a limit are measured, and only up to it.
/// </summary>
internal sealed class DiskLimits(DiskLimitTools tools, PodDirectories directories, TimeProvider time)
{
    private const string Resource = "ephemeral-storage";
    private const long Most = 1L << 50;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Looks again and again until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            Look(ct);
        }
    }

    /// <summary>Measures once, and ends who is over.</summary>
    public void Look(CancellationToken ct)
    {
        IReadOnlyDictionary<string, string>? layers = null;
        foreach (var pod in tools.Pods().Where(p => !p.IsFinished && !p.IsDeleting && !EvictionOrder.IsCritical(p) && Together(p) > 0))
        {
            ct.ThrowIfCancellationRequested();
            layers ??= tools.Layers();
            try
            {
                if (FindExcess(pod, layers) is { } message)
                {
                    tools.Evict(pod, message);
                }
            }
            catch (IOException)
            {
                // The pod is being taken down.
            }
        }
    }

    private static long Together(Pod pod) => ResourceMapping.Total(pod, LimitOf);

    private static long LimitOf(Container container) => (container.Resources?.Limits).Amount(Resource);

    private string? FindExcess(Pod pod, IReadOnlyDictionary<string, string> layers)
    {
        var most = Together(pod);
        var runtime = tools.Runtime(pod.Uid);
        var total = directories.EmptyDirsOf(pod).Sum(d => Measure(d, most));
        foreach (var container in pod.Containers.Concat(pod.InitContainers).Concat(pod.EphemeralContainers))
        {
            var name = container.Name ?? "";
            var layer = runtime.Active(name) is { IsRunning: true } running ? layers.GetValueOrDefault(running.Id) : null;
            var used = Measure(Path.Combine(directories.LogsOf(pod), name), most) + (layer is null ? 0 : Measure(layer, most));
            if (LimitOf(container) is > 0 and var own && used > own)
            {
                return $"Container {name} exceeded its local ephemeral storage limit \"{container.Resources!.Limits![Resource]}\". ";
            }

            total += used;
        }

        return total > most ? $"Pod ephemeral local storage usage exceeds the total limit of containers {Text(pod, most)}. " : null;
    }

    // A little more than the limit stands for all that is above it, so that sums of a few stay numbers.
    private static long Measure(string folder, long limit) => Math.Min(TreeSize.Measure(folder, limit) ?? long.MaxValue, Math.Min(limit, Most) + 1);

    private static Quantity Text(Pod pod, long limit) =>
        pod.Containers.Select(c => c.Resources?.Limits?.GetValueOrDefault(Resource)).FirstOrDefault(q => q?.LongValue == limit) ?? Quantity.FromLong(limit);
}
