using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sealos.Store;

namespace Sealos.ApiServer.Http;

/// <summary>
/// The path of a request: who asks, for what, may they; then the part of the API that answers. The one place where
/// refusals and failures become Status answers.
/// </summary>
internal sealed partial class RequestHandler(Gatekeeper gatekeeper, Router router, Metrics metrics, TimeProvider time, ILogger<RequestHandler> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        var headers = http.Response.Headers;
        headers["Audit-Id"] = Guid.NewGuid().ToString();
        headers.CacheControl = "no-cache, private";

        // Step 1: what is asked for.
        var info = RequestInfoParser.Parse(http.Request);
        var isLong = info.Verb == "watch" || info.Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";
        try
        {
            // Steps 2 and 3: who asks, and whether they may.
            var user = gatekeeper.Admit(http, info);
            await router.DispatchAsync(http, info, user).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            await RefuseAsync(http, e).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The client went away while it was written to.
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(http, e.StatusCode == 413 ? ApiException.TooLarge(BodyReader.MaxBytes) : ApiException.BadRequest(e.Message)).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            Log.StoreRefused(logger, http.Request.Method, info.Path, e.Message);
            await RefuseAsync(http, e.IsDiskFull ? ApiException.DiskFull(e.Message) : e.IsTransient ? ApiException.Unavailable(e.Message) : ApiException.Internal(e.Message)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The request boundary: one bad request must not end more than itself.
            Log.RequestFailed(logger, http.Request.Method, info.Path, e);
            await RefuseAsync(http, ApiException.Internal(e.Message)).ConfigureAwait(false);
        }

        metrics.Observe(info, http.Response.StatusCode, isLong ? null : time.GetElapsedTime(started));
    }

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
