using System.Net.Sockets;
using System.Text;
using Sealos.Node.Exec;
using Xunit;

namespace Sealos.Node.Tests.Exec;

public sealed class SpdyConnectionTests : IAsyncLifetime
{
    private NetworkStream _near = null!;
    private NetworkStream _far = null!;
    private SpdyConnection _connection = null!;
    private SpdyPeer _peer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_near, _far) = await StreamPair.CreateAsync(Ct);
        _connection = new SpdyConnection(_near);
        _peer = new SpdyPeer(_far);
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _near.DisposeAsync();
        await _far.DisposeAsync();
    }

    [Fact]
    public async Task Open_SeveralStreams_HaveOddIdsAndReadableHeaders()
    {
        Assert.Equal(1, await _connection.OpenAsync("error", Ct));
        Assert.Equal(3, await _connection.OpenAsync("stdin", Ct));
        Assert.Equal(5, await _connection.OpenAsync("stdout", Ct));

        await _peer.WaitForStreamsAsync(3, Ct);

        Assert.Equal(["error", "stdin", "stdout"], _peer.Streams.OrderBy(s => s.Key).Select(s => s.Value));
    }

    [Fact]
    public async Task Write_DataAndEnd_ArriveOnTheirStream()
    {
        await _connection.WriteAsync(3, "hello"u8.ToArray(), end: false, Ct);
        await _connection.WriteAsync(3, default, end: true, Ct);

        Assert.Equal((3, "hello", false), await _peer.ReadAsync(Ct));
        Assert.Equal((3, "", true), await _peer.ReadAsync(Ct));
    }

    [Fact]
    public async Task Read_DataResetAndPing_GiveDataAndEndWhileThePingIsAnswered()
    {
        await _peer.WriteControlAsync(2, [0, 0, 0, 1, 0x78, 0xbb], Ct);
        await _peer.WriteControlAsync(6, [0, 0, 0, 2], Ct);
        await _peer.WriteAsync(5, "out"u8.ToArray(), false, Ct);
        await _peer.WriteControlAsync(3, [0, 0, 0, 7, 0, 0, 0, 5], Ct);
        await _peer.WriteControlAsync(7, [0, 0, 0, 0, 0, 0, 0, 0], Ct);

        var data = await _connection.ReadAsync(Ct);
        Assert.Equal((5, "out", false), (data!.Value.Stream, Encoding.UTF8.GetString(data.Value.Data.Span), data.Value.IsEnd));
        Assert.Equal((7, true), (await _connection.ReadAsync(Ct)) is { } reset ? (reset.Stream, reset.IsEnd) : default);
        Assert.Null(await _connection.ReadAsync(Ct));
        Assert.Equal((0, "control 6 00000002", false), await _peer.ReadAsync(Ct));
    }

    [Fact]
    public async Task Read_LargeFrame_ArrivesWhole()
    {
        var large = new byte[1_000_000];
        Random.Shared.NextBytes(large);
        var writing = _peer.WriteAsync(5, large, true, Ct);

        var data = await _connection.ReadAsync(Ct);

        Assert.True(data!.Value.Data.Span.SequenceEqual(large));
        await writing;
    }

    [Fact]
    public async Task Read_ConnectionClosed_IsTheEnd()
    {
        _far.Socket.Shutdown(SocketShutdown.Both);

        Assert.Null(await _connection.ReadAsync(Ct));
    }
}
