namespace Sealos.KubeControllers.Scheduler;

/// <summary>Pod affinity and anti-affinity of one pod against the whole cluster: counted once, then asked for each node.</summary>
internal sealed class PodAffinities
{
    private readonly PlacedPod _pod;
    private readonly Dictionary<(string Key, string Value), int> _wanted = [];
    private readonly HashSet<(string Key, string Value)> _avoided = [];
    private readonly HashSet<(string Key, string Value)> _forbidden = [];
    private readonly bool _isFirstOfItsKind;

    public PodAffinities(PlacedPod pod, ClusterState cluster)
    {
        _pod = pod;
        if (pod.Affinity.Count + pod.AntiAffinity.Count > 0)
        {
            foreach (var node in cluster.Nodes)
            {
                Count(node, cluster);
            }
        }

        foreach (var (other, node) in cluster.PodsWithTerms.Where(p => p.Pod.AntiAffinity.Count > 0))
        {
            AddDomains(_forbidden, node, other.AntiAffinity.Where(t => t.Matches(pod.Pod, cluster.NamespaceLabels)));
        }

        // The first of a group that wants to be together must be let in somewhere.
        _isFirstOfItsKind = _wanted.Count == 0 && pod.Affinity.All(t => t.Matches(pod.Pod, cluster.NamespaceLabels));
    }

    public Verdict? Check(NodeState node)
    {
        if (!IsWanted(node))
        {
            return new Verdict("node(s) didn't match pod affinity rules", false, Blockers.Company | Blockers.Node);
        }

        if (_pod.AntiAffinity.Any(t => IsIn(_avoided, node, t.TopologyKey)))
        {
            return new Verdict("node(s) didn't match pod anti-affinity rules", true, Blockers.Company | Blockers.Node);
        }

        return _forbidden.Any(d => node.Label(d.Key) == d.Value)
            ? new Verdict("node(s) didn't satisfy existing pods anti-affinity rules", true, Blockers.Company | Blockers.Node)
            : null;
    }

    private void Count(NodeState node, ClusterState cluster)
    {
        foreach (var other in node.Pods)
        {
            if (_pod.Affinity.Count > 0 && _pod.Affinity.All(t => t.Matches(other.Pod, cluster.NamespaceLabels)))
            {
                foreach (var key in _pod.Affinity.Select(t => t.TopologyKey).Where(k => node.Label(k) is not null))
                {
                    _wanted[(key, node.Label(key)!)] = _wanted.GetValueOrDefault((key, node.Label(key)!)) + 1;
                }
            }

            AddDomains(_avoided, node, _pod.AntiAffinity.Where(t => t.Matches(other.Pod, cluster.NamespaceLabels)));
        }
    }

    private bool IsWanted(NodeState node) =>
        _pod.Affinity.All(t => node.Label(t.TopologyKey) is { } value && (_isFirstOfItsKind || _wanted.ContainsKey((t.TopologyKey, value))));

    private static void AddDomains(HashSet<(string Key, string Value)> domains, NodeState node, IEnumerable<AffinityTerm> terms)
    {
        foreach (var term in terms)
        {
            if (node.Label(term.TopologyKey) is { } value)
            {
                domains.Add((term.TopologyKey, value));
            }
        }
    }

    private static bool IsIn(HashSet<(string Key, string Value)> domains, NodeState node, string key) => node.Label(key) is { } value && domains.Contains((key, value));
}
