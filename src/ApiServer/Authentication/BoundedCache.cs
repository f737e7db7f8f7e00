using System.Diagnostics.CodeAnalysis;

namespace Sealos.ApiServer.Authentication;

/// <summary>
/// Remembers at most about <c>capacity</c> entries: two generations, the older one dropped when the younger is full.
/// What is used again moves to the younger one.
/// </summary>
internal sealed class BoundedCache<T>(int capacity)
    where T : class
{
    private readonly Lock _gate = new();
    private Dictionary<string, T> _young = [];
    private Dictionary<string, T> _old = [];

    public bool TryGet(string key, [NotNullWhen(true)] out T? value)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(key, out value))
            {
                return true;
            }

            if (_old.Remove(key, out value))
            {
                AddYoung(key, value);
                return true;
            }

            return false;
        }
    }

    public void Add(string key, T value)
    {
        lock (_gate)
        {
            AddYoung(key, value);
        }
    }

    private void AddYoung(string key, T value)
    {
        if (_young.Count >= Math.Max(1, capacity / 2))
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }

        _young[key] = value;
    }
}
