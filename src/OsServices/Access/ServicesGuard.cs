using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.SignIn;

namespace Sealos.OsServices.Access;

/// <summary>
/// Stands before every route: says who the caller is and whether they may, and puts every refusal and failure into the one form
/// of an error.
/// </summary>
internal sealed partial class ServicesGuard(CallerSource callers, CallerLimits limits, Sessions sessions, ILogger<ServicesGuard> logger) : IMiddleware
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Describe(context.Response.Headers);
        try
        {
            await AdmitAsync(context).ConfigureAwait(false);
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && Unspoken(context.Response.StatusCode) is { } refusal)
            {
                await WriteAsync(context, refusal).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var refusal = Explain(e);
            if (refusal.Status == StatusCodes.Status500InternalServerError)
            {
                LogFailed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName, e);
            }

            await WriteAsync(context, refusal).ConfigureAwait(false);
        }
    }

    /// <summary>What a failure is to the caller.</summary>
    internal static ServiceException Explain(Exception failure) => failure switch
    {
        ServiceException refusal => refusal,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(StatusCodes.Status413PayloadTooLarge, "too-large", "The request is larger than it may be."),
        BadHttpRequestException { InnerException: JsonException json } => new(StatusCodes.Status400BadRequest, "invalid", "The request's body is not the JSON that is expected here.", FieldOf(json)),
        BadHttpRequestException bad => Unspoken(bad.StatusCode) ?? new(bad.StatusCode, "invalid", "The request cannot be read."),
        ApiException { Code: StatusCodes.Status401Unauthorized } => ServiceException.NotSignedIn(),
        ApiException { Code: StatusCodes.Status403Forbidden } refused => ServiceException.Forbidden(refused.Message),
        ApiException { IsNotFound: true } refused => ServiceException.NotFound(refused.Message),
        ApiException { Code: StatusCodes.Status409Conflict } refused => ServiceException.Conflict(refused.Message),
        ApiException { Code: StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity } refused => new(StatusCodes.Status400BadRequest, "invalid", refused.Message),
        ApiException { Code: StatusCodes.Status429TooManyRequests } => ServiceException.TooMany(),
        ApiException or HttpRequestException => new(StatusCodes.Status503ServiceUnavailable, "unavailable", "The cloud cannot answer at the moment; try again soon."),
        _ => new(StatusCodes.Status500InternalServerError, "failed", "That failed inside the cloud; its log says why."),
    };

    /// <summary>What is to be said with a status that came without a word.</summary>
    private static ServiceException? Unspoken(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(status, "invalid", "The request is not one that is expected here."),
        StatusCodes.Status401Unauthorized => new(status, "wrong", "Name or password is wrong."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method", "This address does not take this method."),
        StatusCodes.Status415UnsupportedMediaType => new(status, "media-type", "The request's body must be application/json."),
        StatusCodes.Status429TooManyRequests => ServiceException.TooMany(),
        _ => null,
    };

    private async Task AdmitAsync(HttpContext context)
    {
        // By network: who has one IPv6 address has a whole network of them.
        if (!limits.Admits(ClientInfo.Of(context).Network))
        {
            throw ServiceException.TooMany();
        }

        var endpoint = context.GetEndpoint() ?? throw ServiceException.NotFound("There is nothing at this address; /api/v1/openapi.json lists what there is.");
        var access = ServicesAccess.Of(endpoint);
        if (endpoint is not RouteEndpoint)
        {
            // Routing found the address, but not for this method or media type, and answers so itself.
            return;
        }

        if (access == RouteAccess.Everybody)
        {
            CheckOrigin(context.Request);
            return;
        }

        // A credential is taken from this header alone, never from a cookie: no other site's page can make a browser send it.
        var header = context.Request.Headers.Authorization.ToString();
        var caller = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? await callers.IdentifyAsync(header[Scheme.Length..].Trim(), context.RequestAborted).ConfigureAwait(false)
            : null;
        Check(access, caller ?? throw ServiceException.NotSignedIn());
        await CheckSessionAsync(access, caller, context.RequestAborted).ConfigureAwait(false);
        if (await ReadBodyAsync(context).ConfigureAwait(false))
        {
            // Whoever sends it may have let it wait until their session ended, or they were locked, and so outlive that.
            caller = await callers.IdentifyAnewAsync(caller.Token, context.RequestAborted).ConfigureAwait(false) ?? throw ServiceException.NotSignedIn();
            await CheckSessionAsync(access, caller, context.RequestAborted).ConfigureAwait(false);
            await sessions.RequireStandingAsync(caller.User, context.RequestAborted).ConfigureAwait(false);
        }

        context.Features.Set(caller);
    }

    private async Task CheckSessionAsync(RouteAccess? access, Caller caller, CancellationToken ct)
    {
        if (access == RouteAccess.FreshSession)
        {
            sessions.RequireFresh(await sessions.RequireAsync(caller, ct).ConfigureAwait(false));
            await sessions.RequireStandingAsync(caller.User, ct).ConfigureAwait(false);
        }
    }

    // Whole, so that who calls is looked at when all that they say is there; no longer than the API takes.
    private static async Task<bool> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
        {
            return false;
        }

        var body = new MemoryStream();
        context.Response.RegisterForDispose(body);
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        body.Position = 0;
        context.Request.Body = body;
        return true;
    }

    private void Check(RouteAccess? access, Caller caller)
    {
        if (!limits.Admits(caller))
        {
            throw ServiceException.TooMany();
        }

        if (access is RouteAccess.InPerson or RouteAccess.FreshSession or RouteAccess.Operators && caller.PersonalToken is not null)
        {
            throw ServiceException.Forbidden("A personal token may not do this: sign in.");
        }

        if (access is not RouteAccess.SignedIn && caller.IsImpersonated)
        {
            throw ServiceException.Forbidden("An operator's session of somebody else may not do this: only they themselves may.");
        }

        if (access is not (RouteAccess.SignedIn or RouteAccess.InPerson or RouteAccess.FreshSession) && !caller.IsOperator)
        {
            throw ServiceException.Forbidden("Only those who run the cloud may do this.");
        }
    }

    /// <summary>Pages of other sites may not sign their visitors in.</summary>
    private static void CheckOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !HttpMethods.IsGet(request.Method) && !string.Equals(origin, $"https://{request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            throw ServiceException.Forbidden("This request comes from a page of another site.");
        }
    }

    private static void Describe(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private static string? FieldOf(JsonException json) => json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;

    private static Task WriteAsync(HttpContext context, ServiceException refusal)
    {
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(new ServiceError(refusal.Message, refusal.Code, refusal.Field), context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} of the services' API failed")]
    private static partial void LogFailed(ILogger logger, string method, string? endpoint, Exception exception);
}
