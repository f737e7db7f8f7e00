using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Sealos.Network.Gateway;

/// <summary>Bounds how many connections one client address holds, so that one cannot use up the room of all.</summary>
internal sealed class ClientGate(int perClient)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    public ConnectionDelegate Admit(ConnectionDelegate next) => connection =>
        connection.RemoteEndPoint is IPEndPoint remote ? AdmitAsync(remote.Address, connection, next) : next(connection);

    private async Task AdmitAsync(IPAddress client, ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (_open.AddOrUpdate(client, 1, static (_, n) => n + 1) > perClient)
            {
                connection.Abort(new ConnectionAbortedException("too many connections from one address"));
                return;
            }

            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (_open.AddOrUpdate(client, 0, static (_, n) => n - 1) == 0)
            {
                _open.TryRemove(KeyValuePair.Create(client, 0));
            }
        }
    }
}
