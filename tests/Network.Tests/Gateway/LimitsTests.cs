using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Sealos.Network.Gateway;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class LimitsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_TooLargeOrTooMany_AreRefused()
    {
        await using var app = await TestBackend.SayingAsync("reached");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var large = await gateway.SendRawAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nX-Large: {new string('x', 70_000)}\r\n\r\n");
        var many = await gateway.SendRawAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"))}\r\n");
        var line = await gateway.SendRawAsync($"GET /{new string('x', 20_000)} HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.DoesNotContain("reached", large + many + line, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", large, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", many, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ThatNeverFinishesItsHeaders_IsCutOff()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { HeadersTimeout = TimeSpan.FromSeconds(1) } });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.HttpPort, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a.test\r\nX-Slow: "), Ct);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Ct).WaitAsync(TimeSpan.FromSeconds(6), Ct);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WithTooManyConnections_GetsNoMore()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { ConnectionsPerClient = 2 } });
        var clients = new List<TcpClient>();
        for (var i = 0; i < 2; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, gateway.HttpPort, Ct);
            clients.Add(client);
        }

        Assert.True(await IsTurnedAwayAsync(gateway.HttpPort));

        clients.ForEach(c => c.Dispose());
    }

    [Theory]
    [InlineData("Content-Length: 2000000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1e8480\r\n")]
    public async Task Body_OverTheLimit_Answers413(string framing)
    {
        await using var app = await TestBackend.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null, Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated("web", new() { ["nginx.ingress.kubernetes.io/proxy-body-size"] = "1m" }, app.Port);

        var answer = await gateway.SendRawAsync($"POST / HTTP/1.1\r\nHost: {host}\r\n{framing}{new string('x', 1_500_000)}");

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("larger than this app accepts", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatStallsForTooLong_IsGivenUp()
    {
        await using var app = await TestBackend.StartAsync(c => c.Request.Body.CopyToAsync(Stream.Null, Ct));
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { MinBodyRateGrace = TimeSpan.FromSeconds(1.1) } });
        var host = gateway.AddApp("web", app.Port);
        var (stream, certificate) = await gateway.ConnectTlsAsync(host);
        certificate.Dispose();
        await using (stream)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nslow"), Ct);
            using var reader = new StreamReader(stream);

            Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(8), Ct));
        }
    }

    [Fact]
    public async Task Connections_ToApps_AreBounded()
    {
        var leave = new TaskCompletionSource();
        await using var app = await TestBackend.StartAsync(c => c.Request.Path == "/wait" ? leave.Task : Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { BackendConnections = 1 } });
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient();
        var first = client.GetAsync($"https://{host}/wait", Ct);
        while (gateway.OpenBackends < 1)
        {
            await Task.Delay(5, Ct);
        }

        using var refused = await client.GetAsync($"https://{host}/", Ct);
        leave.SetResult();
        using var held = await first;
        using var served = await client.GetAsync($"https://{host}/", Ct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task Tunnels_AreBounded()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            using var socket = await c.WebSockets.AcceptWebSocketAsync();
            await socket.ReceiveAsync(new byte[10], Ct);
        });
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { Tunnels = 1 } });
        var host = gateway.AddApp("ws", app.Port);
        using var invoker = new HttpMessageInvoker(gateway.CreateHandler());
        using var first = new ClientWebSocket();
        using var second = new ClientWebSocket();
        second.Options.CollectHttpResponseDetails = true;

        await first.ConnectAsync(new Uri($"wss://{host}/"), invoker, Ct);

        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(new Uri($"wss://{host}/"), invoker, Ct));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.HttpStatusCode);
    }

    [Fact]
    public void Descriptors_AreNeverPromisedTwice()
    {
        foreach (var descriptors in new[] { 1_024, 20_000, 1_048_576 })
        {
            var limits = GatewayLimits.ForDescriptors(descriptors);

            Assert.InRange(limits.Connections + limits.Tunnels + limits.BackendConnections, 100, descriptors);
        }

        Assert.True(GatewayLimits.ForThisProcess().Connections > 0);
    }

    // The reset may come before the client's connect has returned, or after.
    private static async Task<bool> IsTurnedAwayAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Ct);
            return await client.GetStream().ReadAsync(new byte[1], Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Ct) == 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return true;
        }
    }
}
