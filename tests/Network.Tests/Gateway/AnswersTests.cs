using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class AnswersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UnknownHost_Answers404AndSaysSo()
    {
        await using var gateway = await TestGateway.StartAsync();

        var (status, text) = await GetAsync(gateway, $"https://nobody.{TestGateway.Domain}/", "text/html,*/*");

        Assert.Equal(404, status);
        Assert.Contains("There is no app at this address", text, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownHost_BeforeRoutesAreKnown_Answers503()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Routes.IsComplete = false;

        var (status, text) = await GetAsync(gateway, $"https://nobody.{TestGateway.Domain}/", "*/*");

        Assert.Equal(503, status);
        Assert.Contains("starting", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_WithoutReadyInstance_Answers503_AndServesOnceReady()
    {
        await using var app = await TestBackend.SayingAsync("up");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web");

        var (before, text) = await GetAsync(gateway, $"https://{host}/", "text/html");
        gateway.Backends.OnSlice(Cluster.Slice("ns-a", "web"), Cluster.Slice("ns-a", "web", app.Port));
        var (after, _) = await GetAsync(gateway, $"https://{host}/", "text/html");

        Assert.Equal(503, before);
        Assert.Contains("none of its instances is ready", text, StringComparison.Ordinal);
        Assert.Equal(200, after);
    }

    [Fact]
    public async Task App_ThatIsMissing_Answers503AsJsonWhereAskedFor()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Apply(Cluster.Ingress("ns-a", "web", $"web.{TestGateway.Domain}", "nothing"));

        var (status, text) = await GetAsync(gateway, $"https://web.{TestGateway.Domain}/", "application/json");

        Assert.Equal(503, status);
        using var json = JsonDocument.Parse(text);
        Assert.Equal("Missing", json.RootElement.GetProperty("reason").GetString());
        Assert.Equal(503, json.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task App_ThatIsPaused_KeepsItsAddressAndSaysSo()
    {
        await using var gateway = await TestGateway.StartAsync();
        var ingress = Cluster.Ingress("ns-a", "web", $"web.{TestGateway.Domain}", "web");
        ingress.Spec!.IngressClassName = "pause";
        gateway.Apply(ingress);

        var (status, text) = await GetAsync(gateway, $"https://web.{TestGateway.Domain}/", "text/html");

        Assert.Equal(503, status);
        Assert.Contains("paused", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_ThatAcceptsNoConnection_Answers502()
    {
        var app = await TestBackend.SayingAsync("");
        await app.DisposeAsync();
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var (status, text) = await GetAsync(gateway, $"https://{host}/", "*/*");

        Assert.Equal(502, status);
        Assert.Contains("accepts no connections", text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_ThatClosesTheConnection_Answers502()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var (status, text) = await GetAsync(gateway, $"https://{host}/", "*/*");

        Assert.Equal(502, status);
        Assert.Contains("closed the connection", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_RedirectsToHttpsKeepingPathAndQuery()
    {
        await using var app = await TestBackend.SayingAsync("plain");
        await using var gateway = await TestGateway.StartAsync(o => o with { PublicHttpsPort = 443 });
        var host = gateway.AddApp("web", app.Port);
        var open = gateway.AddAnnotated("open", new() { ["nginx.ingress.kubernetes.io/ssl-redirect"] = "false" }, app.Port);
        using var client = gateway.CreateClient();

        using var redirected = await client.GetAsync($"http://{host}/a%20b?c=%2F", Ct);
        using var served = await client.GetAsync($"http://{open}/", Ct);
        using var challenge = await client.GetAsync($"http://{host}/.well-known/acme-challenge/x", Ct);

        Assert.Equal(HttpStatusCode.PermanentRedirect, redirected.StatusCode);
        Assert.Equal($"https://{host}/a%20b?c=%2F", redirected.Headers.Location!.OriginalString);
        Assert.Equal("plain", await served.Content.ReadAsStringAsync(Ct));
        Assert.Equal("plain", await challenge.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Challenge_WithAHook_IsAnsweredByIt()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { ChallengeAnswer = (host, token) => token == "t1" ? $"{host}:{token}" : null });
        using var client = gateway.CreateClient();

        Assert.Equal("any.test:t1", await client.GetStringAsync("http://any.test/.well-known/acme-challenge/t1", Ct));
        using var unknown = await client.GetAsync("http://any.test/.well-known/acme-challenge/t2", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Console_HasTheApex_WhateverIngressesSay()
    {
        await using var console = await TestBackend.SayingAsync("console");
        await using var gateway = await TestGateway.StartAsync(o => o with { Console = new IPEndPoint(IPAddress.Loopback, console.Port) });
        gateway.Apply(Cluster.Ingress("ns-evil", "web", TestGateway.Domain, "evil"));
        using var client = gateway.CreateClient(HttpVersion.Version20);

        Assert.Equal("console", await client.GetStringAsync($"https://{TestGateway.Domain}/", Ct));
    }

    [Fact]
    public async Task Services_HaveTheirPathOfTheApex_AndTheConsoleTheRest()
    {
        await using var console = await TestBackend.SayingAsync("console");
        await using var services = await TestBackend.SayingAsync("services");
        await using var gateway = await TestGateway.StartAsync(o => o with { Console = new IPEndPoint(IPAddress.Loopback, console.Port), Services = new IPEndPoint(IPAddress.Loopback, services.Port) });
        using var client = gateway.CreateClient();

        Assert.Equal("services", await client.GetStringAsync($"https://{TestGateway.Domain}/api/v1/whoami", Ct));
        Assert.Equal("console", await client.GetStringAsync($"https://{TestGateway.Domain}/api/v10", Ct));
        Assert.Equal("console", await client.GetStringAsync($"https://{TestGateway.Domain}/launchpad", Ct));
    }

    [Fact]
    public async Task Console_OnAUnixSocket_IsReachedThere()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-test");
        var socket = Path.Combine(folder.FullName, "console.sock");
        await using var console = await TestBackend.StartAsync(c => c.Response.WriteAsync($"{c.Request.Host}|{c.Request.Headers["X-Forwarded-Proto"]}", Ct), socket);
        await using var gateway = await TestGateway.StartAsync(o => o with { Console = new UnixDomainSocketEndPoint(socket), PublicHttpsPort = 443 });
        using var client = gateway.CreateClient();

        Assert.Equal($"{TestGateway.Domain}|https", await client.GetStringAsync($"https://{TestGateway.Domain}/", Ct));
        using var plain = await client.GetAsync($"http://{TestGateway.Domain}/a", Ct);
        Assert.Equal($"https://{TestGateway.Domain}/a", plain.Headers.Location?.OriginalString);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Console_NotThere_IsSaidToBeTheDesktopAndNoApp()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Console = new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), "no-such.sock")) });

        var (status, text) = await GetAsync(gateway, $"https://{TestGateway.Domain}/", "text/plain");

        Assert.Equal(503, status);
        Assert.Contains("The desktop is not there", text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Text)> GetAsync(TestGateway gateway, string url, string accept)
    {
        using var client = gateway.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Accept", accept } } };
        using var response = await client.SendAsync(request, Ct);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }
}
