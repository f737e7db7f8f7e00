namespace Sealos.Network.Policies;

/// <summary>The groups of pods that policies name, and which pod is in which. A pod costs the groups it may be in, not all.</summary>
internal sealed class PeerGroups(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> namespaces, PodsByNamespace pods)
{
    /// <summary>Every pod there is.</summary>
    public static readonly PodPeer Everybody = new(null, LabelTerms.Of(null), LabelTerms.Of(null));

    private readonly Dictionary<string, PeerGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SelectorIndex<PeerGroup>> _ofNamespace = new(StringComparer.Ordinal);
    private readonly SelectorIndex<PeerGroup> _acrossNamespaces = new();

    /// <summary>Links a policy with the groups it names.</summary>
    public void Add(PolicyEntry policy)
    {
        foreach (var peer in PeersOf(policy.Policy))
        {
            if (!_groups.TryGetValue(peer.Key, out var group))
            {
                group = Make(peer);
            }

            group.Policies.Add(policy);
            policy.Groups.TryAdd(peer.Key, group);
        }
    }

    /// <summary>Takes a policy out of its groups; those nobody names any more are forgotten.</summary>
    public void Remove(PolicyEntry policy)
    {
        foreach (var group in policy.Groups.Values)
        {
            group.Policies.Remove(policy);
            if (group.Policies.Count == 0)
            {
                Forget(group);
            }
        }
    }

    /// <summary>Puts a pod into the groups that select it; returns those whose members changed.</summary>
    public IReadOnlyCollection<PeerGroup> Place(PodEntry pod)
    {
        var now = GroupsFor(pod);
        var changed = new HashSet<PeerGroup>(now);
        changed.SymmetricExceptWith(pod.Groups);
        foreach (var group in changed)
        {
            if (now.Contains(group))
            {
                group.Members.Add(pod);
            }
            else
            {
                group.Members.Remove(pod);
            }

            group.Count();
        }

        pod.Groups = now;
        return changed;
    }

    /// <summary>Takes a pod out of its groups; returns them.</summary>
    public IReadOnlyCollection<PeerGroup> Remove(PodEntry pod)
    {
        var left = pod.Groups;
        foreach (var group in left)
        {
            group.Members.Remove(pod);
            group.Count();
        }

        pod.Groups = [];
        return left;
    }

    private static IEnumerable<PodPeer> PeersOf(ParsedPolicy policy)
    {
        foreach (var rule in (policy.Ingress ?? []).Concat(policy.Egress ?? []))
        {
            foreach (var peer in (rule.Peers ?? []).OfType<PodPeer>())
            {
                yield return peer;
            }
        }

        if ((policy.Egress ?? []).Any(r => r.HasNames && (r.Peers is not { } peers || peers.Any(p => p is BlockPeer))))
        {
            yield return Everybody;
        }
    }

    private HashSet<PeerGroup> GroupsFor(PodEntry pod)
    {
        var found = new HashSet<PeerGroup>();
        var labels = namespaces.GetValueOrDefault(pod.Facts.Namespace);
        if (_ofNamespace.TryGetValue(pod.Facts.Namespace, out var own))
        {
            found.UnionWith(own.Candidates(pod.Facts.Labels).Where(g => g.Selects(pod, labels)));
        }

        if (labels is not null)
        {
            found.UnionWith(_acrossNamespaces.Candidates(labels).Where(g => g.Selects(pod, labels)));
        }

        return found;
    }

    private PeerGroup Make(PodPeer peer)
    {
        var group = _groups[peer.Key] = new PeerGroup(peer);
        IndexOf(peer).Add(Terms(peer), group);
        var names = peer.Namespace is not null ? [peer.Namespace] : namespaces.Where(n => peer.Namespaces!.Matches(n.Value)).Select(n => n.Key);
        foreach (var pod in names.SelectMany(pods.In))
        {
            if (group.Selects(pod, namespaces.GetValueOrDefault(pod.Facts.Namespace)))
            {
                group.Members.Add(pod);
                pod.Groups.Add(group);
            }
        }

        group.Count();
        return group;
    }

    private void Forget(PeerGroup group)
    {
        _groups.Remove(group.Peer.Key);
        var index = IndexOf(group.Peer);
        index.Remove(Terms(group.Peer), group);
        if (index.IsEmpty && group.Peer.Namespace is { } ns)
        {
            _ofNamespace.Remove(ns);
        }

        foreach (var pod in group.Members)
        {
            pod.Groups.Remove(group);
        }
    }

    // In a namespace groups are found by labels of pods, across namespaces by labels of namespaces.
    private static LabelTerms Terms(PodPeer peer) => peer.Namespace is null ? peer.Namespaces! : peer.Pods;

    private SelectorIndex<PeerGroup> IndexOf(PodPeer peer)
    {
        if (peer.Namespace is null)
        {
            return _acrossNamespaces;
        }

        if (!_ofNamespace.TryGetValue(peer.Namespace, out var index))
        {
            _ofNamespace[peer.Namespace] = index = new SelectorIndex<PeerGroup>();
        }

        return index;
    }
}

/// <summary>The pods of each namespace.</summary>
internal sealed class PodsByNamespace
{
    private readonly Dictionary<string, HashSet<PodEntry>> _pods = new(StringComparer.Ordinal);

    public IReadOnlyCollection<PodEntry> In(string ns) => _pods.TryGetValue(ns, out var pods) ? pods : [];

    public void Add(PodEntry pod)
    {
        if (!_pods.TryGetValue(pod.Facts.Namespace, out var pods))
        {
            _pods[pod.Facts.Namespace] = pods = [];
        }

        pods.Add(pod);
    }

    public void Remove(PodEntry pod)
    {
        if (_pods.TryGetValue(pod.Facts.Namespace, out var pods) && pods.Remove(pod) && pods.Count == 0)
        {
            _pods.Remove(pod.Facts.Namespace);
        }
    }
}
