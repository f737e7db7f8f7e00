using System.Net;
using System.Net.Sockets;

namespace Sealos.Network.Dns;

/// <summary>The servers to ask for names that are not ours, as the host's resolv.conf lists them; ourselves left out.</summary>
internal sealed class NameServers(DnsOptions options, TimeProvider time)
{
    private const int DnsPort = 53;

    // The host's list changes when it joins another network; a look at the file's date is cheap.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private IReadOnlyList<IPEndPoint> _servers = options.Upstreams;
    private DateTime _changed;
    private long _looked;
    private int _first;

    /// <summary>The servers, the one that answered last in front.</summary>
    public IReadOnlyList<IPEndPoint> InOrder()
    {
        lock (_lock)
        {
            if (options.Upstreams.Count == 0 && (_looked == 0 || time.GetElapsedTime(_looked) > LookInterval))
            {
                _looked = time.GetTimestamp();
                Look();
            }

            var first = _first % Math.Max(_servers.Count, 1);
            return first == 0 ? _servers : [.. _servers.Skip(first), .. _servers.Take(first)];
        }
    }

    /// <summary>Remembers that a server did not answer, so that the next question goes elsewhere first.</summary>
    public void Avoid(IPEndPoint server)
    {
        lock (_lock)
        {
            if (_servers.Count > 1 && _servers[_first % _servers.Count].Equals(server))
            {
                _first = (_first + 1) % _servers.Count;
            }
        }
    }

    internal static IReadOnlyList<IPEndPoint> Parse(IEnumerable<string> lines, IReadOnlyCollection<IPAddress> ourselves) =>
    [
        .. lines.Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length >= 2 && words[0] == "nameserver")
            .Select(words => IPAddress.TryParse(words[1], out var address) ? address : null)
            .Where(a => a is not null && (a.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv6) && !ourselves.Contains(a))
            .Distinct()
            .Select(a => new IPEndPoint(a!, DnsPort)),
    ];

    private void Look()
    {
        try
        {
            var changed = File.GetLastWriteTimeUtc(options.ResolvConf);
            if (changed != _changed)
            {
                _changed = changed;
                _servers = Parse(File.ReadLines(options.ResolvConf), [.. options.Listen.Select(l => l.Address)]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Being replaced at this moment, or not there: what was known stays.
        }
    }
}
