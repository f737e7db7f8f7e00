using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// A session is a sealed cookie that holds the user's own credential, so nothing is kept in memory between requests and a
/// restart signs nobody out. It ends when the credential does.
/// </summary>
internal static class SessionCookie
{
    public const string SignInPath = "/sign-in";
    public const string SignOutPath = "/sign-out";
    public const string AttemptLimit = "sign-in";
    public const string StreamLimit = "streams";

    private const string TokenClaim = "token";
    private const string WorkspaceClaim = "workspace";
    private const string ExpiresClaim = "expires";
    private const int AttemptsPerMinute = 30;
    private const int StreamsPerPerson = 20;

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "__Host-sealos";
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.LoginPath = SignInPath;
        options.ReturnUrlParameter = "next";
        options.SlidingExpiration = false;
        options.Events.OnRedirectToLogin = context =>
        {
            // A page asks the person to sign in; anything else is told so by its status.
            var isPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
            if (isPage)
            {
                context.Response.Redirect(context.RedirectUri);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }

            return Task.CompletedTask;
        };
    }

    public static void ConfigureLimits(RateLimiterOptions options)
    {
        options.AddPolicy(AttemptLimit, context => HttpMethods.IsPost(context.Request.Method)
            ? RateLimitPartition.GetSlidingWindowLimiter(
                NetworkOf(context.Connection.RemoteIpAddress),
                _ => new SlidingWindowRateLimiterOptions { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 })
            : RateLimitPartition.GetNoLimiter("reading"));
        options.AddPolicy(StreamLimit, context => RateLimitPartition.GetConcurrencyLimiter(
            context.User.Identity?.Name ?? "", _ => new ConcurrencyLimiterOptions { PermitLimit = StreamsPerPerson }));
        options.OnRejected = (context, _) =>
        {
            if (context.HttpContext.Request.Path == SignInPath)
            {
                context.HttpContext.Response.Redirect(SignInPath + "?wait=true");
            }
            else
            {
                context.HttpContext.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            }

            return ValueTask.CompletedTask;
        };
    }

    // Who has one IPv6 address has a whole network of them.
    private static string NetworkOf(IPAddress? client) => client switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } => Convert.ToHexString(client.GetAddressBytes().AsSpan(0, 8)),
        _ => client.ToString(),
    };

    // Anonymous, too: a session that has run out must still find the way to a new one.
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(SignOutPath, async (HttpContext context, WorkspacePool pool, ServicesClient services) =>
    {
        if (Read(context.User) is { } session)
        {
            pool.End(session);
            // When the cloud does not answer, it ends by itself later.
            await services.AskAsync<object>(context, HttpMethod.Post, "sign-out").ConfigureAwait(false);
        }

        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme).ConfigureAwait(false);
        context.Response.Redirect(SignInPath);
    }).AllowAnonymous();

    /// <summary>Opens the session in this browser.</summary>
    public static Task OpenAsync(HttpContext context, SignInGrant grant)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, grant.User),
                new Claim(TokenClaim, grant.Token),
                new Claim(WorkspaceClaim, grant.Workspace),
                new Claim(ExpiresClaim, grant.Expires.ToString("O", CultureInfo.InvariantCulture)),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme);
        var properties = new AuthenticationProperties { IsPersistent = true, ExpiresUtc = grant.Expires };
        return context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), properties);
    }

    /// <summary>The session that a browser's cookie holds, or null.</summary>
    public static SignInGrant? Read(ClaimsPrincipal? principal) =>
        principal?.Identity is { IsAuthenticated: true, Name: { } user } && principal.FindFirst(TokenClaim) is { } token && principal.FindFirst(WorkspaceClaim) is { } workspace
            && DateTimeOffset.TryParse(principal.FindFirstValue(ExpiresClaim), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var expires)
            ? new SignInGrant(user, token.Value, expires, workspace.Value)
            : null;

    /// <summary>Where the person in front of the browser is.</summary>
    public static ClientInfo ClientOf(HttpContext context) => new(context.Connection.RemoteIpAddress?.ToString() ?? "", context.Request.Headers.UserAgent.ToString());

    /// <summary>Where to go after signing in: only into the desktop itself, never to another site.</summary>
    public static string SafeTarget(string? next) =>
        next is ['/', ..] && next.All(c => c is > ' ' and < '\x7f' and not '\\') && !next.StartsWith("//", StringComparison.Ordinal) && !next.StartsWith(SignInPath, StringComparison.Ordinal)
            ? next : "/";
}
