namespace Sealos.Desktop.Sessions;

/// <summary>Asks the person of a page for the password once more, before what must not be done by whoever finds an open page.</summary>
internal sealed class Confirmation
{
    private TaskCompletionSource<bool>? _waiting;

    public event Action? Changed;

    /// <summary>Whether the page is to ask.</summary>
    public bool IsWanted => _waiting is not null;

    /// <summary>True when the person has confirmed; all who ask at once wait for the one answer.</summary>
    public Task<bool> AskAsync(CancellationToken ct)
    {
        if (_waiting is null)
        {
            _waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            Changed?.Invoke();
        }

        return _waiting.Task.WaitAsync(ct);
    }

    public void Answer(bool isConfirmed)
    {
        var waiting = Interlocked.Exchange(ref _waiting, null);
        Changed?.Invoke();
        waiting?.TrySetResult(isConfirmed);
    }
}
