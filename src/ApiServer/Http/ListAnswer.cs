using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Fairness;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>Answers with a list by copying the bytes of its objects.</summary>
internal static class ListAnswer
{
    private const int FlushEvery = 256 * 1024;
    private const int CompressedAtOnce = 64 * 1024;

    public static Task SendAsync(ApiRequest request, ListPage page) => request.Output.Transform switch
    {
        Transform.Table => Answer.SendAsync(request.Http, 200, TableForm.Of(request, page), request.Output.IsPretty),
        Transform.PartialObject => SendPartialAsync(request, page),
        _ => SendFullAsync(request, page),
    };

    /// <summary>Answers with a list of objects that are not a page, such as those a deletion removed.</summary>
    public static byte[] Compose(ApiRequest request, IReadOnlyList<CachedObject> objects, long revision)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(Opening(request.Resource.ListKind, request.Resource.GroupVersion, revision, null));
        for (var i = 0; i < objects.Count; i++)
        {
            WriteItem(buffer, request.Resource.Conversion?.ToView(objects[i]) ?? objects[i], first: i == 0);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task SendFullAsync(ApiRequest request, ListPage page)
    {
        var opening = Opening(request.Resource.ListKind, request.Resource.GroupVersion, page.Revision, page);
        if (request.Output.IsPretty || request.Resource.Conversion is not null)
        {
            await Answer.SendAsync(request.Http, 200, Compose(opening, request, page), request.Output.IsPretty).ConfigureAwait(false);
            return;
        }

        var length = opening.Length + 2L + Math.Max(0, page.Count - 1);
        foreach (var item in page.Items)
        {
            length += 1 + item.Utf8.Length - item.BodyStart;
        }

        var response = request.Http.Response;
        response.ContentType = BodyReader.Json;
        if (Answer.ShouldCompress(request.Http.Request, length))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await using (gzip.ConfigureAwait(false))
            {
                var writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(minimumBufferSize: CompressedAtOnce, leaveOpen: true));
                await WriteAsync(request.Http, writer, opening, page).ConfigureAwait(false);
            }

            return;
        }

        response.ContentLength = length;
        if (!HttpMethods.IsHead(request.Http.Request.Method))
        {
            await WriteAsync(request.Http, response.BodyWriter, opening, page).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(HttpContext http, PipeWriter writer, byte[] opening, ListPage page)
    {
        writer.Write(opening);
        var written = 0;
        for (var i = 0; i < page.Count; i++)
        {
            var item = page[i];
            WriteItem(writer, item, first: i == 0);
            written += item.Utf8.Length;
            if (written > FlushEvery)
            {
                written = 0;
                await HeldSeat.FlushAsync(http, writer).ConfigureAwait(false);
            }
        }

        writer.Write("]}"u8);
        await HeldSeat.FlushAsync(http, writer).ConfigureAwait(false);
    }

    private static byte[] Compose(byte[] opening, ApiRequest request, ListPage page)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(opening);
        for (var i = 0; i < page.Count; i++)
        {
            WriteItem(buffer, request.Resource.Conversion?.ToView(page[i]) ?? page[i], first: i == 0);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static Task SendPartialAsync(ApiRequest request, ListPage page)
    {
        var version = request.Output.Version!;
        var buffer = new ArrayBufferWriter<byte>(4096);
        buffer.Write(Opening("PartialObjectMetadataList", "meta.k8s.io/" + version, page.Revision, page));
        for (var i = 0; i < page.Count; i++)
        {
            buffer.Write(i == 0 ? "{\"metadata\":"u8 : ",{\"metadata\":"u8);
            buffer.Write(PartialForm.Metadata(page[i]));
            buffer.Write("}"u8);
        }

        buffer.Write("]}"u8);
        return Answer.SendAsync(request.Http, 200, buffer.WrittenMemory, request.Output.IsPretty);
    }

    private static void WriteItem(IBufferWriter<byte> writer, CachedObject item, bool first)
    {
        writer.Write(first ? "{"u8 : ",{"u8);
        writer.Write(item.Utf8.AsSpan(item.BodyStart));
    }

    private static byte[] Opening(string kind, string groupVersion, long revision, ListPage? page)
    {
        var text = new StringBuilder(128);
        text.Append(CultureInfo.InvariantCulture, $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{groupVersion}\",\"metadata\":{{\"resourceVersion\":\"{revision}\"");
        if (page?.Continue is { } token)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"continue\":\"{token}\"");
        }

        if (page?.Remaining is { } remaining)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"remainingItemCount\":{remaining}");
        }

        return Encoding.UTF8.GetBytes(text.Append("},\"items\":[").ToString());
    }
}
