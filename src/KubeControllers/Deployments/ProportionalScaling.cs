namespace Sealos.KubeControllers.Deployments;

/// <summary>One active ReplicaSet in a scaling that meets a rollout under way.</summary>
/// <param name="Size">Its <c>spec.replicas</c>.</param>
/// <param name="MaxBefore">How many replicas the Deployment could have when it was last scaled.</param>
/// <param name="Created">When it was created.</param>
internal readonly record struct ScaledSet(int Size, int MaxBefore, DateTimeOffset Created);

/// <summary>Spreads a change of a Deployment's size over the sets of a rollout under way, in proportion to their sizes.</summary>
internal static class ProportionalScaling
{
    /// <summary>The sets' new sizes, in the order given.</summary>
    public static int[] Spread(RolloutTarget target, IReadOnlyList<ScaledSet> sets)
    {
        var sizes = sets.Select(s => s.Size).ToArray();
        var change = target.MaxTotal - sizes.Sum();
        if (change == 0 || sizes.Length == 0)
        {
            return sizes;
        }

        var order = Order(sets, change > 0);
        var spread = 0;
        foreach (var i in order)
        {
            var share = sets[i].Size == 0 ? 0 : Share(target, sets[i]);
            var left = change - spread;
            share = change > 0 ? Math.Min(share, left) : Math.Max(share, left);
            sizes[i] = Math.Max(0, sizes[i] + share);
            spread += share;
        }

        sizes[order[0]] = Math.Max(0, sizes[order[0]] + change - spread);
        return sizes;
    }

    // Largest first; of equals the newer grows first and the older shrinks first.
    private static int[] Order(IReadOnlyList<ScaledSet> sets, bool isGrowing) =>
        [.. Enumerable.Range(0, sets.Count)
            .OrderByDescending(i => sets[i].Size)
            .ThenBy(i => isGrowing ? -sets[i].Created.UtcTicks : sets[i].Created.UtcTicks)];

    private static int Share(RolloutTarget target, ScaledSet set)
    {
        if (target.Replicas == 0)
        {
            return -set.Size;
        }

        var before = set.MaxBefore > 0 ? set.MaxBefore : target.Replicas + target.MaxSurge;
        var after = (double)set.Size * (target.Replicas + target.MaxSurge) / before;
        return (int)Math.Round(after, MidpointRounding.AwayFromZero) - set.Size;
    }
}
