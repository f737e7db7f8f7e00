namespace Sealos.Node.Probes;

/// <summary>The probes of one start of a container: the others begin when the startup probe has passed.</summary>
internal sealed class ContainerProbes
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopRestarts;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Workers for the probes that the container has.</summary>
    public ContainerProbes(ProbeTarget target, IProber prober, TimeProvider time)
    {
        ContainerId = target.ContainerId;
        _stopRestarts = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var container = target.Container;
        Workers = [.. new[] { (ProbeKind.Startup, container.StartupProbe), (ProbeKind.Liveness, container.LivenessProbe), (ProbeKind.Readiness, container.ReadinessProbe) }
            .Where(p => p.Item2 is not null)
            .Select(p => new ProbeWorker(p.Item1, p.Item2!, target, prober, time))];
    }

    /// <summary>The runtime's id of this start.</summary>
    public string ContainerId { get; }

    /// <summary>One worker a probe.</summary>
    public IReadOnlyList<ProbeWorker> Workers { get; }

    /// <summary>Completes when all workers have ended.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>The verdict of a probe; <paramref name="absent"/> when the container has none of that kind.</summary>
    public bool? Verdict(ProbeKind kind, bool? absent) => Workers.FirstOrDefault(w => w.Kind == kind) is { } worker ? worker.Verdict : absent;

    /// <summary>Lets the workers run.</summary>
    public void Run(Action<Exception> onBroken)
    {
        if (Workers.FirstOrDefault(w => w.Kind == ProbeKind.Startup) is { Verdict: not true } startup)
        {
            startup.Changed += w =>
            {
                if (w.Verdict == true)
                {
                    _started.TrySetResult();
                }
            };
        }
        else
        {
            _started.TrySetResult();
        }

        Ended = Task.WhenAll(Workers.Select(w => RunAsync(w, onBroken)));
    }

    /// <summary>Ends all workers.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends the workers whose verdict would restart the container.</summary>
    public void StopRestarts() => _stopRestarts.Cancel();

    private async Task RunAsync(ProbeWorker worker, Action<Exception> onBroken)
    {
        var ct = worker.Kind == ProbeKind.Readiness ? _stop.Token : _stopRestarts.Token;
        try
        {
            if (worker.Kind != ProbeKind.Startup)
            {
                await _started.Task.WaitAsync(ct).ConfigureAwait(false);
            }

            // Off the caller's thread: a look may begin at once.
            await Task.Run(() => worker.RunAsync(ct), ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // The boundary of a worker: without this a mistake would silently end the probing.
            onBroken(e);
        }
    }
}
