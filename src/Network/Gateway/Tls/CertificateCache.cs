namespace Sealos.Network.Gateway.Tls;

/// <summary>Keeps the certificates used last, a bounded number; a failed load is remembered too, so it is not tried at each handshake.</summary>
internal sealed class CertificateCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Item>> _items = new(StringComparer.Ordinal);
    private readonly LinkedList<Item> _byUse = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    public bool TryGet(string key, out ServerCertificate? certificate)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue(key, out var node))
            {
                certificate = null;
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            certificate = node.Value.Certificate;
            return true;
        }
    }

    public void Set(string key, ServerCertificate? certificate)
    {
        lock (_lock)
        {
            RemoveLocked(key);
            _items[key] = _byUse.AddFirst(new Item(key, certificate));
            if (_items.Count > capacity)
            {
                RemoveLocked(_byUse.Last!.Value.Key);
            }
        }
    }

    public void Remove(string key)
    {
        lock (_lock)
        {
            RemoveLocked(key);
        }
    }

    private void RemoveLocked(string key)
    {
        if (_items.Remove(key, out var node))
        {
            _byUse.Remove(node);
        }
    }

    private readonly record struct Item(string Key, ServerCertificate? Certificate);
}
