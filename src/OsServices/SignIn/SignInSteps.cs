using System.Security.Cryptography;
using System.Text;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// What waits between two steps of signing in, known by a one-time token. Kept in memory: a restart costs whoever is in between one more
/// try. Bounded, and the tokens are kept as hashes alone.
/// </summary>
internal sealed class SignInSteps<T>(TimeProvider time, TimeSpan lifetime, int tries = 5)
    where T : class
{
    private const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The token of a new step, and until when it holds.</summary>
    public (string Token, DateTimeOffset Expires) Add(T value)
    {
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_entries.Count >= Most)
            {
                foreach (var (key, _) in _entries.Where(e => e.Value.Until <= now).ToList())
                {
                    _entries.Remove(key);
                }
            }

            if (_entries.Count >= Most)
            {
                throw Refusals.TooMany();
            }

            _entries[HashOf(token)] = new Entry(value, now + lifetime);
            return (token, now + lifetime);
        }
    }

    /// <summary>What a token stands for, for one more of a few tries; null when it is over.</summary>
    public T? Try(string? token)
    {
        lock (_lock)
        {
            if (token is null || !_entries.TryGetValue(HashOf(token), out var entry))
            {
                return null;
            }

            if (entry.Until <= time.GetUtcNow() || ++entry.Tried > tries)
            {
                _entries.Remove(HashOf(token));
                return null;
            }

            return entry.Value;
        }
    }

    /// <summary>Ends a step; false when it was over, so of two who end it one does.</summary>
    public bool TryEnd(string token)
    {
        lock (_lock)
        {
            return _entries.Remove(HashOf(token));
        }
    }

    private static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed class Entry(T value, DateTimeOffset until)
    {
        public T Value => value;

        public DateTimeOffset Until => until;

        public int Tried { get; set; }
    }
}
