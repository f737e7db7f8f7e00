using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// The browser's part of proving who one is elsewhere. The browser that begins keeps a cookie, and only with it does anybody go on: what
/// somebody else began, or what was sent to somebody else, leads nowhere.
/// </summary>
internal static class IdentityDoor
{
    public const string CallbackPath = SessionCookie.SignInPath + "/callback";

    private const string Cookie = "__Host-sealos-identity";
    private const string StartPath = SessionCookie.SignInPath + "/with/{provider}";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(StartPath, StartAsync).AllowAnonymous();

    /// <summary>Begins in this browser: what it must bring back is kept in it.</summary>
    public static void Keep(HttpContext context, IdentityStart start) =>
        context.Response.Cookies.Append(Cookie, start.Binding, new CookieOptions { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = Lifetime });

    /// <summary>What this browser has brought back; the cookie has served.</summary>
    public static IdentityCallback Take(HttpContext context)
    {
        var query = context.Request.Query;
        var binding = context.Request.Cookies[Cookie];
        context.Response.Cookies.Delete(Cookie, new CookieOptions { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });
        return new IdentityCallback(One("state"), One("code"), One("iss"), One("error"), binding);

        // Said twice it is said by somebody else.
        string? One(string name) => query[name] is [{ Length: > 0 } value] ? value : null;
    }

    private static async Task StartAsync(string provider, string? next, HttpContext context, ServicesClient services)
    {
        var begun = await services.AskAsStrangerAsync<IdentityStart>(
            context, HttpMethod.Post, $"sign-in/identities/{Uri.EscapeDataString(provider)}/start", new IdentityRequest(SessionCookie.SafeTarget(next))).ConfigureAwait(false);
        if (begun.Value is not { } start)
        {
            context.Response.Redirect(SessionCookie.SignInPath + (begun.Problem?.Code == "too-many" ? "?wait=true" : "?provider=silent"));
            return;
        }

        Keep(context, start);
        context.Response.Redirect(start.Url);
    }
}
