using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Access;
using Sealos.Node.Cri;
using Sealos.Node.Gvisor;
using Sealos.Node.Images;
using Sealos.Node.Stats;

namespace Sealos.Node.Exec;

/// <summary>What the node's HTTPS server serves from.</summary>
internal sealed record KubeletServices(IPodLookup Pods, CriClient Cri, ImageStore Images, NodeStats Stats, TimeProvider Time, ILoggerFactory Loggers)
{
    /// <summary>Who says who callers are and what they may.</summary>
    public required IReviews Reviews { get; init; }

    /// <summary>The way to ports of pods in gVisor; null where no pod is.</summary>
    public GvisorPorts? GvisorPorts { get; init; }

    /// <summary>What probes have found, in Prometheus' text form.</summary>
    public Func<string> ProbeMetrics { get; init; } = () => "";

    /// <summary>The folder of this node's logs.</summary>
    public required string LogRoot { get; init; }

    /// <summary>What the node tells of its own configuration.</summary>
    public JsonObject Configuration { get; init; } = [];
}

/// <summary>The node's HTTPS server, with the paths of Kubernetes' node agent; callers are known and may what the API's rules say.</summary>
internal sealed partial class KubeletServer(KubeletServerOptions options, KubeletServices services) : IAsyncDisposable
{
    private readonly ILogger _logger = services.Loggers.CreateLogger<KubeletServer>();
    private readonly ClientCertificates _clients = new(options.ClientAuthorityPem, options.AllowedClients, services.Time);
    private Gate? _gate;
    private WebApplication? _app;

    /// <summary>The port it listens on once started.</summary>
    public int Port { get; private set; }

    /// <summary>Starts to listen.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        _gate = new Gate(_clients, services.Reviews, services.Time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(services.Loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.Use(next => context => GuardAsync(next, context));
        Map(_app);
        await _app.StartAsync(ct).ConfigureAwait(false);
        Port = new Uri(_app.Urls.First()).Port;
        LogListening(_logger, options.Address, Port);
    }

    /// <summary>Stops listening; what streams is cut off.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (_app is not null)
        {
            // Logs that are followed and shells would hold the stop for as long as it may take.
            using var now = new CancellationTokenSource(TimeSpan.Zero, services.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, now.Token);
            await _app.StopAsync(either.Token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }

        _gate?.Dispose();
        _clients.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;

        // Images are uploaded, logs are read as slowly as people read.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(options.Address, options.Port, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = options.Certificate.ToCertificate();
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;

            // Who shows a certificate of somebody else's may still have a token; the gate judges both.
            https.AllowAnyClientCertificate();
        }));
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        var finder = new ContainerFinder(services.Pods);
        var logs = new LogsEndpoint(finder, services.Cri, services.Time);
        var exec = new ExecEndpoint(finder, services.Cri, services.Time);
        var forward = new PortForwardEndpoint(finder, services);
        var files = new NodeLogs(services.LogRoot);
        string[] get = [HttpMethods.Get];
        string[] upgrade = [HttpMethods.Get, HttpMethods.Post];

        routes.MapMethods("/healthz", get, c => c.Response.WriteAsync("ok", c.RequestAborted));
        routes.MapMethods("/containerLogs/{ns}/{pod}/{container}", get, c => logs.HandleAsync(c, Part(c, "ns"), Part(c, "pod"), Part(c, "container")));
        routes.MapMethods("/exec/{ns}/{pod}/{container}", upgrade, c => exec.ExecAsync(c, Part(c, "ns"), Part(c, "pod"), Part(c, "container")));
        routes.MapMethods("/attach/{ns}/{pod}/{container}", upgrade, c => exec.AttachAsync(c, Part(c, "ns"), Part(c, "pod"), Part(c, "container")));
        routes.MapMethods("/portForward/{ns}/{pod}", upgrade, c => forward.HandleAsync(c, Part(c, "ns"), Part(c, "pod")));
        routes.MapMethods("/run/{ns}/{pod}/{container}", [HttpMethods.Post], c => exec.RunAsync(c, Part(c, "ns"), Part(c, "pod"), Part(c, "container")));
        routes.MapMethods("/runningpods/", get, c => JsonAsync(c, new KubeList<Pod> { ApiVersion = "v1", Kind = "PodList", Items = [.. services.Pods.List().Where(p => services.Pods.FindSandbox(p.Metadata.Uid ?? "") is not null).Select(RunningPods.Of)] }));
        routes.MapMethods("/configz", get, c => JsonAsync(c, new JsonObject { ["kubeletconfig"] = services.Configuration.DeepClone() }));
        routes.MapMethods("/pods", get, c => JsonAsync(c, new KubeList<Pod> { ApiVersion = "v1", Kind = "PodList", Items = [.. services.Pods.List()] }));
        routes.MapMethods("/stats/summary", get, async c => await JsonAsync(c, await services.Stats.RatedSummaryAsync(c.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false));
        routes.MapMethods("/metrics", get, c => MetricsAsync(c, MetricsText.Render));
        routes.MapMethods("/metrics/cadvisor", get, c => MetricsAsync(c, MetricsText.RenderContainers));
        routes.MapMethods("/metrics/resource", get, c => MetricsAsync(c, MetricsText.RenderResources));
        routes.MapMethods("/metrics/probes", get, c => TextAsync(c, services.ProbeMetrics()));
        routes.MapMethods("/logs/{**path}", get, c => files.HandleAsync(c, (string?)c.Request.RouteValues["path"] ?? ""));
        routes.MapMethods("/images", get, async c => await JsonAsync(c, await services.Images.ListAsync(c.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false));
        routes.MapMethods("/images/load", [HttpMethods.Post], async c => await JsonAsync(c, await services.Images.LoadAsync(c.Request.Body, c.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private static string Part(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static Task JsonAsync<T>(HttpContext context, T value)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, KubeJson.Options, context.RequestAborted);
    }

    private async Task MetricsAsync(HttpContext context, Func<Summary, string> render) =>
        await TextAsync(context, render(await services.Stats.SummaryAsync(context.RequestAborted).ConfigureAwait(false))).ConfigureAwait(false);

    private static Task TextAsync(HttpContext context, string metrics)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics, context.RequestAborted);
    }

    // The boundary of a request: whatever goes wrong in it ends here.
    private async Task GuardAsync(RequestDelegate next, HttpContext context)
    {
        try
        {
            await _gate!.EnterAsync(context).ConfigureAwait(false);
            await next(context).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            await AnswerAsync(context, e.Status, e.Message).ConfigureAwait(false);
        }
        catch (ImageException e)
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, e.Message).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            await AnswerAsync(context, e.IsNotFound ? StatusCodes.Status404NotFound : StatusCodes.Status500InternalServerError, e.Message).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
        catch (Exception e)
        {
            LogFailed(_logger, context.Request.Path, e);
            await AnswerAsync(context, StatusCodes.Status500InternalServerError, "internal error; the node's log says more").ConfigureAwait(false);
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message, context.RequestAborted).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "node server listens on {Address}:{Port}")]
    private static partial void LogListening(ILogger logger, IPAddress address, int port);

    [LoggerMessage(2, LogLevel.Error, "request for {Path} failed")]
    private static partial void LogFailed(ILogger logger, PathString path, Exception exception);

    // Signals are the whole process's matter, not this server's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
