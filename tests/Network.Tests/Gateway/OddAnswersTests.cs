using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>Apps whose answers no well-behaved server would write, byte for byte.</summary>
public sealed class OddAnswersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_ThatIsNotHttp_IsNotAskedOfAnotherInstance()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, "SSH-2.0-OpenSSH\r\n");
        await using var app = await TestBackend.SayingAsync("here");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("odd", ((IPEndPoint)listener.LocalEndpoint).Port, app.Port);
        using var client = gateway.CreateClient();

        var codes = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync($"https://{host}/", Ct);
            codes.Add((int)response.StatusCode);
        }

        Assert.Equal([200, 502], codes.Order());
        listener.Stop();
        await serving;
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 100\r\n\r\n", 304, "")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Odd: a\x01b\r\nContent-Length: 2\r\n\r\nok", 200, "ok")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Trail: 1\r\n\r\n2\r\nok\r\n0\r\nX-After: 1\r\n\r\n", 200, "ok")]
    [InlineData("HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok", 299, "ok")]
    [InlineData("SSH-2.0-OpenSSH\r\n", 502, "broke off")]
    [InlineData("", 502, "broke off")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 502, "broke off")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!", 200, "ok")]
    public async Task Answer_BecomesSoundOrAnError(string answer, int status, string text)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, answer);
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("odd", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var client = gateway.CreateClient();

        using var response = await client.GetAsync($"https://{host}/", Ct);

        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(text.Length == 0 ? body.Length == 0 : body.Contains(text, StringComparison.Ordinal), body);
        Assert.False(response.Headers.Contains("X-Odd"));
        listener.Stop();
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, string answer)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(Ct);
                var stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[8_192], 4, throwOnEndOfStream: false, Ct);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), Ct);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The listener was stopped, which accepting says in different ways.
        }
    }
}
