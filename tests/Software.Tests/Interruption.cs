namespace Sealos.Software_Tests;

/// <summary>Something that happens to all who take part at once, when each of them is ready for it.</summary>
internal sealed class Interruption(Func<Task> happen)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _members;
    private int _waiting;

    public void Join()
    {
        lock (_lock)
        {
            _members++;
        }
    }

    /// <summary>Takes part no more, so that a story that failed holds up nobody.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _members--;
            HappenWhenAllWait();
        }
    }

    /// <summary>Ends when it has happened.</summary>
    public Task WaitAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            var happened = _happened.Task;
            _waiting++;
            HappenWhenAllWait();
            return happened.WaitAsync(ct);
        }
    }

    private void HappenWhenAllWait()
    {
        if (_waiting == 0 || _waiting < _members)
        {
            return;
        }

        var happened = _happened;
        _happened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting = 0;
        _ = RunAsync(happened);
    }

    private async Task RunAsync(TaskCompletionSource happened)
    {
        try
        {
            await happen().ConfigureAwait(false);
            happened.SetResult();
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException)
        {
            happened.SetException(e);
        }
    }
}
