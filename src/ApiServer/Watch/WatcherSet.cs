namespace Sealos.ApiServer.Watch;

/// <summary>
/// The watchers of a kind, found by what they can be concerned with: a change costs only the watchers of its
/// namespace and of its name. Guarded by the cache's lock.
/// </summary>
internal sealed class WatcherSet
{
    private readonly HashSet<Watcher> _everywhere = [];
    private readonly Dictionary<string, HashSet<Watcher>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), HashSet<Watcher>> _byObject = [];

    public int Count { get; private set; }

    public void Add(Watcher watcher)
    {
        SetFor(watcher).Add(watcher);
        Count++;
    }

    public void Remove(Watcher watcher)
    {
        var set = SetFor(watcher);
        if (set.Remove(watcher))
        {
            Count--;
        }

        if (set.Count == 0 && watcher.Filter.Namespace is { } ns)
        {
            if (watcher.Filter.Name is { } name)
            {
                _byObject.Remove((ns, name));
            }
            else
            {
                _byNamespace.Remove(ns);
            }
        }
    }

    public void Offer(WatchEvent change)
    {
        foreach (var watcher in _everywhere)
        {
            watcher.Offer(change);
        }

        if (_byNamespace.TryGetValue(change.Subject.Namespace, out var inNamespace))
        {
            foreach (var watcher in inNamespace)
            {
                watcher.Offer(change);
            }
        }

        if (_byObject.TryGetValue((change.Subject.Namespace, change.Subject.Name), out var ofObject))
        {
            foreach (var watcher in ofObject)
            {
                watcher.Offer(change);
            }
        }
    }

    public void OfferBookmark(long revision) => ForEach(w => w.OfferBookmark(revision));

    public void Complete() => ForEach(w => w.Complete());

    private void ForEach(Action<Watcher> action)
    {
        foreach (var set in _byNamespace.Values.Concat(_byObject.Values).Prepend(_everywhere))
        {
            foreach (var watcher in set)
            {
                action(watcher);
            }
        }
    }

    private HashSet<Watcher> SetFor(Watcher watcher)
    {
        if (watcher.Filter.Namespace is not { } ns)
        {
            return _everywhere;
        }

        if (watcher.Filter.Name is { } name)
        {
            return _byObject.TryGetValue((ns, name), out var ofObject) ? ofObject : _byObject[(ns, name)] = [];
        }

        return _byNamespace.TryGetValue(ns, out var inNamespace) ? inNamespace : _byNamespace[ns] = [];
    }
}
