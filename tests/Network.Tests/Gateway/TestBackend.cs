using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>An app's instance: a real server on a random loopback port.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestBackend(WebApplication app)
    {
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = int.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
    }

    public int Port { get; }

    public static Task<TestBackend> StartAsync(RequestDelegate answer, int port = 0) => StartAsync(answer, HttpProtocols.Http1, port);

    public static Task<TestBackend> StartAsync(RequestDelegate answer, HttpProtocols protocols, int port = 0) =>
        StartAsync(answer, k => k.Listen(IPAddress.Loopback, port, l => l.Protocols = protocols));

    public static Task<TestBackend> StartAsync(RequestDelegate answer, string socket) => StartAsync(answer, k => k.ListenUnixSocket(socket));

    private static async Task<TestBackend> StartAsync(RequestDelegate answer, Action<KestrelServerOptions> listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            listen(k);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestBackend(app);
    }

    public static Task<TestBackend> SayingAsync(string text) => StartAsync(c => c.Response.WriteAsync(text, c.RequestAborted));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app.DisposeAsync();
    }
}
