using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Streams a client's request body to an app as it arrives; nothing is gathered first.</summary>
internal sealed class RequestBody(Exchange exchange) : HttpContent
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    /// <summary>Whether any of it may have reached an app; if so the request cannot be sent again.</summary>
    public bool IsStarted => Volatile.Read(ref _started) != 0;

    /// <summary>Why the client's side could not be read.</summary>
    public Exception? ReadError { get; private set; }

    /// <summary>Ends copying, so that the client's stream is touched no more once the answer is complete.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.CompareExchange(ref _started, 2, 0) == 1)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _ended.Task.ConfigureAwait(false);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _started, 1, 0) != 0)
        {
            throw new IOException("the request body was sent once already");
        }

        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            await CopyAsync(stream, linked.Token).ConfigureAwait(false);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _stop.Dispose();
        base.Dispose(disposing);
    }

    private async Task CopyAsync(Stream stream, CancellationToken ct)
    {
        var reader = exchange.Context.Request.BodyReader;
        while (true)
        {
            var result = await ReadAsync(reader, stream, ct).ConfigureAwait(false);
            await WriteAsync(stream, result.Buffer, ct).ConfigureAwait(false);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader reader, Stream stream, CancellationToken ct)
    {
        try
        {
            var next = reader.ReadAsync(ct);
            if (!next.IsCompleted)
            {
                // The client may be waiting for the app's first word, so the app must have the headers before any body.
                await FlushAsync(reader, stream, ct).ConfigureAwait(false);
            }

            return await next.ConfigureAwait(false);
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            ReadError = e;
            throw;
        }
    }

    private static async ValueTask FlushAsync(PipeReader reader, Stream stream, CancellationToken ct)
    {
        try
        {
            await stream.FlushAsync(ct).ConfigureAwait(false);
        }
        catch
        {
            reader.CancelPendingRead();
            throw;
        }
    }

    private async ValueTask WriteAsync(Stream stream, ReadOnlySequence<byte> buffer, CancellationToken ct)
    {
        foreach (var segment in buffer)
        {
            await stream.WriteAsync(segment, ct).ConfigureAwait(false);
        }

        // What the client has sent must reach the app now: it may be one message of a stream that goes on for hours.
        await stream.FlushAsync(ct).ConfigureAwait(false);
        exchange.Sent(buffer.Length);
    }
}
