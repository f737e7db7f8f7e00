using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Probes;
using Xunit;

namespace Sealos.Node.Tests.Probes;

public sealed class ProbeManagerTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly ScriptedProber _prober;
    private readonly ProbeManager _manager;
    private readonly List<string> _changes = [];
    private readonly List<string> _failures = [];

    public ProbeManagerTests()
    {
        _prober = new ScriptedProber(_time);
        _manager = new ProbeManager(_prober, _time, NullLogger<ProbeManager>.Instance);
        _manager.Changed += c => _changes.Add($"{c.Kind} {c.IsSuccess}");
        _manager.Failed += f => _failures.Add(f.Message);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _manager.DisposeAsync();

    [Fact]
    public async Task Readiness_AnswersSoonAfterStart_IsReadyLongBeforeTheSecondRegularLook()
    {
        _prober.Answer = (_, at) => at >= TimeSpan.FromMilliseconds(250);
        Start(new Container { ReadinessProbe = new Probe { PeriodSeconds = 10 } });
        await Pass(0.05);
        Assert.False(_manager.IsReady("u", "c"));

        await Pass(1);

        Assert.True(_manager.IsReady("u", "c"));
        Assert.Equal(["Readiness True"], _changes);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Readiness_FailsThreeTimes_IsNotReadyAndReadyAgainAfterOneSuccess()
    {
        var isWell = true;
        _prober.Answer = (_, _) => isWell;
        Start(new Container { ReadinessProbe = new Probe { PeriodSeconds = 5, FailureThreshold = 3 } });
        await Pass(1);
        isWell = false;
        await Pass(11);
        Assert.True(_manager.IsReady("u", "c"));
        await Pass(5);
        Assert.False(_manager.IsReady("u", "c"));
        isWell = true;
        await Pass(5);

        Assert.True(_manager.IsReady("u", "c"));
        Assert.Equal(["Readiness True", "Readiness False", "Readiness True"], _changes);
        Assert.All(_failures, f => Assert.Equal("Readiness probe failed: no", f));
        Assert.Equal(3, _failures.Count);
    }

    [Fact]
    public async Task Readiness_InitialDelay_IsWaitedFor()
    {
        Start(new Container { ReadinessProbe = new Probe { PeriodSeconds = 5, InitialDelaySeconds = 7 } });

        await Pass(6.9);
        Assert.Equal(0, _prober.Looks);
        await Pass(0.2);
        Assert.True(_manager.IsReady("u", "c"));
    }

    [Fact]
    public async Task Liveness_Fails_IsFoundOnceAndProbingStops()
    {
        _prober.Answer = (_, _) => false;
        Start(new Container { LivenessProbe = new Probe { PeriodSeconds = 2, FailureThreshold = 2 } });
        await Pass(3);
        Assert.Null(_manager.FindFailure("id1"));

        await Pass(2);
        Assert.Equal("liveness", _manager.FindFailure("id1"));
        await Pass(10);

        Assert.Equal(2, _prober.Looks);
        Assert.Equal(["Liveness False"], _changes);
    }

    [Fact]
    public async Task Start_NewContainerAfterAFailure_BeginsAnew()
    {
        _prober.Answer = (id, _) => id != "id1";
        Start(new Container { LivenessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1 } });
        await Pass(2);
        Assert.Equal("liveness", _manager.FindFailure("id1"));

        Start(new Container { LivenessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1 } }, "id2");
        await Pass(3);

        Assert.Null(_manager.FindFailure("id2"));
        Assert.Null(_manager.FindFailure("id1"));
    }

    [Fact]
    public async Task Startup_UntilItPasses_HoldsTheOthersBack()
    {
        var isUp = false;
        _prober.Answer = (_, _) => isUp;
        Start(new Container { StartupProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 30, Exec = new ExecAction() }, LivenessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1 }, ReadinessProbe = new Probe { PeriodSeconds = 1 } });
        await Pass(5.5);
        Assert.False(_manager.IsStarted("u", "c"));
        Assert.False(_manager.IsReady("u", "c"));
        Assert.Null(_manager.FindFailure("id1"));
        Assert.Equal(6, _prober.Looks);

        isUp = true;
        await Pass(1);

        Assert.True(_manager.IsStarted("u", "c"));
        Assert.True(_manager.IsReady("u", "c"));
        Assert.Equal(["Startup True", "Readiness True"], _changes);
    }

    [Fact]
    public async Task Startup_NeverPasses_IsTheFailure()
    {
        _prober.Answer = (_, _) => false;
        Start(new Container { StartupProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 3 }, LivenessProbe = new Probe() });

        await Pass(4);

        Assert.Equal("startup", _manager.FindFailure("id1"));
        Assert.False(_manager.IsStarted("u", "c"));
    }

    [Fact]
    public async Task Start_AfterARestartOfTheServer_KeepsWhatTheStatusKnew()
    {
        _prober.Answer = (_, _) => false;
        var pod = PodOf();
        pod.Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "c", ContainerID = "containerd://id1", Ready = true, Started = true }] };
        var container = new Container { Name = "c", StartupProbe = new Probe(), ReadinessProbe = new Probe { FailureThreshold = 1 } };

        _manager.Start(pod, container, "id1", "10.0.0.1", _time.GetUtcNow().AddHours(-1));
        Assert.True(_manager.IsStarted("u", "c"));
        Assert.True(_manager.IsReady("u", "c"));

        await Pass(11);
        Assert.False(_manager.IsReady("u", "c"));
    }

    [Fact]
    public async Task Unknown_Outcome_CountsForNothing()
    {
        _prober.Answer = (_, _) => null;
        Start(new Container { LivenessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1 }, ReadinessProbe = new Probe { PeriodSeconds = 1 } });

        await Pass(5);

        Assert.Empty(_changes);
        Assert.Empty(_failures);
        Assert.Null(_manager.FindFailure("id1"));
    }

    [Fact]
    public async Task StopRestarts_PodBeingDeleted_LeavesOnlyReadiness()
    {
        _prober.Answer = (_, _) => false;
        Start(new Container { LivenessProbe = new Probe { PeriodSeconds = 3, FailureThreshold = 1 }, ReadinessProbe = new Probe { PeriodSeconds = 1, Exec = new ExecAction() } });
        await Pass(1.5);

        _manager.StopRestarts("u");
        var looks = _prober.Looks;
        await Pass(5);

        Assert.Null(_manager.FindFailure("id1"));
        Assert.Equal(looks + 5, _prober.Looks);
    }

    [Fact]
    public async Task Stop_Container_EndsAllLooksAndForgets()
    {
        Start(new Container { ReadinessProbe = new Probe { PeriodSeconds = 1 } });
        await Pass(1);
        _manager.Stop("u", "c");
        var looks = _prober.Looks;

        await Pass(5);

        Assert.Equal(looks, _prober.Looks);
    }

    private static Pod PodOf() => new() { Metadata = new ObjectMeta { Uid = "u", Name = "p", Namespace = "ns" } };

    private void Start(Container container, string id = "id1")
    {
        container.Name = "c";
        _prober.Begin = _time.GetUtcNow();
        _manager.Start(PodOf(), container, id, "10.0.0.1", _time.GetUtcNow());
    }

    private async Task Pass(double seconds)
    {
        // What was just started must wait before time moves on.
        await ManualTime.SettleAsync(Ct);
        await _time.AdvanceAsync(TimeSpan.FromSeconds(seconds), Ct);
        await ManualTime.SettleAsync(Ct);
    }

    private sealed class ScriptedProber(TimeProvider time) : IProber
    {
        private int _looks;

        public Func<string, TimeSpan, bool?> Answer { get; set; } = (_, _) => true;

        public DateTimeOffset Begin { get; set; }

        public int Looks => _looks;

        public Task<ProbeOutcome?> ProbeAsync(ProbeTarget target, Probe probe, CancellationToken ct)
        {
            Interlocked.Increment(ref _looks);
            var answer = Answer(target.ContainerId, time.GetUtcNow() - Begin);
            return Task.FromResult(answer is { } isWell ? new ProbeOutcome(isWell, isWell ? "" : "no") : null);
        }
    }
}
