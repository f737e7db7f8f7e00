using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Answers;

/// <summary>Cross-origin headers as an ingress asks for them.</summary>
internal static class Cors
{
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;

    /// <summary>Answers the browser's question before it sends the real request.</summary>
    public static void AnswerPreflight(CorsPolicy policy, HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        Apply(policy, context);
        var headers = context.Response.Headers;
        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlAllowMethods = policy.Methods;
            headers.AccessControlAllowHeaders = policy.Headers;
            headers.AccessControlMaxAge = policy.MaxAgeSeconds.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Marks an answer as readable by the origins allowed; an app's own marks are replaced.</summary>
    public static void Apply(CorsPolicy policy, HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Remove("Access-Control-Allow-Origin");
        headers.Remove("Access-Control-Allow-Credentials");
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return;
        }

        headers.Append("Vary", "Origin");
        var isAny = policy.Origins.Contains("*");
        if (!isAny && !policy.Origins.Any(allowed => Covers(allowed, origin)))
        {
            return;
        }

        // Any origin together with credentials would hand every site the visitor's session, so then credentials are left out.
        headers.AccessControlAllowOrigin = isAny ? "*" : origin;
        if (policy.Credentials && !isAny)
        {
            headers.AccessControlAllowCredentials = "true";
        }

        if (policy.ExposedHeaders is { } exposed)
        {
            headers.AccessControlExposeHeaders = exposed;
        }
    }

    // "https://*.example.com" covers one or more labels in place of the star.
    private static bool Covers(string allowed, string origin)
    {
        var star = allowed.IndexOf("*.", StringComparison.Ordinal);
        if (star < 0)
        {
            return allowed.Equals(origin, StringComparison.OrdinalIgnoreCase);
        }

        var head = allowed[..star];
        var tail = allowed[(star + 1)..];
        return origin.Length > head.Length + tail.Length
            && origin.StartsWith(head, StringComparison.OrdinalIgnoreCase)
            && origin.EndsWith(tail, StringComparison.OrdinalIgnoreCase)
            && HostName.IsValid(origin.AsSpan(head.Length, origin.Length - head.Length - tail.Length));
    }
}
