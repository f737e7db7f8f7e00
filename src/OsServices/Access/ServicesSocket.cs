using System.Net.Sockets;

namespace Sealos.OsServices.Access;

/// <summary>The way to the services' API from another process of the same machine.</summary>
public static class ServicesSocket
{
    /// <summary>What carries requests over the Unix socket at <paramref name="path"/>, whatever host they name. It keeps no cookies: they mean nothing there.</summary>
    public static SocketsHttpHandler HandlerOf(string path) => new()
    {
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
