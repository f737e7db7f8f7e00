using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>
/// Who owns whom. Of every object in the cluster it keeps the uid, kind and namespace; names and owners only of those that have
/// owners or wait for dependents. Changes are answered with the uids that must be looked at.
/// </summary>
internal sealed class OwnerGraph
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LiveObject> _live = [];
    private readonly Dictionary<Guid, GraphNode> _nodes = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _dependents = [];
    private string? _lastNamespace;

    /// <summary>How many objects it knows of.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _live.Count;
            }
        }
    }

    /// <summary>Takes note of an object as it is now.</summary>
    public IReadOnlyList<Guid> Observe(ServedResource resource, HeadMetadata head)
    {
        var node = GraphNode.Of(resource, head);
        lock (_lock)
        {
            _live[node.Uid] = new LiveObject(resource, Share(head.Namespace));
            var old = _nodes.GetValueOrDefault(node.Uid);
            Link(old, node);
            return Affected(old, node);
        }
    }

    /// <summary>Takes note that an object is gone.</summary>
    public IReadOnlyList<Guid> Remove(Guid uid)
    {
        lock (_lock)
        {
            _live.Remove(uid);
            var old = _nodes.GetValueOrDefault(uid);
            Link(old, null);

            // Owners that wait for this one may be done waiting.
            return [.. DependentsOf(uid), .. (old?.Owners ?? []).Select(o => o.Uid).Where(o => _nodes.GetValueOrDefault(o)?.IsDeletingDependents == true)];
        }
    }

    /// <summary>The uids of a resource that a fresh list no longer holds.</summary>
    public IReadOnlyList<Guid> Vanished(ServedResource resource, IReadOnlySet<Guid> listed)
    {
        lock (_lock)
        {
            return [.. _live.Where(l => ReferenceEquals(l.Value.Resource, resource) && !listed.Contains(l.Key)).Select(l => l.Key)];
        }
    }

    /// <summary>Objects whose owners are not all known, and objects that wait: what must be looked at once everything was listed.</summary>
    public IReadOnlyList<Guid> Unsettled()
    {
        lock (_lock)
        {
            return [.. _nodes.Values.Where(IsUnsettled).Select(n => n.Uid)];
        }
    }

    /// <summary>The object, if it still has to be looked at.</summary>
    public GraphNode? FindUnsettled(Guid uid)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(uid, out var node) && IsUnsettled(node) ? node : null;
        }
    }

    public GraphNode? Find(Guid uid)
    {
        lock (_lock)
        {
            return _nodes.GetValueOrDefault(uid);
        }
    }

    public IReadOnlyList<GraphNode> Dependents(Guid owner)
    {
        lock (_lock)
        {
            return [.. DependentsOf(owner).Select(d => _nodes[d])];
        }
    }

    /// <summary>Whether the owner exists where the reference says: of that kind, in the dependent's namespace or in none.</summary>
    public bool IsKnown(OwnerLink owner, ServedResource resource, string? ns)
    {
        lock (_lock)
        {
            return _live.TryGetValue(owner.Uid, out var live) && live.Resource.IsSameAs(resource) && (live.Namespace is null || live.Namespace == ns);
        }
    }

    // Lists come ordered by namespace, so that remembering one name shares nearly all.
    private string? Share(string? ns)
    {
        if (ns != _lastNamespace)
        {
            _lastNamespace = ns;
        }

        return _lastNamespace;
    }

    private IEnumerable<Guid> DependentsOf(Guid owner) => _dependents.TryGetValue(owner, out var found) ? found : [];

    private void Link(GraphNode? old, GraphNode? now)
    {
        foreach (var owner in old?.Owners ?? [])
        {
            if (_dependents.TryGetValue(owner.Uid, out var set) && set.Remove(old!.Uid) && set.Count == 0)
            {
                _dependents.Remove(owner.Uid);
            }
        }

        if (now is not { IsWorthKeeping: true })
        {
            _nodes.Remove((now ?? old)?.Uid ?? default);
            return;
        }

        _nodes[now.Uid] = now;
        foreach (var owner in now.Owners)
        {
            if (!_dependents.TryGetValue(owner.Uid, out var set))
            {
                _dependents[owner.Uid] = set = [];
            }

            set.Add(now.Uid);
        }
    }

    private List<Guid> Affected(GraphNode? old, GraphNode now)
    {
        var affected = new List<Guid>();
        if (IsUnsettled(now))
        {
            affected.Add(now.Uid);
        }

        if (now.IsDeletingDependents && old?.IsDeletingDependents != true)
        {
            affected.AddRange(DependentsOf(now.Uid));
        }

        // A dependent that no longer holds up its owner, or is no longer its dependent, may have been the last to do so.
        foreach (var owner in old?.Owners ?? [])
        {
            if (owner.IsBlocking && !now.Blocks(owner.Uid) && _nodes.GetValueOrDefault(owner.Uid)?.IsDeletingDependents == true)
            {
                affected.Add(owner.Uid);
            }
        }

        return affected;
    }

    private bool IsUnsettled(GraphNode node) =>
        node.IsDeletingDependents || node.IsOrphaning
        || (!node.IsBeingDeleted && node.Owners.Any(o => !_live.TryGetValue(o.Uid, out var live) || (live.Namespace is not null && live.Namespace != node.Namespace)
            || _nodes.GetValueOrDefault(o.Uid)?.IsDeletingDependents == true));

    private readonly record struct LiveObject(ServedResource Resource, string? Namespace);
}
