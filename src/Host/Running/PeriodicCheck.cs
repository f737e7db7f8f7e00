namespace Sealos.Host.Running;

/// <summary>Looks after something at intervals until it is stopped; what it does deals with its own failures.</summary>
internal sealed class PeriodicCheck(TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> check) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins; the first look is one interval away.</summary>
    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>Completes when the last look is over.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(ct).ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                await check(ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
