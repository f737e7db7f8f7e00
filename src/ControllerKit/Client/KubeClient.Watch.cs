using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Client;

public sealed partial class KubeClient
{
    /// <summary>Streams changes until the server closes the stream; an ERROR event is thrown as <see cref="ApiException"/>.</summary>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns, WatchQuery query, CancellationToken ct)
        where T : class, IKubeObject<T>, new() =>
        WatchPathAsync<T>(T.KubeKind.Path(ns), query, null, ct);

    /// <summary>The same for a collection known only by its path, in whatever form <paramref name="accept"/> asks for.</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchPathAsync<T>(string path, WatchQuery query, string? accept, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        using var response = await OpenAsync(HttpMethod.Get, path + query.ToQueryString(), null, accept, ct).ConfigureAwait(false);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(ct).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (TryReadLine(ref buffer, out var line))
                {
                    yield return ParseEvent<T>(line);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent<T> ParseEvent<T>(ReadOnlySequence<byte> line)
        where T : class
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = KubeJson.Options.MaxDepth });
        if (IsError(line))
        {
            var status = JsonNode.Parse(ref reader)?["object"];
            throw new ApiException((int?)status?["code"] ?? 500, (string?)status?["reason"] ?? "Unknown", (string?)status?["message"] ?? "the watch failed");
        }

        return JsonSerializer.Deserialize<WatchEvent<T>>(ref reader, KubeJson.Options)!;
    }

    // Every server writes the type first, so a look at the first bytes spares parsing each event twice.
    private static bool IsError(ReadOnlySequence<byte> line)
    {
        Span<byte> head = stackalloc byte[16];
        var length = (int)Math.Min(line.Length, head.Length);
        line.Slice(0, length).CopyTo(head);
        return head[..length].IndexOf("\"ERROR\""u8) >= 0;
    }
}
