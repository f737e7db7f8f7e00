using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission;

/// <summary>Answers the API server's AdmissionReviews over HTTPS, at a path that only the API server knows.</summary>
internal sealed partial class AdmissionServer : IAsyncDisposable
{
    private const long LargestReview = 16 * 1024 * 1024;
    private const int MostConnections = 512;

    private readonly AdmissionJudge _judge;
    private readonly Callers _callers;
    private readonly ILogger _logger;
    private readonly WebApplication _app;
    private AdmissionIdentity _identity;
    private long _asked;

    /// <summary>A server that listens on a port (0: any that is free), on loopback alone or, open, on all addresses.</summary>
    public AdmissionServer((int Port, bool IsOpen) listening, AdmissionIdentity identity, AdmissionJudge judge, Callers callers, ILoggerFactory loggers)
    {
        _judge = judge;
        _callers = callers;
        _identity = identity;
        _logger = loggers.CreateLogger<AdmissionServer>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestReview;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            Action<ListenOptions> listen = endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => Volatile.Read(ref _identity).Certificate });
            };
            if (listening.IsOpen)
            {
                kestrel.ListenAnyIP(listening.Port, listen);
            }
            else
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, listening.Port, listen);
            }
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The port that is listened on; known once started.</summary>
    public int Port => new Uri(_app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <summary>How many writes it has been asked about.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>Shows another certificate from now on.</summary>
    public void Show(AdmissionIdentity identity) => Volatile.Write(ref _identity, identity);

    public Task StartAsync(CancellationToken ct) => _app.StartAsync(ct);

    public Task StopAsync(CancellationToken ct) => _app.StopAsync(ct);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var isMutation = Matches(context.Request.Path, AdmissionObjects.MutatePath);
        if (!HttpMethods.IsPost(context.Request.Method) || (!isMutation && !Matches(context.Request.Path, AdmissionObjects.ValidatePath)))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        Interlocked.Increment(ref _asked);
        var ct = context.RequestAborted;
        if (await ReadAsync(context.Request, ct).ConfigureAwait(false) is not { } request)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var answer = await AnswerAsync(request, isMutation, ct).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        var bytes = Encoding.UTF8.GetBytes(answer.ToJsonString());
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, ct).ConfigureAwait(false);
    }

    private async Task<JsonObject> AnswerAsync(AdmissionRequest request, bool isMutation, CancellationToken ct)
    {
        try
        {
            return isMutation ? _judge.Mutate(request) : await _judge.ValidateAsync(request, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // Whatever goes wrong here is no reason to let a write pass.
            LogFailed(_logger, request.Resource, e);
            return AdmissionJudge.Refuse(request.Uid, new Refusal("50000: this could not be checked just now; try again", StatusCodes.Status500InternalServerError));
        }
    }

    private async Task<AdmissionRequest?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 0, LargestReview));
        await request.Body.CopyToAsync(body, ct).ConfigureAwait(false);
        try
        {
            return AdmissionRequest.Read(JsonText.ParseNode(body.GetBuffer().AsMemory(0, (int)body.Length)) as JsonObject, _callers);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private bool Matches(PathString path, string what) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(path.Value ?? ""), Encoding.UTF8.GetBytes($"/{Volatile.Read(ref _identity).Path}/{what}"));

    [LoggerMessage(1, LogLevel.Warning, "a write of {Resource} could not be judged")]
    private static partial void LogFailed(ILogger logger, string resource, Exception exception);
}
