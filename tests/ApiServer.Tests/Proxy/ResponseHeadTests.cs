using System.IO.Pipelines;
using Sealos.ApiServer.Proxy;
using Xunit;

namespace Sealos.ApiServer.Tests.Proxy;

public sealed class ResponseHeadTests
{
    [Theory]
    [InlineData("Transfer-Encoding: chunked", "3\r\ngon\r\n1\r\ne\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 4", "gone")]
    public async Task ReadBody_ThatCameWithTheHeadOnAConnectionThatStaysOpen_IsReadAtOnce(string header, string body)
    {
        var ct = TestContext.Current.CancellationToken;
        var connection = new Pipe();
        await connection.Writer.WriteAsync(System.Text.Encoding.Latin1.GetBytes($"HTTP/1.1 404 Not Found\r\n{header}\r\n\r\n{body}"), ct);
        var stream = connection.Reader.AsStream();

        var head = await ResponseHead.ReadAsync(stream, ct);

        Assert.Equal(404, head.Code);
        Assert.Equal("gone", await head.ReadBodyAsync(stream, ct).WaitAsync(TimeSpan.FromSeconds(30), ct));
    }
}
