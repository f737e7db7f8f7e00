using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>The topology spread constraints of one pod against the whole cluster: counted once, then asked for each node.</summary>
internal sealed class TopologySpread
{
    // What Kubernetes takes for pods that say nothing: neither one node nor one zone should have all of a kind.
    private static readonly string[] UsualKeys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

    private readonly List<Domains> _hard;
    private readonly List<Domains> _soft;
    private readonly bool _isUsual;

    public TopologySpread(PlacedPod pod, ClusterState cluster)
    {
        var constraints = pod.Pod.Spec!.TopologySpreadConstraints ?? [];
        var hard = constraints.FindAll(c => c.WhenUnsatisfiable != "ScheduleAnyway");
        var soft = constraints.FindAll(c => c.WhenUnsatisfiable == "ScheduleAnyway");
        _hard = hard.ConvertAll(c => new Domains(c, hard, pod, cluster));
        _soft = soft.ConvertAll(c => new Domains(c, soft, pod, cluster));
        if (constraints.Count == 0 && cluster.Nodes.Count > 1 && cluster.KindOf(pod.Pod) is { } kind)
        {
            _isUsual = true;
            _soft = [.. UsualKeys.Select(k => new TopologySpreadConstraint { TopologyKey = k, LabelSelector = kind, WhenUnsatisfiable = "ScheduleAnyway" }).Select(c => new Domains(c, [c], pod, cluster)).Where(d => d.Number > 0)];
        }
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

    /// <summary>How crowded the node's domains are already; null when the pod does not mind.</summary>
    public double? Crowd(NodeState node) =>
        _soft.Count == 0 ? null : _soft.Sum(d => node.Label(d.Key) is { } value ? d.CountAt(value) * Math.Log(d.Number + 2) : _isUsual ? 0 : double.MaxValue / _soft.Count);

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
