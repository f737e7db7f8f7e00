using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Proxy;

/// <summary>A page passed on with its links rewritten. What is compressed is unpacked first and goes on plain.</summary>
internal static class HtmlAnswer
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Whether an answer is a page whose links can be rewritten.</summary>
    public static bool Is(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentType?.MediaType is { } type && type.Equals("text/html", StringComparison.OrdinalIgnoreCase)
        && answer.Headers.Location is null
        && Encoding(answer) is "" or "gzip" or "br";

    public static async Task CopyAsync(HttpResponseMessage from, HttpResponse to, HtmlLinks links, CancellationToken cancellationToken)
    {
        to.Headers.ContentLength = null;
        to.Headers.Remove("Content-Encoding");
        await to.StartAsync(cancellationToken).ConfigureAwait(false);
        var writer = to.BodyWriter;
        var body = await from.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var source = Encoding(from) switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        await using (source.ConfigureAwait(false))
        {
            var buffer = new byte[BufferSize];
            int read;
            do
            {
                read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                links.Write(buffer.AsSpan(0, read), writer, isLast: read == 0);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            while (read > 0);
        }
    }

    private static string Encoding(HttpResponseMessage answer) => string.Join(',', answer.Content.Headers.ContentEncoding).ToLowerInvariant();
}
