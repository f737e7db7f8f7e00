using System.Globalization;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Network.Gateway.Telemetry;
using Sealos.Network.Gateway.Tls;

namespace Sealos.Network.Gateway;

/// <summary>The sockets: Kestrel on the HTTP, HTTPS and metrics endpoints, with every bound that keeps strangers in check.</summary>
internal sealed class GatewayServer(GatewayOptions options, GatewayHandler handler, CertificateSelector certificates, MetricsText metrics, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ClientGate _gate = new(options.Limits.ConnectionsPerClient);
    private WebApplication? _app;

    /// <summary>Where HTTP was bound.</summary>
    public int HttpPort { get; private set; }

    /// <summary>Where HTTPS was bound.</summary>
    public int HttpsPort { get; private set; }

    public async Task StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(loggers));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.Limits.DrainTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        var app = builder.Build();
        app.Run(DispatchAsync);
        _app = app;
        await app.StartAsync(ct).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        HttpPort = PortOf(addresses[0]);
        HttpsPort = PortOf(addresses[1]);
        handler.HttpsPort = options.PublicHttpsPort ?? HttpsPort;
    }

    public Task StopAsync(CancellationToken ct) => _app?.StopAsync(ct) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static int PortOf(string address) => int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    private void Configure(KestrelServerOptions kestrel)
    {
        var limits = options.Limits;
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = limits.Tunnels;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        kestrel.Limits.MaxRequestLineSize = limits.RequestLineBytes;
        kestrel.Limits.RequestHeadersTimeout = limits.HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.IdleTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(limits.MinBodyRate, limits.MinBodyRateGrace);
        kestrel.Limits.MinResponseDataRate = new MinDataRate(limits.MinBodyRate, limits.MinBodyRateGrace);
        kestrel.Limits.MaxRequestBufferSize = 256 * 1024;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytes / 2;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 512 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 256 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(options.Http, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(_gate.Admit);
        });
        kestrel.Listen(options.Https, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(_gate.Admit);
            listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = limits.HeadersTimeout, OnConnection = OnHandshake });
        });
        ListenForMetrics(kestrel);
    }

    private void ListenForMetrics(KestrelServerOptions kestrel)
    {
        switch (options.Metrics)
        {
            case null:
                break;
            case System.Net.Sockets.UnixDomainSocketEndPoint socket:
                File.Delete(socket.ToString()!);
                kestrel.ListenUnixSocket(socket.ToString()!, Mark);
                break;
            case IPEndPoint ip when IPAddress.IsLoopback(ip.Address):
                kestrel.Listen(ip, Mark);
                break;
            default:
                throw new InvalidDataException($"metrics may be served on a Unix socket or a loopback port only, not on {options.Metrics}");
        }

        static void Mark(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(MetricsListener.Instance);
                return next(connection);
            });
        }
    }

    private ValueTask<SslServerAuthenticationOptions> OnHandshake(TlsHandshakeCallbackContext context) =>
        ValueTask.FromResult(certificates.Select(context.ClientHelloInfo.ServerName).Handshake);

    private Task DispatchAsync(HttpContext context)
    {
        if (context.Features.Get<MetricsListener>() is null)
        {
            return handler.HandleAsync(context);
        }

        if (context.Request.Path != "/metrics")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics.Write(), context.RequestAborted);
    }

    private sealed class MetricsListener
    {
        public static readonly MetricsListener Instance = new();
    }
}
