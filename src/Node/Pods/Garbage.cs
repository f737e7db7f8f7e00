namespace Sealos.Node.Pods;

/// <summary>What of a pod in the runtime nobody needs any more. Pure.</summary>
internal static class Garbage
{
    /// <summary>
    /// Ended containers but the newest ended one of each name, which previous logs and last states are read from; and sandboxes that
    /// are neither the newest nor alive nor hold a container that is kept. What ended later than the given moment stays too.
    /// </summary>
    public static (IReadOnlyList<RuntimeContainer> Containers, IReadOnlyList<RuntimeSandbox> Sandboxes) Find(RuntimePod pod, DateTimeOffset endedBefore)
    {
        var containers = pod.Containers
            .Where(c => c.State is RunState.Exited or RunState.Created or RunState.Unknown)
            .GroupBy(c => c.Name)
            .SelectMany(g => g.OrderByDescending(c => c.CreatedAt).Skip(1))
            .Where(c => (c.FinishedAt ?? c.CreatedAt) <= endedBefore)
            .ToList();
        var kept = pod.Containers.Except(containers).Select(c => c.SandboxId).ToHashSet(StringComparer.Ordinal);
        return (containers, [.. pod.Sandboxes.Skip(1).Where(s => !s.IsReady && !kept.Contains(s.Id))]);
    }
}
