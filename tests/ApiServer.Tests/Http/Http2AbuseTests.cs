using System.Net.Security;
using System.Text;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>What can be done to a server with frames of HTTP/2 alone.</summary>
public sealed class Http2AbuseTests(ApiServerFixture server)
{
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte Continuation = 9;
    private const byte EndStreamAndHeaders = 5;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RequestsTakenBackAtOnce_EndTheConnection()
    {
        var request = Request("/api/v1/configmaps");
        var frames = Enumerable.Range(0, 20_000).SelectMany(i => (byte[])[.. RawConnection.Frame(Headers, EndStreamAndHeaders, (2 * i) + 1, request), .. RawConnection.Frame(Reset, 0, (2 * i) + 1, 0, 0, 0, 8)]);
        await AssertEndsAsync([.. frames]);
    }

    [Fact]
    public async Task HeadersWithoutEnd_EndTheConnection()
    {
        var more = RawConnection.Frame(Continuation, 0, 1, [.. Literal(0, "x", new string('y', 200))]);
        await AssertEndsAsync([.. RawConnection.Frame(Headers, 1, 1, Request("/")), .. Enumerable.Repeat(more, 5000).SelectMany(f => f)]);
    }

    [Fact]
    public async Task PingsNobodyReadsTheAnswersOf_DoNotPileUp()
    {
        await using var connection = await OpenAsync();
        var pings = Enumerable.Repeat(RawConnection.Frame(Ping, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), 10_000).SelectMany(f => f).ToArray();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        var sent = 0;
        try
        {
            for (; sent < 200; sent++)
            {
                await connection.SendAsync(pings, patience.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Held up, or closed.
        }

        Assert.InRange(sent, 0, 199);
        (await server.Admin.GetAsync("/version")).Expect(200);
    }

    private async Task AssertEndsAsync(byte[] frames)
    {
        await using var connection = await OpenAsync();
        var reading = connection.ReadToEndAsync(Ct);
        try
        {
            await connection.SendAsync(frames, Ct);
        }
        catch (IOException)
        {
            // Closed while it was still sent to.
        }

        await reading.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        (await server.Admin.GetAsync("/version")).Expect(200);
    }

    private async Task<RawConnection> OpenAsync()
    {
        var connection = await RawConnection.OpenTlsAsync(server.Address, server.Certificates.Client("abuser", "abusers"), Ct, SslApplicationProtocol.Http2);
        await connection.SendAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. RawConnection.Frame(Settings, 0, 0)], Ct);
        return connection;
    }

    // Fields of the static table by their numbers: GET, https, a path, an authority.
    private static byte[] Request(string path) => [0x82, 0x87, .. Literal(4, null, path), .. Literal(1, null, "x")];

    private static byte[] Literal(byte index, string? name, string value) =>
        [index, .. name is null ? [] : Text(name), .. Text(value)];

    private static byte[] Text(string text) => text.Length < 127
        ? [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]
        : [127, (byte)(((text.Length - 127) & 127) | 128), (byte)((text.Length - 127) >> 7), .. Encoding.ASCII.GetBytes(text)];
}
