using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Network.Nft;

namespace Sealos.Network.PodNetwork;

/// <summary>
/// Lays what every pod's network stands on: the runtime's CNI configuration, forwarding, the node's own addresses and
/// routes, and the tables against forged packets. Stopping leaves it in place, as pods outlive the server.
/// </summary>
public sealed partial class PodNetworkComponent : IHostedService
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly PodNetworkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HostCommands _commands;
    private readonly NftRunner _nft;
    private readonly InstanceNames _names;
    private readonly NodeLink _link;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    /// <summary>A network on this host, laid by <see cref="StartAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names it.</exception>
    public PodNetworkComponent(PodNetworkOptions options, TimeProvider time, ILoggerFactory loggers)
        : this(options, time, loggers, new HostCommands())
    {
    }

    internal PodNetworkComponent(PodNetworkOptions options, TimeProvider time, ILoggerFactory loggers, HostCommands commands)
    {
        Validate(options);
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<PodNetworkComponent>();
        _commands = commands;
        _nft = new NftRunner(commands);
        _names = new InstanceNames(options.Instance);
        _link = new NodeLink(commands, _names, options);
    }

    /// <summary>Removes every trace of the network from this host; its pods must be gone.</summary>
    public static Task RemoveAsync(PodNetworkOptions options, CancellationToken ct) => RemoveAsync(options, new HostCommands(), ct);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RequirePlugins();
        await LayAsync(cancellationToken).ConfigureAwait(false);
        await WriteConfigAsync(cancellationToken).ConfigureAwait(false);
        _watch = WatchAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal static async Task RemoveAsync(PodNetworkOptions options, HostCommands commands, CancellationToken ct)
    {
        var names = new InstanceNames(options.Instance);
        var nft = new NftRunner(commands);
        if (Directory.Exists(options.CniConfigFolder))
        {
            File.Delete(Path.Combine(options.CniConfigFolder, CniConfig.FileName(options.Instance)));
        }

        foreach (var table in new[] { names.ServiceTable, names.PolicyTable, names.PolicyGuardTable, names.TrafficTable, names.PodTable, names.PodTable6 })
        {
            await nft.RemoveAsync(table, ct).ConfigureAwait(false);
        }

        await new NodeLink(commands, names, options).RemoveAsync(ct).ConfigureAwait(false);
        CniLeftovers.Remove(options);
    }

    private static void Validate(PodNetworkOptions options)
    {
        options.PodRange.RequireIPv4("pod range");
        options.ServiceRange.RequireIPv4("service range");
        if (options.PodRange.Overlaps(options.ServiceRange))
        {
            throw new ArgumentException($"pod range {options.PodRange} and service range {options.ServiceRange} overlap");
        }

        if (!options.ServiceRange.Contains(options.DnsAddress))
        {
            throw new ArgumentException($"DNS address {options.DnsAddress} is outside the service range {options.ServiceRange}");
        }
    }

    private void RequirePlugins()
    {
        foreach (var plugin in CniConfig.Plugins)
        {
            if (!_options.PluginFolders.Any(folder => File.Exists(Path.Combine(folder, plugin))))
            {
                throw new FileNotFoundException($"the CNI plugin '{plugin}' is in none of {string.Join(", ", _options.PluginFolders)}; install containernetworking-plugins");
            }
        }
    }

    private async Task LayAsync(CancellationToken ct)
    {
        // By a tool, so that it reaches the network namespace that all the other tools reach.
        await _commands.RunAsync("tee", ["/proc/sys/net/ipv4/ip_forward"], "1\n", ct).ConfigureAwait(false);
        await _link.EnsureAsync(ct).ConfigureAwait(false);
        await _nft.ApplyAsync(PodTables.Script(_names, _options), ct).ConfigureAwait(false);
        if (Directory.Exists("/proc/sys/net/ipv6"))
        {
            await _nft.ApplyAsync(PodTables.Script6(_names), ct).ConfigureAwait(false);
        }
    }

    private async Task WriteConfigAsync(CancellationToken ct)
    {
        var mtu = await _link.UplinkMtuAsync(ct).ConfigureAwait(false);
        Directory.CreateDirectory(_options.CniConfigFolder);
        Directory.CreateDirectory(_options.AddressFolder);
        var path = Path.Combine(_options.CniConfigFolder, CniConfig.FileName(_options.Instance));
        var config = CniConfig.Render(_options, mtu);
        if (File.Exists(path) && await File.ReadAllTextAsync(path, ct).ConfigureAwait(false) == config)
        {
            // A start must not need room on a full disk.
            return;
        }

        var draft = path + ".new";
        await File.WriteAllTextAsync(draft, config, ct).ConfigureAwait(false);
        File.Move(draft, path, overwrite: true);
    }

    // Somebody reloading the host's own firewall flushes our tables with it.
    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                await RepairAsync(ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RepairAsync(CancellationToken ct)
    {
        try
        {
            if (!await _nft.ExistsAsync(_names.PodTable, ct).ConfigureAwait(false) || !await _link.ExistsAsync(ct).ConfigureAwait(false))
            {
                Log.Repaired(_logger, _names.PodTable, _names.Link);
                await LayAsync(ct).ConfigureAwait(false);
            }
        }
        catch (HostCommandException e)
        {
            Log.CannotRepair(_logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "table '{Table}' or link {Link} was gone, laying the pod network again")]
        public static partial void Repaired(ILogger logger, NftTable table, string link);

        [LoggerMessage(2, LogLevel.Error, "the pod network cannot be checked or laid again: {Reason}")]
        public static partial void CannotRepair(ILogger logger, string reason);
    }
}
