namespace Sealos.KubeControllers.Deployments;

/// <summary>What a Deployment asks for, as plain numbers.</summary>
/// <param name="Replicas">Replicas wanted.</param>
/// <param name="MaxSurge">How many more there may be.</param>
/// <param name="MaxUnavailable">How many fewer may be available.</param>
internal readonly record struct RolloutTarget(int Replicas, int MaxSurge, int MaxUnavailable)
{
    public int MinAvailable => Replicas - MaxUnavailable;

    /// <summary>How many there may be in all; nothing surges above zero.</summary>
    public int MaxTotal => Replicas == 0 ? 0 : Replicas + MaxSurge;
}

/// <summary>One ReplicaSet, as plain numbers; sets stand oldest first.</summary>
/// <param name="Desired">Its <c>spec.replicas</c>.</param>
/// <param name="Available">Its <c>status.availableReplicas</c>.</param>
internal readonly record struct SetSize(int Desired, int Available);

/// <summary>The arithmetic of a rolling update: how far the new set may grow and the old ones must shrink in one step.</summary>
internal static class RollingMath
{
    /// <summary>The new set's next size. It never shrinks here below what it has, except to the size wanted.</summary>
    public static int NewSize(RolloutTarget target, int newSize, int totalSize)
    {
        if (newSize > target.Replicas)
        {
            return target.Replicas;
        }

        var room = target.Replicas + target.MaxSurge - totalSize;
        return room <= 0 ? newSize : newSize + Math.Min(room, target.Replicas - newSize);
    }

    /// <summary>
    /// The old sets' next sizes. First pods that are not available go, as their loss costs nothing, then as many available
    /// ones as can be spared; oldest set first.
    /// </summary>
    public static int[] OldSizes(RolloutTarget target, SetSize newSet, IReadOnlyList<SetSize> oldSets)
    {
        var sizes = oldSets.Select(s => s.Desired).ToArray();
        var total = newSet.Desired + sizes.Sum();
        var newNotAvailable = newSet.Desired - newSet.Available;
        var spare = total - target.MinAvailable - newNotAvailable;
        if (spare <= 0)
        {
            return sizes;
        }

        RemoveUnavailable(oldSets, sizes, spare);
        RemoveAvailable(oldSets, sizes, newSet.Available + oldSets.Sum(s => s.Available) - target.MinAvailable);
        return sizes;
    }

    private static void RemoveUnavailable(IReadOnlyList<SetSize> oldSets, int[] sizes, int spare)
    {
        for (var i = 0; i < sizes.Length && spare > 0; i++)
        {
            var removed = Math.Clamp(sizes[i] - oldSets[i].Available, 0, spare);
            sizes[i] -= removed;
            spare -= removed;
        }
    }

    private static void RemoveAvailable(IReadOnlyList<SetSize> oldSets, int[] sizes, int surplus)
    {
        for (var i = 0; i < sizes.Length && surplus > 0; i++)
        {
            var removed = Math.Min(sizes[i], surplus);
            sizes[i] -= removed;
            surplus -= removed;
        }
    }
}
