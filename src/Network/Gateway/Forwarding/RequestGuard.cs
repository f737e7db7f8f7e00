using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealos.Network.Gateway.Routing;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>
/// Refuses requests that two parsers could read differently. Kestrel has parsed this one already; the guard makes sure that what
/// is written to an app, in another protocol version perhaps, has one meaning only.
/// </summary>
internal static class RequestGuard
{
    /// <summary>The status to refuse with, or 0 where the request is sound.</summary>
    public static int Check(HttpContext context)
    {
        var request = context.Request;
        if (!HeaderRules.IsToken(request.Method))
        {
            return StatusCodes.Status400BadRequest;
        }

        if (HttpMethods.IsTrace(request.Method) || (HttpMethods.IsConnect(request.Method) && TunnelRequest.Of(context) != TunnelKind.Connect))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        return HasSoundHost(request) && HasSoundTarget(context) && HasSoundHeaders(request) ? 0 : StatusCodes.Status400BadRequest;
    }

    private static bool HasSoundHost(HttpRequest request)
    {
        var host = request.Host;
        if (host.Value is not { Length: > 0 and <= 300 } || request.Headers.Host.Count > 1)
        {
            return false;
        }

        var name = HostName.Trim(host.Host);
        return HostName.IsValid(name) || (name is ['[', .., ']'] && System.Net.IPAddress.TryParse(name, out _));
    }

    private static bool HasSoundTarget(HttpContext context)
    {
        // HTTP/2 lets any octet into the path; only what a request line can hold may pass.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return target.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && target != "*" && context.Request.Path.Value is ['/', ..];
    }

    private static bool HasSoundHeaders(HttpRequest request)
    {
        // Kestrel moves a length that stands beside a transfer coding aside; such a message is an attempt at smuggling, and so is
        // a transfer coding in HTTP/2, which has none.
        if (request.Headers.TransferEncoding.Count > 0
            && (!HttpProtocol.IsHttp11(request.Protocol) || request.Headers.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length")))
        {
            return false;
        }

        foreach (var (name, values) in request.Headers)
        {
            if (name[0] == ':')
            {
                continue;
            }

            if (!HeaderRules.IsToken(name))
            {
                return false;
            }

            foreach (var value in values)
            {
                if (!HeaderRules.IsSafeValue(value))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
