using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>The topology spread constraints of one pod against the whole cluster: counted once, then asked for each node.</summary>
internal sealed class TopologySpread
{
    // What Kubernetes takes for pods that say nothing: neither one node nor one zone should have all of a kind.
    private static readonly (string Key, int MaxSkew)[] Usual = [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)];

    private readonly List<Domains> _hard;
    private readonly bool _isUsual;

    // Only of use where there is a choice of nodes, which most checks never come to.
    private readonly Lazy<List<Domains>> _soft;

    public TopologySpread(PlacedPod pod, ClusterState cluster)
    {
        var constraints = pod.Pod.Spec!.TopologySpreadConstraints ?? [];
        var hard = constraints.FindAll(c => c.WhenUnsatisfiable != "ScheduleAnyway");
        _hard = hard.ConvertAll(c => new Domains(c, hard, pod, cluster));
        _isUsual = constraints.Count == 0;
        _soft = new(() => _isUsual ? UsualDomains(pod, cluster) : SoftDomains(constraints, pod, cluster));
    }

    public Verdict? Check(NodeState node)
    {
        foreach (var domains in _hard)
        {
            if (node.Label(domains.Key) is not { } value)
            {
                return new Verdict("node(s) didn't match pod topology spread constraints (missing required label)", false, Blockers.Node);
            }

            if (domains.SkewAt(value) > domains.MaxSkew)
            {
                return new Verdict("node(s) didn't match pod topology spread constraints", true, Blockers.Company | Blockers.Node);
            }
        }

        return null;
    }

    /// <summary>How little crowded the domains of each node are, of <paramref name="best"/>; null when the pod does not mind.</summary>
    public double[]? Score(IReadOnlyList<NodeState> nodes, double best)
    {
        if (_soft.Value.Count == 0)
        {
            return null;
        }

        double?[] crowds = [.. nodes.Select(CrowdOf)];
        var (least, most) = (crowds.Min() ?? 0, crowds.Max() ?? 0);
        return Array.ConvertAll(crowds, c => c is null ? 0 : most == 0 ? best : best * (most + least - c.Value) / most);
    }

    private static List<Domains> SoftDomains(List<TopologySpreadConstraint> constraints, PlacedPod pod, ClusterState cluster)
    {
        var soft = constraints.FindAll(c => c.WhenUnsatisfiable == "ScheduleAnyway");
        return soft.ConvertAll(c => new Domains(c, soft, pod, cluster));
    }

    private static List<Domains> UsualDomains(PlacedPod pod, ClusterState cluster) => cluster.KindOf(pod.Pod) is not { } kind ? [] :
    [
        .. Usual.Select(u => new TopologySpreadConstraint { TopologyKey = u.Key, MaxSkew = u.MaxSkew, LabelSelector = kind, WhenUnsatisfiable = "ScheduleAnyway" })
            .Select(c => new Domains(c, [c], pod, cluster)),
    ];

    // A node that is in none of the domains is the last choice where the pod itself names them. The skew that is allowed waters the difference down.
    private double? CrowdOf(NodeState node)
    {
        var sum = 0.0;
        foreach (var domains in _soft.Value)
        {
            if (node.Label(domains.Key) is { } value)
            {
                sum += (domains.CountAt(value) * Math.Log(domains.Number + 2)) + domains.MaxSkew - 1;
            }
            else if (!_isUsual)
            {
                return null;
            }
        }

        return Math.Round(sum, MidpointRounding.AwayFromZero);
    }

    private sealed class Domains
    {
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
        private readonly int _least;
        private readonly int _self;

        public Domains(TopologySpreadConstraint constraint, List<TopologySpreadConstraint> all, PlacedPod pod, ClusterState cluster)
        {
            Key = constraint.TopologyKey ?? "";
            MaxSkew = constraint.MaxSkew ?? 1;
            var selector = AffinityTerm.WithKeys(constraint.LabelSelector, pod.Pod, constraint.MatchLabelKeys, "In");
            _self = LabelSelectors.Matches(selector, pod.Pod.Metadata.Labels) ? 1 : 0;
            foreach (var node in cluster.Nodes.Where(n => IsCounted(n, constraint, all, pod)))
            {
                var value = node.Label(Key)!;
                _counts[value] = _counts.GetValueOrDefault(value) + node.Pods.Count(p => IsCounted(p.Pod, pod.Pod, selector));
            }

            _least = _counts.Count == 0 || _counts.Count < (constraint.MinDomains ?? 1) ? 0 : _counts.Values.Min();
        }

        public string Key { get; }

        public int MaxSkew { get; }

        public int Number => _counts.Count;

        public int CountAt(string value) => _counts.GetValueOrDefault(value);

        public int SkewAt(string value) => CountAt(value) + _self - _least;

        private static bool IsCounted(Pod other, Pod pod, LabelSelector? selector) =>
            other.Metadata.Namespace == pod.Metadata.Namespace && other.Metadata.DeletionTimestamp is null && LabelSelectors.Matches(selector, other.Metadata.Labels);

        // Nodes the pod could not go to anyway are no domain to spread over.
        private static bool IsCounted(NodeState node, TopologySpreadConstraint constraint, List<TopologySpreadConstraint> all, PlacedPod pod) =>
            all.TrueForAll(c => node.Label(c.TopologyKey ?? "") is not null)
            && (constraint.NodeAffinityPolicy == "Ignore" || NodeAffinities.Allows(pod.Pod.Spec!, node.Node!))
            && (constraint.NodeTaintsPolicy != "Honor" || (node.Node!.Spec?.Taints ?? []).TrueForAll(t => t.Effect == "PreferNoSchedule" || Tolerations.Tolerates(pod.Pod.Spec!.Tolerations, t)));
    }
}
