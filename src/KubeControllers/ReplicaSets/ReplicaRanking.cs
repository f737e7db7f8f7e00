using System.Globalization;
using System.Numerics;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Which replicas go first when there are too many: those whose loss hurts least.</summary>
internal static class ReplicaRanking
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>
    /// The <paramref name="count"/> pods to delete. <paramref name="related"/> are the active pods of all sibling sets; a node
    /// with more of them gives one up first.
    /// </summary>
    public static List<Pod> SelectForDeletion(IReadOnlyList<Pod> pods, IEnumerable<Pod> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Count)
        {
            return [.. pods];
        }

        var onNode = related.Where(p => PodState.IsActive(p) && PodState.NodeName(p) is not null).CountBy(p => p.Spec!.NodeName!).ToDictionary();
        return [.. pods.Order(Comparer<Pod>.Create((a, b) => Compare(a, b, onNode, now))).Take(count)];
    }

    private static int Compare(Pod a, Pod b, Dictionary<string, int> onNode, DateTimeOffset now)
    {
        Span<int> differences =
        [
            (PodState.NodeName(a) is not null).CompareTo(PodState.NodeName(b) is not null),
            PhaseRank(a).CompareTo(PhaseRank(b)),
            PodState.IsReady(a).CompareTo(PodState.IsReady(b)),
            Cost(a).CompareTo(Cost(b)),
            Neighbours(b, onNode).CompareTo(Neighbours(a, onNode)),
            CompareAge(PodState.ReadySince(a), PodState.ReadySince(b), a, b, now),
            Restarts(b).CompareTo(Restarts(a)),
            CompareAge(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp, a, b, now),
        ];
        foreach (var difference in differences)
        {
            if (difference != 0)
            {
                return difference;
            }
        }

        return string.CompareOrdinal(a.Metadata.Uid, b.Metadata.Uid);
    }

    private static int PhaseRank(Pod pod) => pod.Status?.Phase switch
    {
        "Running" => 2,
        "Unknown" => 1,
        _ => 0,
    };

    private static int Cost(Pod pod) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(DeletionCost, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private static int Neighbours(Pod pod, Dictionary<string, int> onNode) =>
        PodState.NodeName(pod) is { } node ? onNode.GetValueOrDefault(node) : 0;

    private static int Restarts(Pod pod) => pod.Status?.ContainerStatuses?.Max(c => c.RestartCount ?? 0) ?? 0;

    // Younger first, but only by order of magnitude: among pods of about one age the uid decides, so that the choice is spread.
    private static int CompareAge(DateTimeOffset? a, DateTimeOffset? b, Pod podA, Pod podB, DateTimeOffset now)
    {
        if (a == b || a is null || b is null)
        {
            return 0;
        }

        var difference = Magnitude(now - a.Value).CompareTo(Magnitude(now - b.Value));
        return difference != 0 ? difference : string.CompareOrdinal(podA.Metadata.Uid, podB.Metadata.Uid);
    }

    private static int Magnitude(TimeSpan age) => age <= TimeSpan.Zero ? -1 : BitOperations.Log2((ulong)age.Ticks);
}
