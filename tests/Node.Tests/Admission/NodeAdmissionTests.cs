using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Admission;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests.Admission;

public sealed class NodeAdmissionTests
{
    private const string Started = """{"phase":"Running","startTime":"2026-01-02T03:04:05Z"}""";

    private readonly List<Pod> _pods = [];
    private readonly List<string> _evicted = [];
    private Action? _duringEviction;
    private readonly NodeRoom _room = new(name => name switch { "pods" => 4, "cpu" => 1000, "memory" => 1000, "ephemeral-storage" => 1000, "example.com/gpu" => 1, _ => 0 });
    private Kinds.Core.Node _node = Node("""{"metadata":{"name":"n","labels":{"kubernetes.io/os":"linux","zone":"a"}},"status":{"allocatable":{"example.com/gpu":"1"}} }""");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"cpu":"400m"}""", "OutOfcpu", "Node didn't have enough resource: cpu, requested: 400, used: 700, capacity: 1000")]
    [InlineData("""{"memory":"301"}""", "OutOfmemory", "Node didn't have enough resource: memory, requested: 301, used: 700, capacity: 1000")]
    [InlineData("""{"ephemeral-storage":"1001"}""", "OutOfephemeral-storage", "Node didn't have enough resource: ephemeral-storage, requested: 1001, used: 0, capacity: 1000")]
    [InlineData("""{"example.com/gpu":"2"}""", "OutOfexample.com/gpu", "Node didn't have enough resource: example.com/gpu, requested: 2, used: 0, capacity: 1")]
    [InlineData("""{"hugepages-2Mi":"2Mi"}""", "OutOfhugepages-2Mi", "Node didn't have enough resource: hugepages-2Mi, requested: 2097152, used: 0, capacity: 0")]
    [InlineData("""{"memory":"301","cpu":"400m"}""", "OutOfcpu", "Node didn't have enough resource: cpu, requested: 400, used: 700, capacity: 1000")]
    [InlineData("""{"memory":"300","cpu":"300m"}""", null, null)]
    [InlineData("""{"example.com/elsewhere":"2"}""", null, null)]
    [InlineData("{}", null, null)]
    public async Task Admit_NodeHasNotEnough_SaysOfWhat(string requests, string? reason, string? message)
    {
        await ComeAsync(Asking("a", """{"cpu":"700m","memory":"700"}"""));

        var refusal = await ComeAsync(Asking("b", requests));

        Assert.Equal((reason, message), (refusal?.Reason, refusal?.Message));
    }

    [Fact]
    public async Task Admit_TooManyPods_IsRefused_UntilOneEnds()
    {
        foreach (var uid in (string[])["a", "b", "c", "d"])
        {
            Assert.Null(await ComeAsync(Asking(uid, "{}")));
        }

        Assert.Equal(("OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 4, capacity: 4"), Told(await ComeAsync(Asking("e", "{}"))));
        _pods[0].Status = new PodStatus { Phase = "Succeeded" };
        Assert.Null(await ComeAsync(Asking("f", "{}")));
    }

    [Fact]
    public async Task Admit_Refused_TakesNothing()
    {
        await ComeAsync(Asking("a", """{"cpu":"700m"}"""));
        await ComeAsync(Asking("b", """{"cpu":"300m"}""", more: ""","nodeSelector":{"zone":"b"}"""));

        Assert.Null(await ComeAsync(Asking("c", """{"cpu":"300m"}""")));
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"zone":"b"},""", "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["other"]}]}]} } },""", "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")]
    [InlineData("""{"os":{"name":"windows"},""", "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")]
    [InlineData("""{"nodeSelector":{"zone":"a"},""", null, null)]
    public async Task Admit_NodeIsAnother_IsRefused(string spec, string? reason, string? message)
    {
        var refusal = await ComeAsync(Pod("a", spec + "\"containers\":[{\"name\":\"c\"}]}"));

        Assert.Equal((reason, message), (refusal?.Reason, refusal?.Message));
    }

    [Fact]
    public async Task Admit_LabelHasJustCome_IsSeen()
    {
        var newest = Node("""{"metadata":{"name":"n","labels":{"zone":"b"}} }""");

        Assert.Null(await New(newest).AdmitAsync(Asking("a", "{}", more: ""","nodeSelector":{"zone":"b"}"""), Ct));
    }

    [Fact]
    public async Task Admit_TaintThatEndsPods_IsRefusedUnlessTolerated()
    {
        _node = Node("""{"metadata":{"name":"n"},"spec":{"taints":[{"key":"k","effect":"NoExecute"}]} }""");

        Assert.Equal(("TaintToleration", "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"), Told(await ComeAsync(Asking("a", "{}"))));
        Assert.Null(await ComeAsync(Asking("b", "{}", more: ""","tolerations":[{"operator":"Exists"}]""")));
    }

    [Fact]
    public async Task Admit_Critical_EndsTheCheapestPodsThatMakeRoom()
    {
        await ComeAsync(Asking("guaranteed", """{"cpu":"400m","memory":"400"}""", isGuaranteed: true));
        await ComeAsync(Asking("small", """{"cpu":"100m"}"""));
        await ComeAsync(Asking("large", """{"cpu":"450m"}"""));

        Assert.Null(await ComeAsync(Asking("critical", """{"cpu":"300m"}""", more: ""","priority":2000000000""")));

        Assert.Equal(["large Preempting Preempted in order to admit critical pod"], _evicted);
        Assert.Equal("OutOfcpu", (await ComeAsync(Asking("late", """{"cpu":"700m"}""")))?.Reason);
    }

    [Fact]
    public async Task Admit_NodeIsFull_LeavesWhatNobodyHasLookedAtYetItsRoom()
    {
        // It runs, and the agent that has just come has not made its worker.
        _room.Give("running", new PodRoom(700, 0));

        Assert.Equal("OutOfcpu", (await ComeAsync(Asking("new", """{"cpu":"400m"}""")))?.Reason);
        Assert.Null(await ComeAsync(Asking("small", """{"cpu":"300m"}""")));
    }

    [Fact]
    public async Task Admit_CriticalWaitsForRoom_NobodyElseGetsIt()
    {
        await ComeAsync(Asking("victim", """{"cpu":"700m"}"""));
        await ComeAsync(Asking("other", """{"cpu":"300m"}"""));
        IReadOnlyList<Shortage> shortages = [];
        _duringEviction = () =>
        {
            // The victim's room is free already, and somebody comes before its end is told.
            _room.Release("victim");
            shortages = _room.TryAdmit("late", new PodRoom(200, 0));
        };

        Assert.Null(await ComeAsync(Asking("critical", """{"cpu":"600m"}""", more: ""","priority":2000000000""")));

        Assert.Equal(100, Assert.Single(shortages).Missing);
    }

    [Fact]
    public async Task Admit_CriticalForWhomNobodyMayGo_TakesNothing()
    {
        await ComeAsync(Asking("a", """{"cpu":"700m"}""", more: ""","priority":2000000000"""));
        await ComeAsync(Asking("critical", """{"cpu":"400m"}""", more: ""","priority":2000000000"""));

        Assert.Null(await ComeAsync(Asking("b", """{"cpu":"300m"}""")));
    }

    [Fact]
    public async Task Admit_Critical_EndsGuaranteedPodsOnlyWhenItMust()
    {
        await ComeAsync(Asking("guaranteed", """{"cpu":"500m","memory":"100"}""", isGuaranteed: true));
        await ComeAsync(Asking("burstable", """{"cpu":"400m"}"""));

        Assert.Null(await ComeAsync(Asking("critical", """{"cpu":"600m"}""", more: ""","priority":2000000000""")));

        Assert.Equal(["guaranteed Preempting Preempted in order to admit critical pod"], _evicted);
    }

    [Fact]
    public async Task Admit_Critical_ForWhomNobodyMayGo_IsRefused()
    {
        await ComeAsync(Asking("a", """{"cpu":"700m"}""", more: ""","priority":2000000000"""));

        Assert.Equal(
            ("UnexpectedAdmissionError", "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 100), ]"),
            Told(await ComeAsync(Asking("critical", """{"cpu":"400m"}""", more: ""","priority":2000000000"""))));
        Assert.Empty(_evicted);
    }

    [Fact]
    public async Task Admit_CriticalOnAnotherNode_EndsNobody()
    {
        await ComeAsync(Asking("a", """{"cpu":"700m"}"""));

        Assert.Equal("NodeAffinity", (await ComeAsync(Asking("critical", """{"cpu":"400m"}""", more: ""","priority":2000000000,"nodeSelector":{"zone":"b"}""")))?.Reason);
        Assert.Empty(_evicted);
    }

    private static (string? Reason, string? Message) Told(PodFailure? failure) => (failure?.Reason, failure?.Message);

    private async Task<PodFailure?> ComeAsync(Pod pod)
    {
        var refusal = await New(_node).AdmitAsync(pod, Ct);
        if (refusal is null)
        {
            pod.Status = JsonSerializer.Deserialize<PodStatus>(Started, KubeJson.Options);
            _pods.Add(pod);
        }

        return refusal;
    }

    private NodeAdmission New(Kinds.Core.Node newest) => new()
    {
        Room = _room,
        IsClosedTo = _ => null,
        WaitForFormer = (_, _) => Task.CompletedTask,
        Pods = () => _pods,
        Ended = () => [.. _pods.Where(p => p.IsFinished).Select(p => p.Uid)],
        FindNode = (isAsked, _) => ValueTask.FromResult(isAsked ? newest : _node),
        Evict = (pod, failure, _) =>
        {
            _evicted.Add($"{pod.Uid} {failure.Reason} {failure.Message}");
            _duringEviction?.Invoke();
            _pods.Remove(pod);
            _room.Release(pod.Uid);
            return Task.CompletedTask;
        },
    };

    private static Pod Asking(string uid, string requests, bool isGuaranteed = false, string more = "") =>
        Pod(uid, $$"""{"containers":[{"name":"c","resources":{"requests":{{requests}}{{(isGuaranteed ? ",\"limits\":" + requests : "")}} } }]{{more}} }""");

    private static Pod Pod(string uid, string spec)
    {
        var pod = TestPods.Pod(spec);
        pod.Metadata.Uid = uid;
        return pod;
    }

    private static Kinds.Core.Node Node(string json) => JsonSerializer.Deserialize<Kinds.Core.Node>(json, KubeJson.Options)!;
}
