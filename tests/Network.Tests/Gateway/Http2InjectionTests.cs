using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>HTTP/2 carries octets that HTTP/1.1 gives a meaning; here they are sent raw and must not reach an app.</summary>
public sealed class Http2InjectionTests
{
    private const byte Headers = 1;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(":path", "/a HTTP/1.1\r\nX-Evil: 1\r\n\r\n")]
    [InlineData(":path", "/a b")]
    [InlineData(":path", "relative")]
    [InlineData(":path", "*")]
    [InlineData(":method", "GET / HTTP/1.1\r\nX: ")]
    [InlineData(":authority", "web.cloud.test\r\nX-Evil: 1")]
    [InlineData(":authority", "web.cloud.test/evil")]
    [InlineData("x-value", "a\r\nX-Evil: 1")]
    [InlineData("x-value", "a\nX-Evil: 1")]
    [InlineData("x-value", "a\0b")]
    [InlineData("x-name: evil\r\nx", "1")]
    [InlineData("x name", "1")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("connection", "keep-alive")]
    public async Task Octets_WithAMeaningInHttp1_NeverReachTheApp(string name, string value)
    {
        var reached = 0;
        await using var app = await TestBackend.StartAsync(c =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        gateway.AddApp("web", app.Port);
        var fields = new List<(string Name, string Value)>
        {
            (":method", "GET"), (":scheme", "https"), (":authority", "web.cloud.test"), (":path", "/"),
        };
        var index = fields.FindIndex(f => f.Name == name);
        if (index >= 0)
        {
            fields[index] = (name, value);
        }
        else
        {
            fields.Add((name, value));
        }

        await SendAsync(gateway, fields);

        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task ExtendedConnect_ToAnythingButWebSocket_NeverReachesTheApp()
    {
        var reached = 0;
        await using var app = await TestBackend.StartAsync(c =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        gateway.AddApp("web", app.Port);

        await SendAsync(gateway, [(":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "web.cloud.test"), (":path", "/")]);

        Assert.Equal(0, reached);
    }

    [Fact]
    public async Task SameRequest_WithoutSuchOctets_ReachesTheApp()
    {
        var reached = new TaskCompletionSource();
        await using var app = await TestBackend.StartAsync(c =>
        {
            reached.SetResult();
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        gateway.AddApp("web", app.Port);

        await SendAsync(gateway, [(":method", "GET"), (":scheme", "https"), (":authority", "web.cloud.test"), (":path", "/"), ("x-value", "a")]);

        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }

    private static async Task SendAsync(TestGateway gateway, List<(string Name, string Value)> fields)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, gateway.HttpsPort, Ct);
        await using var stream = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "web.cloud.test",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        await stream.AuthenticateAsClientAsync(options, Ct);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Ct);
        await stream.WriteAsync(Frame(4, 0, 0, []), Ct);
        await stream.WriteAsync(Frame(Headers, 0x5, 1, Encode(fields)), Ct);
        await ReadUntilAnsweredAsync(stream);
    }

    // The answer is a header frame, a reset or a farewell; which one does not matter here.
    private static async Task ReadUntilAnsweredAsync(SslStream stream)
    {
        var head = new byte[9];
        while (await stream.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false, Ct) == 9)
        {
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            await stream.ReadExactlyAsync(new byte[length], Ct);
            if (head[3] is Headers or 3 or 7)
            {
                return;
            }
        }
    }

    private static byte[] Frame(byte type, byte flags, int streamId, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static byte[] Encode(List<(string Name, string Value)> fields)
    {
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Encoding.Latin1.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.Latin1.GetBytes(value));
        }

        return [.. block];
    }
}
