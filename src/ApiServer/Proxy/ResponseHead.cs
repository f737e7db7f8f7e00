using System.Globalization;
using System.Text;

namespace Sealos.ApiServer.Proxy;

/// <summary>The status line and headers of an HTTP/1.1 answer, read from a connection that may change protocol after them.</summary>
internal sealed record ResponseHead(int Code, IReadOnlyList<(string Name, string Value)> Headers, ReadOnlyMemory<byte> Rest)
{
    private const int MaxHead = 64 * 1024;
    private const int MaxBody = 64 * 1024;

    public static async Task<ResponseHead> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHead];
        var length = 0;
        while (length < MaxHead)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Parse(Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory(end + 4, length - end - 4));
            }
        }

        throw ApiException.Internal("error dialing backend: the answer is not HTTP");
    }

    /// <summary>The body of an answer that did not change protocol, as text.</summary>
    public async Task<string> ReadBodyAsync(Stream stream, CancellationToken cancellationToken)
    {
        var wanted = Headers.FirstOrDefault(h => h.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value is { } text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Min(given, MaxBody) : MaxBody;
        var body = new MemoryStream();
        body.Write(Rest.Span);
        var buffer = new byte[4096];

        // All of it may have come with the head, and whoever keeps the connection open sends nothing more.
        while (body.Length < wanted && !(IsChunked && body.GetBuffer().AsSpan(0, (int)body.Length).EndsWith("0\r\n\r\n"u8)))
        {
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            body.Write(buffer, 0, read);
        }

        var bytes = body.ToArray();
        return Encoding.UTF8.GetString(IsChunked ? Dechunk(bytes) : bytes);
    }

    private bool IsChunked => Headers.Any(h => h.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && h.Value.Contains("chunked", StringComparison.OrdinalIgnoreCase));

    private static byte[] Dechunk(ReadOnlySpan<byte> body)
    {
        var result = new MemoryStream();
        while (body.IndexOf("\r\n"u8) is var line and >= 0
            && int.TryParse(body[..line], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size > 0)
        {
            body = body[(line + 2)..];
            var taken = Math.Min(size, body.Length);
            result.Write(body[..taken]);
            body = body[Math.Min(taken + 2, body.Length)..];
        }

        return result.ToArray();
    }

    private static ResponseHead Parse(string head, ReadOnlyMemory<byte> rest)
    {
        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ', 3);
        if (status.Length < 2 || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            throw ApiException.Internal("error dialing backend: the answer is not HTTP");
        }

        var headers = new List<(string, string)>();
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            if (colon > 0)
            {
                headers.Add((line[..colon].Trim(), line[(colon + 1)..].Trim()));
            }
        }

        return new ResponseHead(code, headers, rest);
    }
}
