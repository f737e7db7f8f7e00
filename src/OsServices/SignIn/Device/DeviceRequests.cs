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
/// a whole, where the oldest goes for a new one, and for each network and site; the secret codes are kept as hashes alone.
/// </summary>
internal sealed class DeviceRequests(TimeProvider time)
{
    /// <summary>How long a person has to type the code.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>How often a program may ask, to begin with.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int Most = 10_000;
    private const int MostOfOneNetwork = 20;
    private const int MostOfOneSite = 100;
    private const int CodeLength = 8;

    // Consonants alone: nothing looks like anything else, and no words come out.
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Waiting>> _bySecret = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceRequest> _byUserCode = new(StringComparer.Ordinal);
    private readonly PlaceCounts _networks = new();
    private readonly PlaceCounts _sites = new();

    // The oldest first, which is the first to end, too.
    private readonly LinkedList<Waiting> _order = new();

    /// <summary>A new request with the secret that the program asks with, or null where too many wait that come from the same place.</summary>
    public (DeviceRequest Request, string Secret)? Add(ClientInfo client)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var (network, site) = (client.Network, client.Site);
            Trim(now, _order.Count);
            if (_networks.Of(network) >= MostOfOneNetwork || _sites.Of(site) >= MostOfOneSite)
            {
                return null;
            }

            Trim(now, Most - 1);
            var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
            string code;
            do
            {
                code = RandomNumberGenerator.GetString(Alphabet, CodeLength);
            }
            while (_byUserCode.ContainsKey(code));

            var request = new DeviceRequest($"{code[..4]}-{code[4..]}", client, now);
            var waiting = new Waiting(HashOf(secret), request, network, site);
            _bySecret[waiting.Key] = _order.AddLast(waiting);
            _byUserCode[code] = request;
            _networks.Add(network);
            _sites.Add(site);
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
            if (secret is null || !_bySecret.TryGetValue(HashOf(secret), out var waiting) || waiting.Value.Request.Expires <= now)
            {
                return (DevicePoll.Over, null);
            }

            var request = waiting.Value.Request;
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

            Remove(waiting);
            return (request.IsDenied ? DevicePoll.Denied : DevicePoll.Approved, request);
        }
    }

    // Takes away what has ended, and the oldest where more than so many are left.
    private void Trim(DateTimeOffset now, int most)
    {
        while (_order.First is { } oldest && (_order.Count > most || oldest.Value.Request.Expires <= now))
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<Waiting> node)
    {
        var waiting = node.Value;
        _bySecret.Remove(waiting.Key);
        _byUserCode.Remove(Plain(waiting.Request.UserCode));
        _networks.Remove(waiting.Network);
        _sites.Remove(waiting.Site);
        _order.Remove(node);
    }

    private static string Plain(string? userCode) => userCode is { Length: <= 32 } ? new string([.. userCode.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]) : "";

    private static string HashOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private sealed record Waiting(string Key, DeviceRequest Request, string Network, string Site);
}
