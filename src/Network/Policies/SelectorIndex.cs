namespace Sealos.Network.Policies;

/// <summary>Finds, among many things with a selector each, those that may select an object, without looking at all of them.</summary>
internal sealed class SelectorIndex<T>
    where T : notnull
{
    private readonly Dictionary<KeyValuePair<string, string>, HashSet<T>> _byPair = [];
    private readonly HashSet<T> _others = [];

    public bool IsEmpty => _byPair.Count == 0 && _others.Count == 0;

    public void Add(LabelTerms terms, T item)
    {
        if (terms.Pair is not { } pair)
        {
            _others.Add(item);
            return;
        }

        if (!_byPair.TryGetValue(pair, out var items))
        {
            _byPair[pair] = items = [];
        }

        items.Add(item);
    }

    public void Remove(LabelTerms terms, T item)
    {
        if (terms.Pair is not { } pair)
        {
            _others.Remove(item);
        }
        else if (_byPair.TryGetValue(pair, out var items) && items.Remove(item) && items.Count == 0)
        {
            _byPair.Remove(pair);
        }
    }

    /// <summary>What may select an object with these labels; its other terms are still to be checked.</summary>
    public IEnumerable<T> Candidates(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var item in _others)
        {
            yield return item;
        }

        if (_byPair.Count == 0)
        {
            yield break;
        }

        foreach (var pair in labels)
        {
            if (_byPair.TryGetValue(pair, out var items))
            {
                foreach (var item in items)
                {
                    yield return item;
                }
            }
        }
    }
}
