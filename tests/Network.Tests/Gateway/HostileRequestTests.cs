using Microsoft.AspNetCore.Http;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class HostileRequestTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: {0}\r\nX-Odd\x01: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: {0}\r\n X-Folded: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: {0}\r\nHost: other.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: {0}/evil\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: ..{0}\r\n\r\n")]
    [InlineData("GET http://other.test/ HTTP/1.1\r\nHost: {0}\r\n\r\n")]
    [InlineData("GET /a\x01b HTTP/1.1\r\nHost: {0}\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: {0}\r\n\r\n")]
    [InlineData("G\x00T / HTTP/1.1\r\nHost: {0}\r\n\r\n")]
    public async Task Request_WithTwoMeanings_IsRefusedAndNeverReachesTheApp(string request)
    {
        var reached = 0;
        await using var app = await TestBackend.StartAsync(c =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var answer = await gateway.SendRawAsync(request.Replace("{0}", host, StringComparison.Ordinal));

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 501", StringComparison.Ordinal), answer);
        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task Smuggled_SecondRequest_IsNotServed()
    {
        var paths = new List<string>();
        await using var app = await TestBackend.StartAsync(c =>
        {
            lock (paths)
            {
                paths.Add(c.Request.Path);
            }

            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        await gateway.SendRawAsync($"POST /first HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Empty(paths);
    }

    [Theory]
    [InlineData("TRACE / HTTP/1.1\r\nHost: {0}\r\n\r\n")]
    [InlineData("CONNECT {0}:443 HTTP/1.1\r\nHost: {0}:443\r\n\r\n")]
    public async Task Method_ThatIsNotForApps_IsRefused(string request)
    {
        await using var app = await TestBackend.SayingAsync("reached");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        Assert.StartsWith("HTTP/1.1 405", await gateway.SendRawAsync(request.Replace("{0}", host, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AbsoluteForm_OfTheSameHost_ReachesTheAppAsAPath()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(c.Request.Host + c.Request.Path + c.Request.QueryString, Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var answer = await gateway.SendRawAsync($"GET https://{host}/a?b=1 HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Contains($"{host}/a?b=1", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EncodedPath_OfAGuardedRoute_IsGuardedToo()
    {
        await using var app = await TestBackend.SayingAsync("reached");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        var guarded = Cluster.Ingress("ns-a", "guard", Cluster.Rule(host, Cluster.Path("/admin", "Prefix", "web")));
        guarded.Metadata.Annotations = new() { ["nginx.ingress.kubernetes.io/whitelist-source-range"] = "10.0.0.0/8" };
        gateway.Apply(guarded);
        foreach (var path in new[] { "/admin", "/%61dmin/x", "/x/../admin", "/./admin", "/x/%2e%2e/admin" })
        {
            var answer = await gateway.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
        }
    }
}
