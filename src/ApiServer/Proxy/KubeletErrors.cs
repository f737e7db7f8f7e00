using System.Net.Sockets;
using System.Security.Authentication;

namespace Sealos.ApiServer.Proxy;

/// <summary>What goes wrong behind this server, as a Status.</summary>
internal static class KubeletErrors
{
    /// <summary>A refusal of the kubelet: its code and its text.</summary>
    public static ApiException From(int code, string text)
    {
        var message = text.Trim();
        return code switch
        {
            400 => ApiException.BadRequest(message),
            401 => ApiException.Internal($"the node refused this server's credentials: {message}"),
            403 => new ApiException(403, "Forbidden", message),
            404 => new ApiException(404, "NotFound", message),
            < 500 => new ApiException(code, "BadRequest", message),
            _ => ApiException.Internal(message),
        };
    }

    /// <summary>Whether an exception says that the other side could not be reached, and not that the client left.</summary>
    public static bool IsUnreachable(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error is SocketException or IOException or AuthenticationException or HttpRequestException or OperationCanceledException;

    public static ApiException Unreachable(Uri target, Exception error)
    {
        var why = error is OperationCanceledException ? "i/o timeout" : error.InnerException?.Message ?? error.Message;
        return ApiException.Internal($"error dialing backend: dial tcp {target.Authority}: {why}");
    }
}
