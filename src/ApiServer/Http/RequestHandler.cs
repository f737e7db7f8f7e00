using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Fairness;
using Sealos.Store;

namespace Sealos.ApiServer.Http;

/// <summary>What stands before a request: who may pass, when it is their turn, and what is written down of it.</summary>
internal sealed record RequestGuards(Gatekeeper Gatekeeper, FairGate Fairness, Flows Flows, AuditLog? Audit)
{
    public required BodyIntake Intake { get; init; }

    public required RequestLimits Limits { get; init; }
}

/// <summary>
/// The path of a request: who asks, for what, may they; then the part of the API that answers. The one place where
/// refusals and failures become Status answers.
/// </summary>
internal sealed partial class RequestHandler(RequestGuards guards, Router router, Metrics metrics, TimeProvider time, ILogger<RequestHandler> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        var headers = http.Response.Headers;
        var id = Guid.NewGuid().ToString();
        headers["Audit-Id"] = id;
        headers.CacheControl = "no-cache, private";

        // Step 1: what is asked for.
        var info = RequestInfoParser.Parse(http.Request);
        var trail = guards.Audit?.Begin(http, info, id);
        var refusal = await AnswerAsync(http, info, trail).ConfigureAwait(false);
        if (refusal is not null)
        {
            await RefuseAsync(http, refusal).ConfigureAwait(false);
        }

        trail?.Complete(refusal);
        metrics.Observe(info, http.Request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true, http.Response.StatusCode, info.IsLongRunning ? null : time.GetElapsedTime(started));
    }

    /// <summary>Answers; or says why not.</summary>
    private async Task<ApiException?> AnswerAsync(HttpContext http, RequestInfo info, AuditTrail? trail)
    {
        var aborted = http.RequestAborted;
        try
        {
            // Steps 2 and 3: who asks, and whether they may.
            var user = guards.Gatekeeper.Admit(http, info, trail);
            var flow = guards.Flows.Of(user, info);
            using var deadline = DeadlineFor(http, info, mayWait: flow is not null);
            using var received = await guards.Intake.ReceiveAsync(http, info, flow).ConfigureAwait(false);
            using var seat = await SeatAsync(http, info, flow).ConfigureAwait(false);
            await router.DispatchAsync(http, info, user).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The client went away.
            return null;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return TooSlow();
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The client went away while it was written to.
            return null;
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => TooSlow(),
                StatusCodes.Status413PayloadTooLarge => ApiException.TooLarge(BodyReader.MaxBytes),
                _ => ApiException.BadRequest(e.Message),
            };
        }
        catch (StoreException e)
        {
            Log.StoreRefused(logger, http.Request.Method, info.Path, e.Message);
            return e.IsDiskFull ? ApiException.DiskFull(e.Message) : e.IsTransient ? ApiException.Unavailable(e.Message) : ApiException.Internal(e.Message);
        }
        catch (Exception e)
        {
            // The request boundary: one bad request must not end more than itself.
            Log.RequestFailed(logger, http.Request.Method, info.Path, e);
            return ApiException.Internal(e.Message);
        }
        finally
        {
            http.RequestAborted = aborted;
        }
    }

    private async ValueTask<HeldSeat?> SeatAsync(HttpContext http, RequestInfo info, string? flow)
    {
        if (flow is null)
        {
            return null;
        }

        var width = http.Features.Get<ReceivedBody>()?.Width ?? 1;
        var seat = info.IsLongRunning ? guards.Fairness.Open(flow) : await guards.Fairness.EnterAsync(flow, http.RequestAborted, width).ConfigureAwait(false);
        return info.Verb == "list" ? HeldSeat.For(http, seat) : new HeldSeat(seat);
    }

    /// <summary>
    /// Ends a request that is long in the sending or whose answer nobody reads; null for those that may rest for long, and for reads
    /// of one object that keep nobody waiting.
    /// </summary>
    private RequestDeadline? DeadlineFor(HttpContext http, RequestInfo info, bool mayWait) =>
        info.IsLongRunning || (!mayWait && info.Verb == "get") ? null : new RequestDeadline(http, guards.Limits.Request, time);

    private static ApiException TooSlow() =>
        new(504, "Timeout", "request did not complete within the allotted timeout") { Details = new StatusDetails() };

    private static Task RefuseAsync(HttpContext http, ApiException error)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        return Answer.SendAsync(http, error, Output.IsPrettyWanted(http.Request));
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void RequestFailed(ILogger logger, string method, string path, Exception error);

        [LoggerMessage(11, LogLevel.Warning, "{Method} {Path}: {Reason}")]
        public static partial void StoreRefused(ILogger logger, string method, string path, string reason);
    }
}
