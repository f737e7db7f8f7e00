using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sealos.Network.Dns;

/// <summary>Asks the host's name servers, one question at a time however many clients ask it, and keeps what they say.</summary>
internal sealed class Forwarder
{
    private const int LargestPacket = 4096;
    private const int MostOpenQuestions = 512;

    // Every resolver knows the servers of the root: no answer to this is the resolver's own silence.
    private static readonly DnsQuery Probe = DnsQuery.Parse(DnsWriter.WriteQuestion("", DnsType.NS, DnsFlags.RecursionDesired))!;

    private readonly DnsOptions _options;
    private readonly TimeProvider _time;
    private readonly NameServers _servers;
    private readonly AnswerCache _cache;
    private readonly Outage _outage;
    private readonly ConcurrentDictionary<string, Lazy<Task<ForeignReply?>>> _open = new(StringComparer.Ordinal);

    /// <summary>One that asks nothing of its own accord any more after <paramref name="stopping"/>.</summary>
    public Forwarder(DnsOptions options, TimeProvider time, CancellationToken stopping)
    {
        _options = options;
        _time = time;
        _servers = new NameServers(options, time);
        _cache = new AnswerCache(options.CacheEntries, time);
        _outage = new Outage(ProbeAsync, options.ProbeInterval, time, stopping);
    }

    /// <summary>No server outside answers any more (true), or one does again (false).</summary>
    public event Action<bool> OutageChanged
    {
        add => _outage.Changed += value;
        remove => _outage.Changed -= value;
    }

    /// <summary>A kept answer, at once.</summary>
    public bool TryGetKept(DnsQuery query, out ForeignReply reply, out int age) => _cache.TryGet(Key(query), out reply, out age);

    /// <summary>The answer of the first server that has one; null when none has, or too many questions are open.</summary>
    public async Task<ForeignReply?> AskAsync(DnsQuery query, CancellationToken ct)
    {
        var key = Key(query);
        if (_open.Count >= MostOpenQuestions && !_open.ContainsKey(key))
        {
            return null;
        }

        if (!_outage.IsOn)
        {
            return await Begin(key, query).WaitAsync(ct).ConfigureAwait(false);
        }

        if (_outage.MayPass())
        {
            _ = Begin(key, query);
        }

        return null;
    }

    // Not cancelled with the client that happened to be first: others wait for the same answer. It ends by its own timeouts.
    private Task<ForeignReply?> Begin(string key, DnsQuery query) =>
        _open.GetOrAdd(key, _ => new Lazy<Task<ForeignReply?>>(() => AskServersAsync(key, query, CancellationToken.None))).Value;

    // The same name may be spelled in many cases, and answers differ with what the client understands.
    private static string Key(DnsQuery query) =>
        string.Create(null, stackalloc char[16], $"{(query.HasEdns ? 'e' : '-')}{(query.WantsSignatures ? 's' : '-')}{(query.Flags.HasFlag(DnsFlags.CheckingDisabled) ? 'c' : '-')}{(int)query.Type:x4}") + query.Name;

    private async Task<ForeignReply?> AskServersAsync(string key, DnsQuery query, CancellationToken ct)
    {
        ForeignReply? last = null;
        try
        {
            foreach (var server in _servers.InOrder())
            {
                last = await TryAskAsync(server, query, ct).ConfigureAwait(false) ?? last;
                if (last is { Status: DnsStatus.NoError or DnsStatus.NoSuchName })
                {
                    _cache.Add(key, last);
                    break;
                }

                _servers.Avoid(server);
            }

            if (last is null)
            {
                _outage.Suspect();
            }
            else
            {
                _outage.Answered();
            }

            return last;
        }
        finally
        {
            _open.TryRemove(key, out _);
        }
    }

    /// <summary>Asks all servers at once what any of them can answer.</summary>
    private async Task<bool> ProbeAsync(CancellationToken ct)
    {
        await foreach (var reply in Task.WhenEach(_servers.InOrder().Select(s => TryAskAsync(s, Probe, ct))).ConfigureAwait(false))
        {
            if (await reply.ConfigureAwait(false) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ForeignReply?> TryAskAsync(IPEndPoint server, DnsQuery query, CancellationToken ct)
    {
        using var expiry = new CancellationTokenSource(_options.UpstreamTimeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, expiry.Token);
        try
        {
            var reply = await AskByUdpAsync(server, query, limit.Token).ConfigureAwait(false);
            return reply.IsTruncated ? await AskByTcpAsync(server, query, limit.Token).ConfigureAwait(false) : reply;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    // A socket of its own gives each question a port of its own: together with the id that is what a forger must guess.
    private static async Task<ForeignReply> AskByUdpAsync(IPEndPoint server, DnsQuery query, CancellationToken ct)
    {
        var id = NewId();
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct).ConfigureAwait(false);
        await socket.SendAsync(DnsWriter.WriteQuestion(query, id), ct).ConfigureAwait(false);
        var buffer = new byte[LargestPacket];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, ct).ConfigureAwait(false);
            if (ForeignReply.Parse(buffer[..length], query, id) is { } reply)
            {
                return reply;
            }
        }
    }

    private static async Task<ForeignReply?> AskByTcpAsync(IPEndPoint server, DnsQuery query, CancellationToken ct)
    {
        var id = NewId();
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, ct).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(TcpFrame.Wrap(DnsWriter.WriteQuestion(query, id)), ct).ConfigureAwait(false);
        var message = await TcpFrame.ReadAsync(stream, ushort.MaxValue, ct).ConfigureAwait(false);
        return message is null ? null : ForeignReply.Parse(message, query, id);
    }

    private static ushort NewId()
    {
        Span<byte> bytes = stackalloc byte[2];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}
