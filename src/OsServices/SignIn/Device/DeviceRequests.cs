using System.Security.Cryptography;
using System.Text;

namespace Sealos.OsServices.SignIn.Device;

/// <summary>A program that wants to be let in: since when, from where, and what came of it.</summary>
internal sealed class DeviceRequest(string userCode, ClientInfo client, DateTimeOffset created)
{
    public string UserCode => userCode;

    public ClientInfo Client => client;

    public DateTimeOffset Created => created;

    public DateTimeOffset Expires => created + DeviceRequests.Lifetime;

    /// <summary>Who approved, with the session they did it in; null while nobody has.</summary>
    public DeviceApproval? Approval { get; set; }

    public bool IsDenied { get; set; }

    public TimeSpan Interval { get; set; } = DeviceRequests.Interval;

    public DateTimeOffset LastPoll { get; set; } = DateTimeOffset.MinValue;
}

/// <summary>Whose session approved of a program.</summary>
internal sealed record DeviceApproval(string User, string SessionName, string SessionUid);

/// <summary>What a program finds when it asks how its request stands.</summary>
internal enum DevicePoll
{
    /// <summary>Nobody has answered yet.</summary>
    Pending,

    /// <summary>It asks too often, and is to wait longer each time.</summary>
    TooSoon,

    /// <summary>Somebody said no.</summary>
    Denied,

    /// <summary>There is no such request any more.</summary>
    Over,

    /// <summary>Somebody said yes. This is said once.</summary>
    Approved,
}

/// <summary>
/// Programs that wait for a person to let them in (the shape of RFC 8628). In memory: a restart costs whoever waits one more try. Bounded as
/// a whole and for each network; the secret codes are kept as hashes alone.
/// </summary>
internal sealed class DeviceRequests(TimeProvider time)
{
    /// <summary>How long a person has to type the code.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>How often a program may ask, to begin with.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int Most = 10_000;
    private const int MostOfOneNetwork = 20;
    private const int CodeLength = 8;

    // Consonants alone: nothing looks like anything else, and no words come out.
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DeviceRequest> _bySecret = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceRequest> _byUserCode = new(StringComparer.Ordinal);

    /// <summary>A new request with the secret that the program asks with, or null where too many wait.</summary>
    public (DeviceRequest Request, string Secret)? Add(ClientInfo client)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Trim(now);
            if (_bySecret.Count >= Most || _bySecret.Values.Count(r => r.Client.Network == client.Network) >= MostOfOneNetwork)
            {
                return null;
            }

            var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
            string code;
            do
            {
                code = RandomNumberGenerator.GetString(Alphabet, CodeLength);
            }
            while (_byUserCode.ContainsKey(code));

            var request = new DeviceRequest($"{code[..4]}-{code[4..]}", client, now);
            _bySecret[HashOf(secret)] = request;
            _byUserCode[code] = request;
            return (request, secret);
        }
    }

    /// <summary>What waits under a code as a person types it; null when nothing does, or it was answered.</summary>
    public DeviceRequest? Find(string? userCode)
    {
        lock (_lock)
        {
            return _byUserCode.GetValueOrDefault(Plain(userCode)) is { Approval: null, IsDenied: false } request && request.Expires > time.GetUtcNow() ? request : null;
        }
    }

    /// <summary>Answers a request, once; null says no. False when nothing waits under the code.</summary>
    public bool TryAnswer(string? userCode, DeviceApproval? approval)
    {
        lock (_lock)
        {
            if (Find(userCode) is not { } request)
            {
                return false;
            }

            request.Approval = approval;
            request.IsDenied = approval is null;
            return true;
        }
    }

    /// <summary>How a request stands, for the program that made it.</summary>
    public (DevicePoll Poll, DeviceRequest? Request) Poll(string? secret)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (secret is null || !_bySecret.TryGetValue(HashOf(secret), out var request) || request.Expires <= now)
            {
                return (DevicePoll.Over, null);
            }

            var isTooSoon = now - request.LastPoll < request.Interval;
            request.LastPoll = now;
            if (isTooSoon)
            {
                request.Interval += Interval;
                return (DevicePoll.TooSoon, request);
            }

            if (request.Approval is null && !request.IsDenied)
            {
                return (DevicePoll.Pending, request);
            }

            Remove(HashOf(secret), request);
            return (request.IsDenied ? DevicePoll.Denied : DevicePoll.Approved, request);
        }
    }

    private void Trim(DateTimeOffset now)
    {
        foreach (var (key, request) in _bySecret.Where(r => r.Value.Expires <= now).ToList())
        {
            Remove(key, request);
        }
    }

    private void Remove(string key, DeviceRequest request)
    {
        _bySecret.Remove(key);
        _byUserCode.Remove(Plain(request.UserCode));
    }

    private static string Plain(string? userCode) => userCode is { Length: <= 32 } ? new string([.. userCode.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]) : "";

    private static string HashOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
