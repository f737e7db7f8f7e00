using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>Makes the kernel forget UDP flows to endpoints that are gone, where the <c>conntrack</c> tool is installed.</summary>
internal sealed partial class Conntrack(HostCommands commands, ILogger logger)
{
    private readonly bool _isInstalled = HostCommands.Has("conntrack");

    public async Task ForgetAsync(IEnumerable<StaleFlow> flows, CancellationToken ct)
    {
        if (!_isInstalled)
        {
            return;
        }

        foreach (var flow in flows)
        {
            // Exit code 1 says that there was nothing to forget.
            var result = await commands.TryRunAsync("conntrack", flow.ToArguments(), null, ct).ConfigureAwait(false);
            if (result.ExitCode > 1)
            {
                Log.Failed(logger, result.Error.Trim());
            }
        }
    }

    /// <summary>Forgets all flows to and from addresses: who gets one next has no part in them.</summary>
    public async Task ForgetAsync(IReadOnlyCollection<IPAddress> addresses, CancellationToken ct)
    {
        if (!_isInstalled)
        {
            return;
        }

        // One run of the tool for each end; it takes one filter at a time.
        foreach (var address in addresses)
        {
            await commands.TryRunAsync("conntrack", ["-D", "-f", "ipv4", "--orig-src", $"{address}"], null, ct).ConfigureAwait(false);
            await commands.TryRunAsync("conntrack", ["-D", "-f", "ipv4", "--reply-src", $"{address}"], null, ct).ConfigureAwait(false);
        }
    }

    /// <summary>After a restart: compares what the kernel remembers with what is wanted, as nobody saw what changed meanwhile.</summary>
    public async Task ForgetStrangersAsync(IReadOnlyCollection<ServicePlan> plans, CancellationToken ct)
    {
        var ports = plans.SelectMany(p => p.UdpPorts).Where(p => p.Address is not null).ToDictionary(p => (p.Address!, p.Port));
        if (!_isInstalled || ports.Count == 0)
        {
            return;
        }

        var listing = await commands.TryRunAsync("conntrack", ["-L", "-f", "ipv4", "-p", "udp"], null, ct).ConfigureAwait(false);
        await ForgetAsync(Strangers(listing.Output, ports), ct).ConfigureAwait(false);
    }

    internal static IReadOnlyList<StaleFlow> Strangers(string listing, IReadOnlyDictionary<(IPAddress Address, int Port), UdpPort> ports)
    {
        var stale = new HashSet<StaleFlow>();
        foreach (Match flow in Flow().Matches(listing))
        {
            if (IPAddress.TryParse(flow.Groups["to"].Value, out var to)
                && int.TryParse(flow.Groups["port"].Value, out var port)
                && IPAddress.TryParse(flow.Groups["from"].Value, out var from)
                && ports.TryGetValue((to, port), out var known)
                && !known.Endpoints.Contains(from))
            {
                stale.Add(new StaleFlow(to, port, from));
            }
        }

        return [.. stale];
    }

    // One line a flow: the direction it was opened in, then the direction of the answers.
    [GeneratedRegex(@"^udp\s.*?\bdst=(?<to>\S+) sport=\d+ dport=(?<port>\d+).*?\bsrc=(?<from>\S+)", RegexOptions.Multiline)]
    private static partial Regex Flow();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "conntrack could not forget stale UDP flows: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
