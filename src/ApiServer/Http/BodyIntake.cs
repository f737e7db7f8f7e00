using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealos.ApiServer.Fairness;

namespace Sealos.ApiServer.Http;

/// <summary>A body that was received before its request's turn came; <see cref="IsTooLarge"/> when it was not read to its end.</summary>
internal sealed record ReceivedBody(ReadOnlyMemory<byte> Bytes, bool IsTooLarge = false)
{
    // A tree of a body takes some ten times its bytes, until its request is answered.
    private const int BytesASeat = 128 * 1024;

    /// <summary>How many seats a request with this body takes.</summary>
    public int Width => 1 + (Bytes.Length / BytesASeat);
}

/// <summary>
/// Receives bodies before their requests take a seat, so that who sends slowly keeps nobody from working; and bounds the memory of
/// bodies that are on their way or wait for their turn, each flow having its share of it.
/// </summary>
internal sealed class BodyIntake(TimeProvider time)
{
    private const int Unit = 64 * 1024;

    private static readonly FairGateOptions Share = new() { Seats = 128 * 1024 * 1024 / Unit, SeatsAFlow = 8 * 1024 * 1024 / Unit };

    private readonly FairGate _memory = new(Share, time);

    /// <summary>Receives the body of a request, if it has one that the server itself reads. Dispose the result when it is answered.</summary>
    public async ValueTask<FairGate.Seat> ReceiveAsync(HttpContext http, RequestInfo info, string? flow)
    {
        var request = http.Request;
        if (info.IsLongRunning || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            return default;
        }

        var length = request.ContentLength ?? BodyReader.MaxBytes;
        if (length > BodyReader.MaxBytes)
        {
            http.Features.Set(new ReceivedBody(default, IsTooLarge: true));
            return default;
        }

        // Most bodies are small and came along with the headers.
        if (length <= Unit && request.BodyReader.TryRead(out var result))
        {
            if (result.IsCompleted)
            {
                Keep(http, request.BodyReader, result.Buffer);
                return default;
            }

            request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        var seat = flow is null ? default : await _memory.EnterAsync(flow, http.RequestAborted, (int)((length + Unit - 1) / Unit)).ConfigureAwait(false);
        try
        {
            await ReadAsync(http).ConfigureAwait(false);
            return seat;
        }
        catch
        {
            seat.Dispose();
            throw;
        }
    }

    private static async Task ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
            if (result.Buffer.Length > BodyReader.MaxBytes)
            {
                http.Features.Set(new ReceivedBody(default, IsTooLarge: true));
                return;
            }

            if (result.IsCompleted)
            {
                Keep(http, reader, result.Buffer);
                return;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static void Keep(HttpContext http, PipeReader reader, ReadOnlySequence<byte> buffer)
    {
        http.Features.Set(new ReceivedBody(buffer.ToArray()));
        reader.AdvanceTo(buffer.End);
    }
}
