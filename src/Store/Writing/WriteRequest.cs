namespace Sealos.Store.Writing;

/// <summary>One put (with a value) or deletion (without), waiting for the writer.</summary>
internal sealed class WriteRequest(string key, ReadOnlyMemory<byte>? value, long? expectedRevision)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private readonly TaskCompletionSource<long> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    public string Key => key;

    public ReadOnlyMemory<byte>? Value => value;

    public long? ExpectedRevision => expectedRevision;

    public Task<long> Completion => _completion.Task;

    /// <summary>False when its caller gave up; once true it can no longer be cancelled, for its outcome must be told.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting)
        {
            _completion.TrySetCanceled(cancellationToken);
        }
    }

    public void Succeed(long revision) => _completion.TrySetResult(revision);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
