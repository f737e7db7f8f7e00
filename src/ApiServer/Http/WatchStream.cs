using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>How long a watcher may leave what was written to it, as a first list is, before it is cut off.</summary>
internal sealed record WatchPatience(TimeSpan Stall, TimeProvider Time);

/// <summary>
/// Writes watch events as lines of JSON. An object's bytes are the cache's own: nothing is encoded again per watcher.
/// </summary>
internal sealed class WatchStream(ApiRequest request, bool bookmarks, WatchPatience patience)
{
    private const int FlushEvery = 256 * 1024;

    private readonly PipeWriter _writer = request.Http.Response.BodyWriter;
    private bool _columnsSent;
    private int _unflushed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        request.Http.Response.ContentType = BodyReader.Json;
        await request.Http.Response.StartAsync(cancellationToken).ConfigureAwait(false);
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what the watcher is told until its queue is completed.</summary>
    public async Task CopyAsync(Watcher watcher, CancellationToken cancellationToken)
    {
        while (await watcher.WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            while (watcher.TryRead(out var item))
            {
                await WriteAsync(item, cancellationToken).ConfigureAwait(false);
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends what is still queued and a last bookmark, when the deadline has come.</summary>
    public async Task FinishAsync(Watcher watcher, long applied, CancellationToken cancellationToken)
    {
        while (watcher.TryRead(out var item))
        {
            await WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }

        if (bookmarks)
        {
            WriteBookmark(applied, "");
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes one event, flushing now and then.</summary>
    public ValueTask WriteAsync(WatchItem item, CancellationToken cancellationToken)
    {
        if (item.Type == WatchEventType.Bookmark)
        {
            WriteBookmark(item.Revision, "");
            return ValueTask.CompletedTask;
        }

        var subject = request.Resource.Conversion?.ToView(item.Subject!) ?? item.Subject!;
        _writer.Write(Prefix(item.Type));
        switch (request.Output.Transform)
        {
            case Transform.Table:
                _writer.Write(TableForm.Of(request, subject, withColumns: !_columnsSent).Span);
                _columnsSent = true;
                break;
            case Transform.PartialObject:
                PartialForm.Write(_writer, subject, request.Output.Version!);
                break;
            default:
                _writer.Write(subject.Utf8);
                break;
        }

        _writer.Write("}\n"u8);
        _unflushed += subject.Utf8.Length;
        return _unflushed > FlushEvery ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        var flush = _writer.FlushAsync(cancellationToken);
        if (flush.IsCompleted)
        {
            await flush.ConfigureAwait(false);
            return;
        }

        try
        {
            await flush.AsTask().WaitAsync(patience.Stall, patience.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A client that reads nothing would hold all that is queued for it, for as long as it likes.
            request.Http.Abort();
            await Task.Delay(Timeout.InfiniteTimeSpan, patience.Time, request.Aborted).ConfigureAwait(false);
        }
    }

    /// <summary>Says that everything that was there has been sent.</summary>
    public void WriteInitialEventsEnd(long revision)
    {
        var (kind, version) = ShownKind();
        var blueprint = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind}List\",\"apiVersion\":\"{version}\",\"metadata\":{{}},\"items\":null}}\n"));
        WriteBookmark(revision, $",\"annotations\":{{\"k8s.io/initial-events-end\":\"true\",\"kubernetes.io/initial-events-list-blueprint\":\"{blueprint}\"}}");
    }

    /// <summary>Ends the watch with a refusal inside the stream.</summary>
    public async Task WriteErrorAsync(ApiException error, CancellationToken cancellationToken)
    {
        _writer.Write("{\"type\":\"ERROR\",\"object\":"u8);
        _writer.Write(StatusJson.Failure(error));
        _writer.Write("}\n"u8);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void WriteBookmark(long revision, string annotations)
    {
        var (kind, version) = ShownKind();
        _writer.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",\"metadata\":{{\"resourceVersion\":\"{revision}\",\"creationTimestamp\":null{annotations}}}}}}}\n")));
    }

    private (string Kind, string Version) ShownKind() => request.Output.Transform == Transform.None
        ? (request.Resource.Kind, request.Resource.GroupVersion)
        : ("PartialObjectMetadata", "meta.k8s.io/" + request.Output.Version);

    private static ReadOnlySpan<byte> Prefix(WatchEventType type) => type switch
    {
        WatchEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
        WatchEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
        _ => "{\"type\":\"DELETED\",\"object\":"u8,
    };
}
