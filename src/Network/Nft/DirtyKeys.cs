namespace Sealos.Network.Nft;

/// <summary>What changed since it was last looked at.</summary>
internal sealed class DirtyKeys<TKey>(TimeProvider time) : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private HashSet<TKey> _keys = [];

    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (_keys.Add(key) && _keys.Count == 1 && _signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
    }

    public IReadOnlyCollection<TKey> TakeAll()
    {
        lock (_lock)
        {
            var keys = _keys;
            _keys = [];
            return keys;
        }
    }

    /// <summary>Waits until something may be dirty; false when the time ran out.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken ct)
    {
        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, ct);
        try
        {
            await _signal.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _signal.Dispose();
}
