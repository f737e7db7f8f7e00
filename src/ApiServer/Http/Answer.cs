using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Http;

/// <summary>Writes whole answers: JSON bytes with the headers every answer has.</summary>
internal static class Answer
{
    private const int CompressedFrom = 128 * 1024;
    private const int MaxWarnings = 4096;
    private const int MaxLongWarning = 256;
    private const string Json = "application/json";

    /// <summary>Sends JSON that is at hand.</summary>
    public static Task SendAsync(HttpContext http, int code, ReadOnlyMemory<byte> body, bool pretty = false) =>
        SendAsync(http, code, pretty ? Indent(body) : body, Json);

    /// <summary>Sends a body of another type.</summary>
    public static Task SendAsync(HttpContext http, int code, ReadOnlyMemory<byte> body, string contentType)
    {
        var response = http.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        if (body.Length > CompressedFrom && AcceptsGzip(http.Request))
        {
            return SendCompressedAsync(response, body, http.RequestAborted);
        }

        response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>Sends a refusal.</summary>
    public static Task SendAsync(HttpContext http, ApiException error, bool pretty = false)
    {
        if (error.Details is { RetryAfterSeconds: > 0 and var seconds })
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return SendAsync(http, error.Code, StatusJson.Failure(error), pretty);
    }

    /// <summary>Adds Warning headers, each once; where they are long together, each is cut and the last left out, as in Kubernetes.</summary>
    public static void Warn(HttpContext http, IReadOnlyCollection<string> warnings)
    {
        if (warnings.Count == 0)
        {
            return;
        }

        var isLong = warnings.Distinct().Sum(w => w.Length) > MaxWarnings;
        var written = 0;
        foreach (var whole in warnings.Distinct())
        {
            if (isLong && written >= MaxWarnings)
            {
                break;
            }

            var warning = isLong && whole.Length > MaxLongWarning ? whole[..MaxLongWarning] : whole;
            written += warning.Length;
            var text = new string([.. warning.Select(c => c is >= ' ' and <= '~' ? c : '?')]);
            http.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    /// <summary>Whether the client takes gzip.</summary>
    public static bool AcceptsGzip(HttpRequest request) => request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a body of that size is worth compressing for this client.</summary>
    public static bool ShouldCompress(HttpRequest request, long length) => length > CompressedFrom && AcceptsGzip(request);

    private static async Task SendCompressedAsync(HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        response.Headers.ContentEncoding = "gzip";
        response.Headers.Vary = "Accept-Encoding";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Indent(ReadOnlyMemory<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length * 2);
        JsonText.Write(JsonText.ParseNode(body), buffer, indented: true);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
