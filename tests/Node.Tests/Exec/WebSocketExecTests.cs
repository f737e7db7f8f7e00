using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Sealos.Node.Exec;
using Xunit;

namespace Sealos.Node.Tests.Exec;

public sealed class WebSocketExecTests : IAsyncLifetime
{
    private readonly List<NetworkStream> _streams = [];
    private WebSocket _client = null!;
    private WebSocket _server = null!;
    private SpdyConnection _spdy = null!;
    private SpdyPeer _runtime = null!;
    private NetworkStream _runtimeStream = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var (near, far) = await StreamPair.CreateAsync(Ct);
        _client = WebSocket.CreateFromStream(near, new WebSocketCreationOptions());
        _server = WebSocket.CreateFromStream(far, new WebSocketCreationOptions { IsServer = true });
        var (inner, outer) = await StreamPair.CreateAsync(Ct);
        _spdy = new SpdyConnection(inner);
        _runtime = new SpdyPeer(outer);
        _runtimeStream = outer;
        _streams.AddRange([near, far, inner, outer]);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _server.Dispose();
        _spdy.Dispose();
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Run_OutputAndStatus_ArriveOnTheirChannelsAndTheSocketCloses()
    {
        var running = RunAsync(new StreamQuery(false, true, true, false));
        await _runtime.WaitForStreamsAsync(3, Ct);
        await _runtime.WriteAsync("stdout", "out", false, Ct);
        await _runtime.WriteAsync("stderr", "err", true, Ct);
        await _runtime.WriteAsync("error", """{"status":"Succ""", false, Ct);
        await _runtime.WriteAsync("error", """ess"}""", true, Ct);
        await _runtime.WriteAsync("stdout", " more", true, Ct);

        Assert.Equal(["1:", "1:out", "2:err", "1: more", """3:{"status":"Success"}"""], await ReadAllAsync());
        await running;
    }

    [Fact]
    public async Task Run_InputInPiecesThenClose_EndsTheRuntimesInput()
    {
        var running = RunAsync(new StreamQuery(true, true, false, false));
        await _runtime.WaitForStreamsAsync(3, Ct);
        await SendAsync([0, .. "he"u8], end: false);
        await SendAsync("llo"u8.ToArray(), end: true);
        await SendAsync([255, 0], end: true);

        var input = "";
        while (await _runtime.ReadAsync(Ct) is var frame)
        {
            Assert.Equal(_runtime["stdin"], frame.Stream);
            input += frame.Text;
            if (frame.IsEnd)
            {
                break;
            }
        }

        Assert.Equal("hello", input);
        await EndAsync("{}");
        await ReadAllAsync();
        await running;
    }

    [Fact]
    public async Task Run_Terminal_HasResizeAndNoErrorOutput()
    {
        var running = RunAsync(new StreamQuery(true, true, false, true));
        await _runtime.WaitForStreamsAsync(4, Ct);
        Assert.Equal(["error", "resize", "stdin", "stdout"], _runtime.Streams.Values.Order());

        await SendAsync([4, .. """{"Width":80,"Height":24}"""u8], end: true);
        Assert.Equal((_runtime["resize"], """{"Width":80,"Height":24}""", false), await _runtime.ReadAsync(Ct));

        await EndAsync("{}");
        await ReadAllAsync();
        await running;
    }

    [Fact]
    public async Task Run_UnknownChannelsAndEmptyMessages_AreIgnored()
    {
        var running = RunAsync(new StreamQuery(true, true, false, false));
        await _runtime.WaitForStreamsAsync(3, Ct);
        await SendAsync([], end: true);
        await SendAsync([9, 1, 2, 3], end: true);
        await SendAsync([4, 1], end: true);
        await SendAsync([255, 1], end: true);
        await SendAsync([0, .. "x"u8], end: true);

        Assert.Equal((_runtime["stdin"], "x", false), await _runtime.ReadAsync(Ct));
        await EndAsync("{}");
        await ReadAllAsync();
        await running;
    }

    [Fact]
    public async Task Run_RuntimeBreaksOff_TellsAFailure()
    {
        var running = RunAsync(new StreamQuery(false, true, false, false));
        await _runtime.WaitForStreamsAsync(2, Ct);
        _runtimeStream.Socket.Shutdown(SocketShutdown.Both);

        var messages = await ReadAllAsync();

        Assert.Contains("InternalError", messages[^1], StringComparison.Ordinal);
        await running;
    }

    [Fact]
    public async Task Run_ClientLeaves_EndsWithoutWaitingForTheCommand()
    {
        var running = RunAsync(new StreamQuery(true, true, false, false));
        await _runtime.WaitForStreamsAsync(3, Ct);

        _client.Abort();
        await _streams[0].DisposeAsync();

        await running.WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }

    private Task RunAsync(StreamQuery streams) => new WebSocketExec(_server, _spdy, TimeProvider.System).RunAsync(streams, Ct);

    private async Task EndAsync(string status)
    {
        await _runtime.WriteAsync("stdout", "", true, Ct);
        await _runtime.WriteAsync("error", status, true, Ct);
    }

    private Task SendAsync(byte[] data, bool end) => _client.SendAsync(data, WebSocketMessageType.Binary, end, Ct);

    private async Task<List<string>> ReadAllAsync()
    {
        var messages = new List<string>();
        var buffer = new byte[4096];
        while (await _client.ReceiveAsync(buffer, Ct) is var received && received.MessageType != WebSocketMessageType.Close)
        {
            messages.Add($"{buffer[0]}:{Encoding.UTF8.GetString(buffer, 1, received.Count - 1)}");
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, _client.CloseStatus);

        // The client's goodbye, by hand: the class would wait a second for the connection to close.
        await _streams[0].WriteAsync((byte[])[0x88, 0x80, 0, 0, 0, 0], Ct);
        return messages;
    }
}
