using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Fairness;

/// <summary>The seat of a request whose answer may be long, so that it can rest while the client does not read.</summary>
internal sealed class HeldSeat(FairGate.Seat seat) : IDisposable
{
    private FairGate.Seat _seat = seat;
    private bool _isResting;

    /// <summary>Makes it reachable for whoever writes the answer.</summary>
    public static HeldSeat For(HttpContext http, FairGate.Seat seat)
    {
        var held = new HeldSeat(seat);
        http.Features.Set(held);
        return held;
    }

    /// <summary>Flushes an answer that needs no memory of its own; a client that does not take it at once holds no seat any more.</summary>
    public static async ValueTask FlushAsync(HttpContext http, System.IO.Pipelines.PipeWriter writer)
    {
        var flush = writer.FlushAsync(http.RequestAborted);
        if (!flush.IsCompleted)
        {
            http.Features.Get<HeldSeat>()?.Rest();
        }

        await flush.ConfigureAwait(false);
    }

    public void Dispose() => _seat.Dispose();

    private void Rest()
    {
        if (!_isResting && _seat.Gate?.Rest(_seat) is { } resting)
        {
            (_isResting, _seat) = (true, resting);
        }
    }
}
