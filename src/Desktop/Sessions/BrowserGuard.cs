using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// What every answer to a browser says about its use, and the check that whatever changes something, or opens a socket, comes
/// from a page of the desktop itself.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next)
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        // Not "no-referrer": with it browsers leave the origin out of form posts, too.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
        if ((IsHarmless(context) && !IsForeignStream(context.Request)) || IsOwnOrigin(context.Request))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This request does not come from the desktop's own pages.", context.RequestAborted);
    }

    private static bool IsHarmless(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) && !context.Request.Headers.ContainsKey(HeaderNames.Upgrade);

    // An app's page is of the same site as the desktop, so its requests carry the cookie; what it gets it cannot read, but it costs.
    private static bool IsForeignStream(HttpRequest request) =>
        request.Path.StartsWithSegments("/streams") && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none");

    private static bool IsOwnOrigin(HttpRequest request) =>
        string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
}
