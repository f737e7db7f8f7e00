using Sealos.ControllerKit.Placing;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Compares the nodes a pod could go to.</summary>
internal static class Scores
{
    private const double Best = 100;
    private const double SmallImage = 23.0 * 1024 * 1024;
    private const double LargeImage = 1000.0 * 1024 * 1024;

    /// <summary>The best of them; of equals the one with fewest pods.</summary>
    public static NodeState Choose(PlacedPod pod, IReadOnlyList<NodeState> nodes, ClusterState cluster, TopologySpread spread)
    {
        if (nodes.Count == 1)
        {
            return nodes[0];
        }

        double[][] weighted =
        [
            Weigh(3, Reversed([.. nodes.Select(n => (double)UnwelcomeTaints(pod, n))])),
            Weigh(2, Normalized([.. nodes.Select(n => (double)NodeAffinities.Preference(pod.Pod.Spec!, n.Node!))])),
            Weigh(2, spread.Score(nodes, Best) ?? new double[nodes.Count]),
            Weigh(2, Spanned(CompanyOf(pod, nodes, cluster))),
            Weigh(1, [.. nodes.Select(n => LeastAllocated(pod, n))]),
            Weigh(1, [.. nodes.Select(n => Balanced(pod, n))]),
            Weigh(1, [.. nodes.Select(n => Images(pod, n, nodes))]),
        ];
        var best = Enumerable.Range(0, nodes.Count).OrderByDescending(i => Math.Floor(weighted.Sum(w => w[i]))).ThenBy(i => nodes[i].Pods.Count).First();
        return nodes[best];
    }

    private static double[] Weigh(int weight, double[] scores) => Array.ConvertAll(scores, s => weight * Math.Floor(s));

    private static double[] Normalized(double[] raw) => raw.Max() is var max and > 0 ? Array.ConvertAll(raw, r => r * Best / max) : new double[raw.Length];

    private static double[] Reversed(double[] raw) => raw.Max() is var max and > 0 ? Array.ConvertAll(raw, r => Best - (r * Best / max)) : Array.ConvertAll(raw, _ => Best);

    private static double[] Spanned(double[] raw)
    {
        var (min, max) = (raw.Min(), raw.Max());
        return max > min ? Array.ConvertAll(raw, r => (r - min) * Best / (max - min)) : new double[raw.Length];
    }

    private static int UnwelcomeTaints(PlacedPod pod, NodeState node) =>
        (node.Node!.Spec?.Taints ?? []).Count(t => t.Effect == "PreferNoSchedule" && !Tolerations.Tolerates(pod.Pod.Spec!.Tolerations, t));

    private static double LeastAllocated(PlacedPod pod, NodeState node) =>
        (2 - Share(node.ScoringRequested, pod.ScoringRequest, node, Resources.Cpu) - Share(node.ScoringRequested, pod.ScoringRequest, node, Resources.Memory)) * Best / 2;

    private static double Balanced(PlacedPod pod, NodeState node)
    {
        var cpu = Share(node.Requested, pod.Request, node, Resources.Cpu);
        var memory = Share(node.Requested, pod.Request, node, Resources.Memory);
        return (1 - (Math.Abs(cpu - memory) / 2)) * Best;
    }

    private static double Share(Resources taken, Resources added, NodeState node, string name) =>
        node.Allocatable[name] is var all and > 0 ? Math.Min(1, (double)((taken[name] + added[name]) / all)) : 1;

    // Images count for more the more nodes have them, so that one node with an image does not draw every pod.
    private static double Images(PlacedPod pod, NodeState node, IReadOnlyList<NodeState> nodes)
    {
        var containers = pod.Pod.Spec!.Containers ?? [];
        var sum = containers.Sum(c => SizeOf(node, c.Image) * nodes.Count(n => SizeOf(n, c.Image) > 0) / (double)nodes.Count);
        var largest = LargeImage * Math.Max(1, containers.Count);
        return (Math.Clamp(sum, SmallImage, largest) - SmallImage) * Best / (largest - SmallImage);
    }

    private static long SizeOf(NodeState node, string? image) => node.Node!.Status?.Images?.Find(i => image is not null && i.Names?.Contains(image) == true)?.SizeBytes ?? 0;

    private static double[] CompanyOf(PlacedPod pod, IReadOnlyList<NodeState> nodes, ClusterState cluster)
    {
        var liking = new Dictionary<(string Key, string Value), double>();
        if (pod.Preferred.Count > 0)
        {
            foreach (var node in cluster.Nodes)
            {
                foreach (var other in node.Pods)
                {
                    Add(liking, node, pod.Preferred.Where(t => t.Matches(other.Pod, cluster.NamespaceLabels)));
                }
            }
        }

        foreach (var (other, node) in cluster.PodsWithTerms)
        {
            Add(liking, node, other.Preferred.Concat(other.Affinity).Where(t => t.Matches(pod.Pod, cluster.NamespaceLabels)));
        }

        return [.. nodes.Select(n => liking.Where(l => n.Label(l.Key.Key) == l.Key.Value).Sum(l => l.Value))];
    }

    private static void Add(Dictionary<(string Key, string Value), double> liking, NodeState node, IEnumerable<AffinityTerm> terms)
    {
        foreach (var term in terms)
        {
            if (node.Label(term.TopologyKey) is { } value)
            {
                liking[(term.TopologyKey, value)] = liking.GetValueOrDefault((term.TopologyKey, value)) + term.Weight;
            }
        }
    }
}
