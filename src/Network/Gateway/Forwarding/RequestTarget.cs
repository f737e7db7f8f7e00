using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>The path and query that an app sees.</summary>
internal static class RequestTarget
{
    /// <summary>What the client wrote, unless the route rewrites it.</summary>
    public static string Of(HttpContext context, Route route)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        if (Rewrite(route, path) is { } rewritten && rewritten != path)
        {
            return new PathString(rewritten).ToUriComponent() + request.QueryString.ToUriComponent();
        }

        // In absolute form the target holds scheme and host, which apps do not expect; the parsed path serves then.
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return raw is ['/', ..] ? raw : request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
    }

    /// <summary>The rewritten path, or null where the route does not rewrite.</summary>
    public static string? Rewrite(Route route, string path)
    {
        // As ingress-nginx: rewriting a path to itself means leaving it alone.
        if (route.Policy.RewriteTarget is not { } target || target == route.Path.Text)
        {
            return null;
        }

        if (!target.Contains('$', StringComparison.Ordinal))
        {
            return target;
        }

        return route.Path.Match(path) is { } match ? Expand(target, match) : null;
    }

    // Only $0 to $9 stand for groups; whatever else a dollar precedes is text.
    private static string Expand(string target, Match match)
    {
        var text = new StringBuilder(target.Length + match.Length);
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] == '$' && i + 1 < target.Length && char.IsAsciiDigit(target[i + 1]))
            {
                text.Append(match.Groups[target[++i] - '0'].ValueSpan);
            }
            else
            {
                text.Append(target[i]);
            }
        }

        // Two slashes at the start would read as a host somewhere down the line.
        return "/" + text.ToString().TrimStart('/');
    }
}
