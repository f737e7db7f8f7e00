namespace Sealos.Store.Writing;

/// <summary>Requests on their way to the writer's thread; callers beyond its capacity wait without blocking.</summary>
internal sealed class WriteQueue(StoreOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<WriteRequest> _requests = new();
    private readonly SemaphoreSlim _room = new(options.MaxQueuedWrites);
    private readonly AutoResetEvent _work = new(initialState: false);
    private bool _isClosed;

    public async Task<long> EnqueueAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_isClosed)
            {
                _room.Release();
                throw new ObjectDisposedException(nameof(KeyValueStore));
            }

            _requests.Enqueue(request);
        }

        _work.Set();
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((WriteRequest)state!).TryCancel(token), request);
        return await request.Completion.ConfigureAwait(false);
    }

    /// <summary>Moves what fits into one transaction to <paramref name="batch"/>.</summary>
    public void Take(List<WriteRequest> batch)
    {
        var removed = 0;
        lock (_gate)
        {
            long bytes = 0;
            while (batch.Count < options.MaxBatchWrites && _requests.TryPeek(out var request))
            {
                bytes += request.Value?.Length ?? 0;
                if (batch.Count > 0 && bytes > options.MaxBatchBytes)
                {
                    break;
                }

                _requests.Dequeue();
                removed++;
                if (request.TryTake())
                {
                    batch.Add(request);
                }
            }
        }

        if (removed > 0)
        {
            _room.Release(removed);
        }
    }

    /// <summary>Wakes the writer for work that is not in the queue.</summary>
    public void Wake() => _work.Set();

    /// <summary>Blocks the writer's thread until there may be work.</summary>
    public void WaitForWork() => _work.WaitOne();

    /// <summary>Refuses requests from now on; true when none is left.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _requests.Count == 0;
        }
    }

    public void Dispose() => _work.Dispose();
}
