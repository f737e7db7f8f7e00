using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class StreamingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebSocket_OverEitherVersion_EchoesAndClosesCleanly(string version)
    {
        await using var app = await TestBackend.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("ws", app.Port);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("chat");
        using var invoker = new HttpMessageInvoker(gateway.CreateHandler());

        await socket.ConnectAsync(new Uri($"wss://{host}/echo?x=1"), invoker, Ct);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, Ct);
        var buffer = new byte[100_000];
        var first = await socket.ReceiveAsync(buffer, Ct);
        var text = Encoding.UTF8.GetString(buffer, 0, first.Count);
        await socket.SendAsync(new byte[60_000], WebSocketMessageType.Binary, true, Ct);
        var total = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), Ct);
            total += part.Count;
        }
        while (!part.EndOfMessage);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Ct);

        Assert.Equal("/echo?x=1 hello", text);
        Assert.Equal(60_000, total);
        Assert.Equal("chat", socket.SubProtocol);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task WebSocket_WhenTheAppDies_EndsForTheClient()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            using var server = await c.WebSockets.AcceptWebSocketAsync();
            await server.ReceiveAsync(new byte[10], Ct);
            c.Abort();
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("ws", app.Port);
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(gateway.CreateHandler());

        await socket.ConnectAsync(new Uri($"wss://{host}/"), invoker, Ct);
        await socket.SendAsync(new byte[1], WebSocketMessageType.Binary, true, Ct);

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[10], Ct));
    }

    [Fact]
    public async Task WebSocket_RefusedByTheApp_AnswersWhatTheAppSaid()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.StatusCode = 401;
            return c.Response.WriteAsync("who are you", Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("ws", app.Port);

        var answer = await gateway.SendRawAsync(
            $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.Contains("who are you", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_ToAnythingButWebSocket_IsAnOrdinaryRequest()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync($"upgrade:{c.Request.Headers.Upgrade}", Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("ws", app.Port);

        var answer = await gateway.SendRawAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("upgrade:\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_OverH2c_StreamsBothWaysAndPassesTrailers()
    {
        await using var app = await TestBackend.StartAsync(GrpcEchoAsync, HttpProtocols.Http2);
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated("grpc", new() { ["nginx.ingress.kubernetes.io/backend-protocol"] = "GRPC" }, app.Port);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        var body = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{host}/pkg.Service/Method")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
            Headers = { TE = { new("trailers") } },
        };

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        await using var answers = await response.Content.ReadAsStreamAsync(Ct);
        var stream = await body.Stream.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        foreach (var message in new[] { "one", "two", "three" })
        {
            await WriteMessageAsync(stream, message);
            Assert.Equal(message, await ReadMessageAsync(answers));
        }

        body.End();

        Assert.Null(await ReadMessageAsync(answers));
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("trailers", response.Headers.GetValues("saw-te").Single());
    }

    [Fact]
    public async Task AppProtocol_OfTheService_ChoosesHttp2()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(c.Request.Protocol, Ct), HttpProtocols.Http2);
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("h2c", app.Port);
        gateway.Backends.OnService(null, Cluster.Service("ns-a", "h2c", 80, "kubernetes.io/h2c"));
        using var client = gateway.CreateClient();

        Assert.Equal("HTTP/2", await client.GetStringAsync($"https://{host}/", Ct));
    }

    [Fact]
    public async Task SilentApp_IsGivenUpAfterTheReadTimeout()
    {
        await using var app = await TestBackend.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddAnnotated("slow", new() { ["nginx.ingress.kubernetes.io/proxy-read-timeout"] = "1" }, app.Port);
        using var client = gateway.CreateClient();

        using var response = await client.GetAsync($"https://{host}/", Ct);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("too long", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerBeforeTheBodyIsRead_ReachesTheClient()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            c.Response.StatusCode = 401;
            await c.Response.WriteAsync("no", Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("early", app.Port);
        using var client = gateway.CreateClient(HttpVersion.Version20);

        using var response = await client.PostAsync($"https://{host}/", new ByteArrayContent(new byte[3_000_000]), Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
        var buffer = new byte[64 * 1024];
        var isFirst = true;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, Ct);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
                return;
            }

            var reply = isFirst ? [.. Encoding.UTF8.GetBytes($"{context.Request.Path}{context.Request.QueryString} "), .. buffer[..read.Count]] : buffer[..read.Count];
            isFirst = false;
            await socket.SendAsync(reply, read.MessageType, read.EndOfMessage, Ct);
        }
    }

    private static async Task GrpcEchoAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["saw-te"] = context.Request.Headers.TE;
        await context.Response.Body.FlushAsync(Ct);
        while (await ReadMessageAsync(context.Request.Body) is { } message)
        {
            await WriteMessageAsync(context.Response.Body, message);
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task WriteMessageAsync(Stream stream, string text)
    {
        var frame = new byte[5 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), text.Length);
        Encoding.ASCII.GetBytes(text, frame.AsSpan(5));
        await stream.WriteAsync(frame, Ct);
        await stream.FlushAsync(Ct);
    }

    private static async Task<string?> ReadMessageAsync(Stream stream)
    {
        var head = new byte[5];
        if (await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, Ct) < 5)
        {
            return null;
        }

        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await stream.ReadExactlyAsync(body, Ct);
        return Encoding.ASCII.GetString(body);
    }

    /// <summary>A request body that the test writes as it goes, as a gRPC client does.</summary>
    private sealed class DuplexContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DuplexContent() => Headers.ContentType = new("application/grpc");

        public Task<Stream> Stream => _stream.Task;

        public void End() => _end.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync(Ct);
            _stream.SetResult(stream);
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
