using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Network.Gateway.Forwarding;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Telemetry;
using Sealos.Network.Gateway.Tls;

namespace Sealos.Network.Gateway;

/// <summary>
/// The ingress gateway: HTTP and HTTPS for every app. Its identity lists and watches ingresses, ingressclasses, services,
/// endpointslices and TLS secrets, patches <c>ingresses/status</c> and creates and patches events.
/// </summary>
public sealed class GatewayComponent : IHostedService, IAsyncDisposable
{
    private readonly InformerFactory _informers;
    private readonly EventRecorder _events;
    private readonly UpstreamClient _upstream;
    private readonly RouteTable _routes;
    private readonly MetricsText _metrics;
    private readonly GatewayFeed _feed;
    private readonly CertificateSelector _certificates;
    private readonly GatewayServer _server;
    private readonly Controller? _status;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>A gateway that is fed by <paramref name="informers"/> and writes status with <paramref name="client"/>.</summary>
    /// <exception cref="InvalidDataException">The options name no certificate that can be used.</exception>
    public GatewayComponent(GatewayOptions options, KubeClient client, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("Sealos.Network.Gateway");
        _time = time;
        _informers = informers;
        _events = new EventRecorder(client, "sealos-gateway", time, logger);
        var backends = new BackendTable(options);
        _routes = new RouteTable(options, backends, new IngressClasses(options));
        _feed = new GatewayFeed(informers, _routes, backends, _events, logger);
        _upstream = new UpstreamClient(options, time);
        _metrics = new MetricsText(_routes, _upstream);
        _certificates = new CertificateSelector(options, _routes, _feed.FindSecret, time, logger);
        var handler = new GatewayHandler(options, _routes, new Forwarder(_upstream, time, logger), time);
        _server = new GatewayServer(options, handler, _certificates, _metrics, loggers);
        if (options.PublishAddress is { } address)
        {
            _status = new Controller("gateway-status", new IngressStatusReconciler(client, _feed.Ingresses, _routes, address), logger, time);
        }
    }

    /// <summary>Where HTTP was bound.</summary>
    public int HttpPort => _server.HttpPort;

    /// <summary>Where HTTPS was bound.</summary>
    public int HttpsPort => _server.HttpsPort;

    /// <summary>Whether every existing route has been taken in.</summary>
    public bool IsComplete => _routes.IsComplete;

    /// <summary>What the gateway counts, as text for metric collectors.</summary>
    public string Metrics() => _metrics.Write();

    /// <summary>Binds the ports at once, whether or not the API server is there yet, and takes routes in as they come.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        _feed.Connect(_certificates, _time);
        if (_status is { } status)
        {
            _feed.Follow(status);
        }

        _informers.Start();
        _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Takes no more connections, lets requests end for a while, then cuts what is left.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _feed.Dispose();
        await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _feed.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
        _status?.Dispose();
        _upstream.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await _feed.CompleteAsync(ct).ConfigureAwait(false);

            // Status is written only once classes are known, so that no foreign ingress is claimed for a moment.
            await (_status?.RunAsync(4, ct) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }
}
