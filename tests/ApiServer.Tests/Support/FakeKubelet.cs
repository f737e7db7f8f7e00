using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>A node's HTTPS server: a log of three lines, an echo behind every upgrade, and a page that shows what arrived.</summary>
public sealed class FakeKubelet : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;

    private FakeKubelet(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>What it says of usage.</summary>
    public string Summary { get; set; } = "{}";

    /// <summary>How often it was asked for usage.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>The newest request: method, path, query and the client's certificate.</summary>
    public string? Seen { get; private set; }

    public IHeaderDictionary? SeenHeaders { get; private set; }

    public static async Task<FakeKubelet> StartAsync(TestCertificates certificates)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificates.Server("node");
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (_, _, _) => true;
        })));
        var app = builder.Build();
        var kubelet = new FakeKubelet(app);
        app.Run(kubelet.HandleAsync);
        await app.StartAsync();
        return kubelet;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == "/stats/summary")
        {
            Interlocked.Increment(ref _asked);
            await context.Response.WriteAsync(Summary);
            return;
        }

        Seen = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Connection.ClientCertificate?.Subject}";
        SeenHeaders = context.Request.Headers;
        var path = context.Request.Path.Value!;
        if (path.EndsWith("/waiting", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("container \"waiting\" in pod \"p\" is waiting to start: ContainerCreating");
        }
        else if (path.StartsWith("/containerLogs/", StringComparison.Ordinal))
        {
            foreach (var line in new[] { "one\n", "two\n", "three\n" })
            {
                await context.Response.WriteAsync(line);
                await context.Response.Body.FlushAsync();
            }
        }
        else if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            await EchoAsync(context, upgrade);
        }
        else
        {
            context.Response.Headers.Location = "/elsewhere";
            await context.Response.WriteAsync($"{context.Request.Method} {path} {await new StreamReader(context.Request.Body).ReadToEndAsync()}");
        }
    }

    private static async Task EchoAsync(HttpContext context, IHttpUpgradeFeature upgrade)
    {
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = context.Request.Headers.Upgrade;
        if (key.Length > 0)
        {
            headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            headers.SecWebSocketProtocol = context.Request.Headers.SecWebSocketProtocol;
        }

        await using var stream = await upgrade.UpgradeAsync();
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer) is var read and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read));
            if (buffer.AsSpan(0, read).EndsWith("bye"u8))
            {
                return;
            }
        }
    }
}
