using System.Collections.Concurrent;
using System.Net;

namespace Sealos.Network.Dns;

/// <summary>How much one client, and all together, may have going on at once, so that none takes everything.</summary>
internal sealed class ClientLimits(int perClient, int together)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();
    private int _all;

    public bool TryEnter(IPAddress client)
    {
        if (Interlocked.Increment(ref _all) > together)
        {
            Interlocked.Decrement(ref _all);
            return false;
        }

        if (_open.AddOrUpdate(client, 1, (_, count) => count + 1) > perClient)
        {
            Leave(client);
            return false;
        }

        return true;
    }

    public void Leave(IPAddress client)
    {
        Interlocked.Decrement(ref _all);
        if (_open.AddOrUpdate(client, 0, (_, count) => count - 1) <= 0)
        {
            _open.TryRemove(new(client, 0));
        }
    }
}
