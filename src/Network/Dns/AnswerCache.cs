namespace Sealos.Network.Dns;

/// <summary>
/// Other servers' answers for as long as they may be kept. Bounded without bookkeeping: of two halves the older is
/// forgotten whole when the younger is full; what is used moves to the younger.
/// </summary>
internal sealed class AnswerCache(int entries, TimeProvider time)
{
    // A few large answers must not take the place of thousands of small ones.
    private const int LargestAnswer = 4096;

    private readonly Lock _lock = new();
    private Dictionary<string, Entry> _young = new(StringComparer.Ordinal);
    private Dictionary<string, Entry> _old = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _young.Count + _old.Count;
            }
        }
    }

    public bool TryGet(string key, out ForeignReply reply, out int age)
    {
        lock (_lock)
        {
            if (!_young.TryGetValue(key, out var entry) && !_old.Remove(key, out entry))
            {
                (reply, age) = (null!, 0);
                return false;
            }

            reply = entry.Reply;
            age = (int)time.GetElapsedTime(entry.Since).TotalSeconds;
            if (age >= reply.Life)
            {
                _young.Remove(key);
                return false;
            }

            Store(key, entry);
            return true;
        }
    }

    public void Add(string key, ForeignReply reply)
    {
        if (reply.Life > 0 && reply.Length <= LargestAnswer)
        {
            lock (_lock)
            {
                _old.Remove(key);
                Store(key, new Entry(reply, time.GetTimestamp()));
            }
        }
    }

    private void Store(string key, Entry entry)
    {
        if (_young.Count >= entries / 2 && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, new Dictionary<string, Entry>(StringComparer.Ordinal));
        }

        _young[key] = entry;
    }

    private readonly record struct Entry(ForeignReply Reply, long Since);
}
