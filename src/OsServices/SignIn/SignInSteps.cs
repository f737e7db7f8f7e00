using System.Security.Cryptography;
using System.Text;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// What waits between two steps of signing in, known by a one-time token. Kept in memory: a restart costs whoever is in between one more
/// try. Bounded as a whole and for each site, and beyond that the oldest goes, so that whoever begins now and goes on at once gets through;
/// the tokens are kept as hashes alone.
/// </summary>
internal sealed class SignInSteps<T>(TimeProvider time, TimeSpan lifetime, int tries = 5)
    where T : class
{
    private const int Most = 10_000;
    private const int MostOfOneSite = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly PlaceCounts _sites = new();

    // The oldest first, which is the first to end, too.
    private readonly LinkedList<Entry> _order = new();

    /// <summary>The token of a new step, and until when it holds.</summary>
    public (string Token, DateTimeOffset Expires) Add(T value, ClientInfo from)
    {
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var site = from.Site;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_order.First is { } oldest && (_order.Count >= Most || oldest.Value.Until <= now))
            {
                Remove(oldest);
            }

            // What comes from the machine itself bears no address.
            if (site.Length > 0 && _sites.Of(site) >= MostOfOneSite)
            {
                Remove(OldestOf(site));
            }

            var entry = new Entry(HashOf(token), site, value, now + lifetime);
            _entries[entry.Key] = _order.AddLast(entry);
            _sites.Add(site);
            return (token, entry.Until);
        }
    }

    /// <summary>What a token stands for, for one more of a few tries; null when it is over.</summary>
    public T? Try(string? token)
    {
        lock (_lock)
        {
            if (token is null || !_entries.TryGetValue(HashOf(token), out var node))
            {
                return null;
            }

            if (node.Value.Until <= time.GetUtcNow() || ++node.Value.Tried > tries)
            {
                Remove(node);
                return null;
            }

            return node.Value.Value;
        }
    }

    /// <summary>Ends a step; false when it was over, so of two who end it one does.</summary>
    public bool TryEnd(string token)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(HashOf(token), out var node))
            {
                return false;
            }

            Remove(node);
            return true;
        }
    }

    private LinkedListNode<Entry> OldestOf(string site)
    {
        var node = _order.First!;
        while (node.Value.Site != site)
        {
            node = node.Next!;
        }

        return node;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _sites.Remove(node.Value.Site);
        _order.Remove(node);
    }

    private static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed class Entry(string key, string site, T value, DateTimeOffset until)
    {
        public string Key => key;

        public string Site => site;

        public T Value => value;

        public DateTimeOffset Until => until;

        public int Tried { get; set; }
    }
}
