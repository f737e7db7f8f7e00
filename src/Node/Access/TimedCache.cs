using System.Diagnostics.CodeAnalysis;

namespace Sealos.Node.Access;

/// <summary>Remembers so many answers, each for its own time; when it is full, all of them are forgotten at once.</summary>
internal sealed class TimedCache<TKey, TValue>(int most, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, (TValue Value, DateTimeOffset Until)> _entries = [];

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
        {
            var isKnown = _entries.TryGetValue(key, out var entry) && entry.Until > time.GetUtcNow();
            value = isKnown ? entry.Value : default;
            return isKnown;
        }
    }

    public void Set(TKey key, TValue value, TimeSpan life)
    {
        lock (_lock)
        {
            if (_entries.Count >= most && !_entries.ContainsKey(key))
            {
                _entries.Clear();
            }

            _entries[key] = (value, time.GetUtcNow() + life);
        }
    }
}
