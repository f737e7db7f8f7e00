using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Bootstrap;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer;

/// <summary>The Kubernetes API server: opens the store, puts in what must be there, and serves HTTPS.</summary>
public sealed partial class ApiServerComponent(ApiServerOptions options, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int MaxStreams = 1000;
    private const int MaxRequestLine = 32 * 1024;
    private const int ConnectionWindow = 256 * 1024;
    private const int StreamWindow = 128 * 1024;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = logs.CreateLogger<ApiServerComponent>();
    private ServerParts? _parts;
    private WebApplication? _web;

    /// <summary>Where the server listens, once started.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // What did start, such as the store, must be free for another attempt.
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_parts is not null)
        {
            _parts.State.MarkStopping();

            // Watches end first, so that the listener has nothing to wait for.
            await _parts.Stopping.CancelAsync().ConfigureAwait(false);
        }

        if (_web is not null)
        {
            // Followed logs and open terminals would hold the stop for as long as they like.
            using var patience = new CancellationTokenSource(StopPatience, options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            await _web.StopAsync(either.Token).ConfigureAwait(false);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_web is { } web)
        {
            _web = null;
            await web.DisposeAsync().ConfigureAwait(false);
        }

        if (_parts is { } parts)
        {
            _parts = null;
            await parts.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Serves the kinds of a group that are found out when asked for, or has them be unknown. Nothing else is interrupted.</summary>
    /// <exception cref="InvalidOperationException">The server does not run, or objects of the group are stored.</exception>
    public void Serve(string group, bool isServed)
    {
        if (_parts is not { } parts)
        {
            throw new InvalidOperationException("the API server does not run");
        }

        parts.Serve(group, isServed);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _parts = await ServerParts.BuildAsync(options, logs, cancellationToken).ConfigureAwait(false);
        await _parts.Bootstrap.RunAsync(cancellationToken).ConfigureAwait(false);
        _web = BuildWeb(_parts);
        await _web.StartAsync(cancellationToken).ConfigureAwait(false);
        Addresses = [.. _web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(a => new Uri(a))];
        await _parts.Bootstrap.PublishEndpointAsync(Addresses[0].Port, cancellationToken).ConfigureAwait(false);
        _parts.State.MarkReady();
        Log.Started(_logger, Addresses[0], _parts.Revision);
    }

    private WebApplication BuildWeb(ServerParts parts)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new WarningsOnly(logs));
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        var app = builder.Build();
        app.Run(parts.Handler.HandleAsync);
        return app;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;

        // The body's limit is this room's own, so that its refusal is a Status.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestLineSize = MaxRequestLine;
        limits.MaxConcurrentConnections = options.Limits.Connections;
        limits.RequestHeadersTimeout = options.Limits.Headers;
        limits.KeepAliveTimeout = options.Limits.Idle;

        // A watch or a followed log may rest for long; slow watchers are cut off by their queue.
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = MaxStreams;

        // What a client sends ahead of its turn is kept in memory.
        limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        var connections = new ConnectionLimit(options.Limits.ConnectionsAnAddress);
        foreach (var endpoint in options.Listen)
        {
            kestrel.Listen(endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(connections.Guard);
                listen.UseHttps(ConfigureTls);
            });
        }
    }

    private void ConfigureTls(HttpsConnectionAdapterOptions https)
    {
        https.HandshakeTimeout = options.Limits.Handshake;
        https.ServerCertificate = options.ServerCertificate;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;

        // Who a certificate names, and whether it may, is authentication's to say: a wrong one gets a 401, not a broken connection.
        https.ClientCertificateValidation = (_, _, _) => true;
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,

            // A stranger's certificate must not make this server fetch what it names.
            DisableCertificateDownloads = true,
        };
    }

    /// <summary>The process belongs to the host: this web application neither sees signals nor ends it.</summary>
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>The web framework's own account of every request would cost more than most requests.</summary>
    private sealed class WarningsOnly(ILoggerFactory inner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new Filtered(inner.CreateLogger(categoryName));

        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public void Dispose()
        {
            // The factory is the host's.
        }

        private sealed class Filtered(ILogger target) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && target.IsEnabled(logLevel);

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                {
                    target.Log(logLevel, eventId, state, exception, formatter);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Information, "API server serves {Address} at revision {Revision}")]
        public static partial void Started(ILogger logger, Uri address, long revision);
    }
}
