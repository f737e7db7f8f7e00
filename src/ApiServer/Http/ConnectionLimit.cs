using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Sealos.ApiServer.Http;

/// <summary>Counts connections by where they come from, and closes those that are too many for one address.</summary>
internal sealed class ConnectionLimit(int max)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>Stands before everything else on a connection, the handshake included.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        try
        {
            if (_open.AddOrUpdate(address, 1, (_, count) => count + 1) <= max)
            {
                await next(connection).ConfigureAwait(false);
            }
        }
        finally
        {
            // Gone from the table with its last connection: there are many addresses.
            if (_open.AddOrUpdate(address, 0, (_, count) => count - 1) == 0)
            {
                _open.TryRemove(KeyValuePair.Create(address, 0));
            }
        }
    };
}
