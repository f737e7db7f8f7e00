using System.Net;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>Annotations at work, from the client's side.</summary>
public sealed class PolicyTests
{
    private const string Nginx = "nginx.ingress.kubernetes.io/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rewrite_ReachesTheAppWithQueryAndEscapesKept()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(c.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, Ct));
        await using var gateway = await TestGateway.StartAsync();
        var ingress = Cluster.Ingress("ns-a", "web", Cluster.Rule("web.cloud.test", Cluster.Path("/api(/|$)(.*)", "Prefix", "web")));
        ingress.Metadata.Annotations = new() { [Nginx + "rewrite-target"] = "/$2" };
        gateway.AddApp("web", app.Port);
        gateway.Routes.OnIngress(Cluster.Ingress("ns-a", "web", "web.cloud.test", "web"), ingress);
        using var client = gateway.CreateClient();

        Assert.Equal("/v1/a%20b?q=%2F&r=1", await client.GetStringAsync("https://web.cloud.test/api/v1/a%20b?q=%2F&r=1", Ct));
        Assert.Equal("/v1/a%2Fb", await client.GetStringAsync("https://web.cloud.test/api/v1/a%2Fb", Ct));
        Assert.Equal("/", await client.GetStringAsync("https://web.cloud.test/api", Ct));
    }

    [Fact]
    public async Task RewriteOfEverything_LeavesTheTargetAsWritten()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(c.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget, Ct));
        await using var gateway = await TestGateway.StartAsync();
        var ingress = Cluster.Ingress("ns-a", "web", Cluster.Rule("web.cloud.test", Cluster.Path("/()(.*)", "Prefix", "web")));
        ingress.Metadata.Annotations = new() { [Nginx + "rewrite-target"] = "/$2" };
        gateway.AddApp("web", app.Port);
        gateway.Routes.OnIngress(Cluster.Ingress("ns-a", "web", "web.cloud.test", "web"), ingress);

        var answer = await gateway.SendRawAsync("GET /a%2fb/%e4?x=[1] HTTP/1.1\r\nHost: web.cloud.test\r\n\r\n");

        Assert.Contains("/a%2fb/%e4?x=[1]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_AnswersWithItsLocation()
    {
        await using var gateway = await TestGateway.StartAsync();
        var temporary = gateway.AddAnnotated("one", new() { [Nginx + "temporal-redirect"] = "https://else.test/admin/" });
        var permanent = gateway.AddAnnotated("two", new() { ["higress.io/permanent-redirect"] = "https://else.test/studio" });
        using var client = gateway.CreateClient();

        using var first = await client.GetAsync($"https://{temporary}/any", Ct);
        using var second = await client.GetAsync($"https://{permanent}/any", Ct);

        Assert.Equal((HttpStatusCode.Found, "https://else.test/admin/"), (first.StatusCode, first.Headers.Location!.OriginalString));
        Assert.Equal((HttpStatusCode.MovedPermanently, "https://else.test/studio"), (second.StatusCode, second.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task ResponseHeaders_AreRemovedAndSet()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.Headers.XFrameOptions = "DENY";
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated(
            "web",
            new()
            {
                ["higress.io/response-header-control-remove"] = "X-Frame-Options",
                ["higress.io/response-header-control-update"] = "Content-Security-Policy \"frame-ancestors https://cloud.test\"\n",
            },
            app.Port);
        using var client = gateway.CreateClient();

        using var response = await client.GetAsync($"https://{host}/", Ct);

        Assert.False(response.Headers.Contains("X-Frame-Options"));
        Assert.Equal("frame-ancestors https://cloud.test", response.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("*", "https://any.test", "*", false)]
    [InlineData("https://a.test, https://*.b.test", "https://a.test", "https://a.test", true)]
    [InlineData("https://a.test, https://*.b.test", "https://x.y.b.test", "https://x.y.b.test", true)]
    [InlineData("https://a.test, https://*.b.test", "https://evil.test", null, false)]
    [InlineData("https://a.test, https://*.b.test", "https://evil.test/.b.test", null, false)]
    [InlineData("https://a.test, https://*.b.test", "https://b.test", null, false)]
    public async Task Cors_AllowsTheOriginsNamed(string allowed, string origin, string? expected, bool credentials)
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.Headers.AccessControlAllowOrigin = "https://set-by-the-app.test";
            return c.Response.WriteAsync("app", Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated("web", new() { [Nginx + "enable-cors"] = "true", [Nginx + "cors-allow-origin"] = allowed }, app.Port);
        using var client = gateway.CreateClient();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Options })
        {
            using var request = new HttpRequestMessage(method, $"https://{host}/") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "PUT" } } };

            using var response = await client.SendAsync(request, Ct);

            Assert.Equal(method == HttpMethod.Get ? HttpStatusCode.OK : HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(expected, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
            Assert.Equal(credentials, response.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task Protection_ThatIsNotBuilt_KeepsTheAppClosed()
    {
        await using var app = await TestBackend.SayingAsync("secret");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated("web", new() { [Nginx + "auth-url"] = "https://auth.test" }, app.Port);
        using var client = gateway.CreateClient();

        using var response = await client.GetAsync($"https://{host}/", Ct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }
}
