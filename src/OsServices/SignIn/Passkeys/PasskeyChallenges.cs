using System.Buffers.Text;
using System.Security.Cryptography;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>What a challenge was given for: signing in, perhaps of one name alone, or a new passkey of a user with the handle it gets.</summary>
internal sealed record PasskeyPurpose(bool IsNew, string? User, byte[]? Handle)
{
    /// <summary>The UID of the session that is to be confirmed, where it is for that alone.</summary>
    public string? Session { get; init; }
}

/// <summary>
/// Challenges that wait for their answer. Each is taken once, whatever comes of it. Kept in memory and bounded: where strangers ask
/// for too many the oldest goes, so that who asks now and answers at once gets through.
/// </summary>
internal sealed class PasskeyChallenges(TimeProvider time)
{
    private const int Most = 20_000;

    /// <summary>How long a person has.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (PasskeyPurpose Purpose, DateTimeOffset Until)> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    public string Add(PasskeyPurpose purpose)
    {
        var challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        lock (_lock)
        {
            var now = time.GetUtcNow();

            // Those that were taken still stand in the order, so it is the order that is bounded.
            while (_order.TryPeek(out var oldest) && (_order.Count >= Most || !_waiting.TryGetValue(oldest, out var entry) || entry.Until <= now))
            {
                _waiting.Remove(_order.Dequeue());
            }

            _waiting[challenge] = (purpose, now + Lifetime);
            _order.Enqueue(challenge);
        }

        return challenge;
    }

    /// <summary>Ends a challenge and says what it was for; null when it is none, or over.</summary>
    public PasskeyPurpose? Take(string challenge)
    {
        lock (_lock)
        {
            return _waiting.Remove(challenge, out var entry) && entry.Until > time.GetUtcNow() ? entry.Purpose : null;
        }
    }
}
