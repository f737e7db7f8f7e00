namespace Sealos.ApiServer.Strategies;

/// <summary>The node ports Services can have.</summary>
internal sealed class PortPool(int first, int last)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];
    private readonly Random _random = new();

    public string RangeText => $"{first}-{last}";

    public bool Contains(int port) => port >= first && port <= last;

    /// <summary>Takes a port; false when it is taken already.</summary>
    public bool TryTake(int port)
    {
        lock (_gate)
        {
            return _taken.Add(port);
        }
    }

    /// <summary>Takes any free port, or answers null when there is none.</summary>
    public int? TakeAny()
    {
        lock (_gate)
        {
            var count = last - first + 1;
            var start = _random.Next(count);
            for (var i = 0; i < count; i++)
            {
                var port = first + ((start + i) % count);
                if (_taken.Add(port))
                {
                    return port;
                }
            }

            return null;
        }
    }

    public void Release(int port)
    {
        lock (_gate)
        {
            _taken.Remove(port);
        }
    }
}
