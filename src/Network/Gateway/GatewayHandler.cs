using Microsoft.AspNetCore.Http;
using Sealos.Network.Gateway.Answers;
using Sealos.Network.Gateway.Forwarding;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Telemetry;

namespace Sealos.Network.Gateway;

/// <summary>The path of a request through the gateway, from the guard to the app.</summary>
internal sealed class GatewayHandler(GatewayOptions options, RouteTable routes, Forwarder forwarder, TimeProvider time)
{
    private const string ChallengePrefix = "/.well-known/acme-challenge/";

    private readonly HostRoutes? _apex = ApexOf(options);

    /// <summary>The HTTPS port that redirects lead to; known once the server has bound it.</summary>
    public int HttpsPort { get; set; }

    public async Task HandleAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        try
        {
            if (await RouteAsync(context).ConfigureAwait(false) is { } answer)
            {
                await AnswerWriter.WriteAsync(context, answer, ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client is gone, or what it sent was cut short; there is nobody to tell.
            context.Abort();
        }
    }

    /// <summary>Serves the request and returns null, or returns what to answer instead.</summary>
    private async Task<Answer?> RouteAsync(HttpContext context)
    {
        switch (RequestGuard.Check(context))
        {
            case StatusCodes.Status405MethodNotAllowed:
                return Answer.MethodNotAllowed;
            case StatusCodes.Status400BadRequest:
                if (HttpProtocol.IsHttp11(context.Request.Protocol))
                {
                    context.Response.Headers.Connection = "close";
                }

                return Answer.BadRequest;
        }

        var path = context.Request.Path.Value!;
        if (await AnsweredChallengeAsync(context, path).ConfigureAwait(false))
        {
            return null;
        }

        if (FindHost(context.Request.Host.Host) is not { } host)
        {
            return routes.IsComplete ? Answer.NoApp : Answer.Starting;
        }

        return host.Find(path) is { } route ? await ServeAsync(context, route, path).ConfigureAwait(false) : Answer.NoPath;
    }

    private async Task<Answer?> ServeAsync(HttpContext context, Route route, string path)
    {
        var policy = route.Policy;
        if (!context.Request.IsHttps && policy.RedirectToHttps && !path.StartsWith(ChallengePrefix, StringComparison.Ordinal))
        {
            RedirectToHttps(context);
            return null;
        }

        if (Refuse(context, route) is { } refusal)
        {
            return refusal;
        }

        if (policy.Cors is { } cors && Cors.IsPreflight(context.Request))
        {
            Cors.AnswerPreflight(cors, context);
            return null;
        }

        if (policy.Redirect is { } redirect)
        {
            context.Response.StatusCode = redirect.Status;
            context.Response.Headers.Location = redirect.Location;
            return null;
        }

        return await ForwardAsync(context, route).ConfigureAwait(false);
    }

    private async Task<Answer?> ForwardAsync(HttpContext context, Route route)
    {
        var started = time.GetTimestamp();
        route.Counters.Begin();
        using var exchange = new Exchange(context, route, time);
        var status = 0;
        try
        {
            var failure = await forwarder.ForwardAsync(exchange).ConfigureAwait(false);
            var answer = failure is Failure.None or Failure.ClientLeft ? null : failure == Failure.Unreachable && route == _apex?.Find("/") ? Answer.NoDesktop : Explain(failure, route.Backend.State.Lack);
            status = failure == Failure.ClientLeft ? 0 : answer?.Status ?? context.Response.StatusCode;
            return answer;
        }
        finally
        {
            route.Counters.End(new RequestOutcome(status, time.GetElapsedTime(started), exchange.BytesIn, exchange.BytesOut));
        }
    }

    private static Answer? Refuse(HttpContext context, Route route)
    {
        if (!route.Policy.Admits(context.Connection.RemoteIpAddress))
        {
            return Answer.Forbidden;
        }

        return route.IsPaused ? Answer.Paused : route.Policy.Refusal is not null ? Answer.Refused : null;
    }

    private static Answer Explain(Failure failure, BackendLack lack) => failure switch
    {
        Failure.BadRequest => Answer.BadRequest,
        Failure.BodyTooLarge => Answer.BodyTooLarge,
        Failure.BodyTooSlow => Answer.BodyTooSlow,
        Failure.Busy => Answer.Busy,
        Failure.Unreachable => Answer.Unreachable,
        Failure.TimedOut => Answer.TimedOut,
        Failure.NoInstance when lack == BackendLack.Missing => Answer.Missing,
        Failure.NoInstance when lack == BackendLack.Foreign => Answer.Foreign,
        Failure.NoInstance => Answer.NotReady,
        _ => Answer.Closed,
    };

    private HostRoutes? FindHost(string host) =>
        _apex is not null && HostName.Trim(host).Equals(_apex.Host, StringComparison.OrdinalIgnoreCase) ? _apex : routes.Find(host);

    private async Task<bool> AnsweredChallengeAsync(HttpContext context, string path)
    {
        if (options.ChallengeAnswer is not { } answer || context.Request.IsHttps || !path.StartsWith(ChallengePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (answer(context.Request.Host.Host, path[ChallengePrefix.Length..]) is not { } text)
        {
            return false;
        }

        context.Response.ContentType = "application/octet-stream";
        await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
        return true;
    }

    private void RedirectToHttps(HttpContext context)
    {
        var host = HostName.Trim(context.Request.Host.Host);
        var target = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location = HttpsPort == 443 ? $"https://{host}{target}" : $"https://{host}:{HttpsPort}{target}";
    }

    /// <summary>What lies at the apex: the services' API under its path, and the console at all others.</summary>
    private static HostRoutes? ApexOf(GatewayOptions options)
    {
        var host = options.Domain.ToLowerInvariant();

        // Both bound uploads themselves; the console streams logs and keeps circuits open.
        var policy = new RoutePolicy { MaxBodyBytes = 0, ReadTimeout = TimeSpan.FromHours(1), SendTimeout = TimeSpan.FromHours(1) };
        Route[] routes =
        [
            .. Fixed("services", options.Services, UpstreamClient.ServicesAuthority, "/api/v1", policy with { ReadTimeout = TimeSpan.FromMinutes(2), SendTimeout = TimeSpan.FromMinutes(1) }),
            .. Fixed("console", options.Console, UpstreamClient.ConsoleAuthority, "/", policy),
        ];
        return routes.Length == 0 ? null : new HostRoutes(host, HostRoutes.Order(routes), []);

        IEnumerable<Route> Fixed(string name, System.Net.EndPoint? endpoint, string authority, string path, RoutePolicy policy) => endpoint is null ? [] :
        [
            new Route(new ControllerKit.ObjectKey(null, name), host, PathRule.Create(path, "Prefix", false), policy, Backend.Fixed(name, endpoint is System.Net.IPEndPoint ip ? ip.ToString() : authority))
            {
                Counters = new RouteCounters(),
            },
        ];
    }
}
