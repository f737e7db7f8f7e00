using Sealos.Kinds.Core;

namespace Sealos.Node.Probes;

/// <summary>One probe of one start of a container: when to look, and what to make of it.</summary>
internal sealed class ProbeWorker
{
    private const int DefaultPeriod = 10;
    private const int DefaultFailures = 3;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);

    // Nobody wants to read that a program did not answer in the moment it was started.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly ProbeTarget _target;
    private readonly Probe _probe;
    private readonly IProber _prober;
    private readonly TimeProvider _time;
    private readonly ProbeTally _tally;
    private long _successful;
    private long _failed;
    private long _unknown;

    /// <summary>A worker that begins with what the pod's status says of this container.</summary>
    public ProbeWorker(ProbeKind kind, Probe probe, ProbeTarget target, IProber prober, TimeProvider time)
    {
        Kind = kind;
        _probe = probe;
        _target = target;
        _prober = prober;
        _time = time;
        _tally = new ProbeTally(FirstVerdict(), probe.FailureThreshold ?? DefaultFailures, probe.SuccessThreshold ?? 1);
    }

    /// <summary>The verdict has changed.</summary>
    public event Action<ProbeWorker>? Changed;

    /// <summary>A look that counts has failed.</summary>
    public event Action<ProbeWorker, string>? Failed;

    /// <summary>What the probe is for.</summary>
    public ProbeKind Kind { get; }

    /// <summary>What is probed.</summary>
    public ProbeTarget Target => _target;

    /// <summary>What all looks so far have found.</summary>
    public ProbeCount Count => new(Interlocked.Read(ref _successful), Interlocked.Read(ref _failed), Interlocked.Read(ref _unknown));

    /// <summary>The verdict: none for a startup probe that has not decided yet.</summary>
    public bool? Verdict => _tally.Verdict;

    private TimeSpan Period => TimeSpan.FromSeconds(Math.Max(1, _probe.PeriodSeconds ?? DefaultPeriod));

    /// <summary>Looks until cancelled, or until the verdict is final: a startup probe's first, a liveness probe's failure.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await DelayAsync(FirstLookIn(_time.GetUtcNow()), ct).ConfigureAwait(false);
        for (var isFirst = true; !IsFinal(); isFirst = false)
        {
            var next = _time.GetUtcNow() + Period;
            if (await LookAsync(ct).ConfigureAwait(false) is { } outcome)
            {
                Judge(outcome);
            }

            if (isFirst)
            {
                await HurryAsync(next, ct).ConfigureAwait(false);
            }

            if (!IsFinal())
            {
                await DelayAsync(next - _time.GetUtcNow(), ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>How long to wait before the first look.</summary>
    internal TimeSpan FirstLookIn(DateTimeOffset now)
    {
        var age = now - _target.StartedAt;
        if (age > Period && (Kind == ProbeKind.Liveness || Verdict == true))
        {
            // The server has restarted and finds a container that is well: no hurry, and not all of them at once.
            return Period * Random.Shared.NextDouble();
        }

        // A container that has only just begun to run is not yet able to answer, which a liveness probe must not hold against it.
        var delay = TimeSpan.FromSeconds(_probe.InitialDelaySeconds ?? 0);
        return (delay == TimeSpan.Zero && Kind == ProbeKind.Liveness ? Period : delay) - age;
    }

    // Between its first two regular looks a container that is just starting is looked at in short steps, so that it may serve as soon
    // as it can. Failures count for nothing here; running a command so often would cost the container too much.
    private async Task HurryAsync(DateTimeOffset end, CancellationToken ct)
    {
        for (var wait = FirstRetry; Kind != ProbeKind.Liveness && _probe.Exec is null && Verdict != true && _time.GetUtcNow() + wait < end; wait *= 2)
        {
            await DelayAsync(wait, ct).ConfigureAwait(false);
            if (await LookAsync(ct).ConfigureAwait(false) is { IsSuccess: true } outcome)
            {
                Judge(outcome);
                return;
            }
        }
    }

    private void Judge(ProbeOutcome outcome)
    {
        if (!outcome.IsSuccess && _time.GetUtcNow() - _target.StartedAt > Settling)
        {
            Failed?.Invoke(this, outcome.Message);
        }

        if (_tally.Add(outcome.IsSuccess))
        {
            Changed?.Invoke(this);
        }
    }

    private async Task<ProbeOutcome?> LookAsync(CancellationToken ct)
    {
        var outcome = await _prober.ProbeAsync(_target, _probe, ct).ConfigureAwait(false);
        Interlocked.Increment(ref (outcome is null ? ref _unknown : ref (outcome.IsSuccess ? ref _successful : ref _failed)));
        return outcome;
    }

    private bool IsFinal() => (Kind, _tally.Verdict) is (ProbeKind.Startup, not null) or (ProbeKind.Liveness, false);

    private bool? FirstVerdict()
    {
        var known = (_target.Pod.Status?.ContainerStatuses ?? []).Concat(_target.Pod.Status?.InitContainerStatuses ?? [])
            .FirstOrDefault(s => s.Name == _target.Container.Name && s.ContainerID?.EndsWith(_target.ContainerId, StringComparison.Ordinal) == true);
        return Kind switch
        {
            ProbeKind.Startup => known?.Started == true ? true : null,
            ProbeKind.Readiness => known?.Ready == true,
            _ => true,
        };
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken ct) => delay > TimeSpan.Zero ? Task.Delay(delay, _time, ct) : Task.CompletedTask;
}
