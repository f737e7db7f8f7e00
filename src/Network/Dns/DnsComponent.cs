using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;

namespace Sealos.Network.Dns;

/// <summary>
/// Cluster DNS: names of services, pods and the cloud from watches, everything else from the host's name servers. Needs no
/// right but to listen on its port. While the API is away it answers from what it last saw.
/// </summary>
public sealed partial class DnsComponent : IHostedService, IDisposable
{
    private readonly DnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Informer<Service> _services;
    private readonly Informer<EndpointSlice> _slices;
    private readonly ServiceDirectory _directory = new();
    private readonly Resolver _resolver;
    private readonly List<DnsServer> _servers = [];
    private readonly List<IDisposable> _following = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <summary>A server fed by <paramref name="informers"/>, which the caller starts.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names it.</exception>
    public DnsComponent(DnsOptions options, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        Validate(options);
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<DnsComponent>();
        _services = informers.For<Service>();
        _slices = informers.For<EndpointSlice>();
        var forwarder = new Forwarder(options, time, _stop.Token);
        forwarder.OutageChanged += TellOfOutage;
        _resolver = new Resolver(new CloudNames(options), new ClusterZone(options, _directory), forwarder);
    }

    /// <summary>Where to tell of what people should know; null tells only the log.</summary>
    public EventRecorder? Events { get; init; }

    /// <summary>Where it listens, once started.</summary>
    public IReadOnlyList<IPEndPoint> Listening => [.. _servers.Select(s => s.EndPoint)];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _following.Add(_services.OnChange(_directory.Apply));
        _following.Add(_slices.OnChange(_directory.Apply));
        foreach (var address in _options.Listen)
        {
            _servers.Add(DnsServer.Bind(address, _resolver, _time, _logger));
        }

        _run = Task.WhenAll([WaitForClusterAsync(_stop.Token), .. _servers.Select(s => Task.Run(() => s.RunAsync(_stop.Token), CancellationToken.None))]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _following.ForEach(f => f.Dispose());
        try
        {
            await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // However it went: whoever starts another needs the port.
            _servers.ForEach(s => s.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _servers.ForEach(s => s.Dispose());
        _stop.Dispose();
    }

    private static void Validate(DnsOptions options)
    {
        if (!DnsName.IsValid(options.Zone))
        {
            throw new ArgumentException($"zone '{options.Zone}' is not a domain name in lower case");
        }

        if (options.CloudDomain is not null && !DnsName.IsValid(options.CloudDomain))
        {
            throw new ArgumentException($"cloud domain '{options.CloudDomain}' is not a domain name in lower case");
        }
    }

    private void TellOfOutage(bool isSilent)
    {
        if (isSilent)
        {
            Log.Silent(_logger);
            Events?.Warning(ClusterDnsService.Reference, "UpstreamSilent", "No name server outside answers; names of the cloud go on, others fail until one does");
        }
        else
        {
            Log.Answered(_logger);
            Events?.Normal(ClusterDnsService.Reference, "UpstreamAnswers", "A name server outside answers again");
        }
    }

    private async Task WaitForClusterAsync(CancellationToken ct)
    {
        try
        {
            await _services.WaitForSyncAsync(ct).ConfigureAwait(false);
            await _slices.WaitForSyncAsync(ct).ConfigureAwait(false);
            _resolver.KnowsCluster = true;
            Log.Ready(_logger, string.Join(", ", Listening));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped before the API ever answered.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "answering for the cluster on {Addresses}")]
        public static partial void Ready(ILogger logger, string addresses);

        [LoggerMessage(2, LogLevel.Warning, "no name server outside answers; names outside fail until one does")]
        public static partial void Silent(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "a name server outside answers again")]
        public static partial void Answered(ILogger logger);
    }
}
