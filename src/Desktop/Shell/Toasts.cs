namespace Sealos.Desktop.Shell;

/// <summary>A short message at the edge of the desktop.</summary>
internal sealed record Toast(int Id, string Text, bool IsProblem);

/// <summary>Short messages about what was done; they go by themselves, problems a little later.</summary>
internal sealed class Toasts(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProblemShown = TimeSpan.FromSeconds(15);
    private const int Most = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private List<Toast> _open = [];
    private int _next;

    public event Action? Changed;

    public IReadOnlyList<Toast> Open => _open;

    public void Say(string text) => Add(text, isProblem: false);

    public void Problem(string text) => Add(text, isProblem: true);

    public void Close(int id)
    {
        lock (_lock)
        {
            _open = [.. _open.Where(t => t.Id != id)];
        }

        Changed?.Invoke();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Add(string text, bool isProblem)
    {
        var toast = new Toast(Interlocked.Increment(ref _next), text, isProblem);
        lock (_lock)
        {
            _open = [.. _open.TakeLast(Most - 1), toast];
        }

        Changed?.Invoke();
        _ = CloseLaterAsync(toast, _stop.Token);
    }

    private async Task CloseLaterAsync(Toast toast, CancellationToken ct)
    {
        try
        {
            await Task.Delay(toast.IsProblem ? ProblemShown : Shown, time, ct).ConfigureAwait(false);
            Close(toast.Id);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The page is gone.
        }
    }
}
