using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pressure;
using Sealos.Node.Tests.Pods;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pressure;

public sealed class EvictionOrderTests
{
    [Fact]
    public void First_Memory_GoesByExcessThenPriorityThenAmount()
    {
        var modest = Load("modest", usage: 500, requests: 600);
        var greedy = Load("greedy", usage: 300, requests: 100);
        var important = Load("important", usage: 900, requests: 100, priority: 5);
        var greedier = Load("greedier", usage: 400, requests: 100);
        var critical = Load("critical", usage: 5000, requests: 0, priority: 2_000_000_000);

        Assert.Equal(["greedier", "greedy", "important", "modest"], Order([modest, greedy, important, greedier, critical]));
    }

    [Fact]
    public void First_NothingToGain_IsNobody()
    {
        var deleted = Load("deleted", 500, 0);
        deleted.Pod.Metadata.DeletionTimestamp = TestPods.Start;
        var finished = Load("finished", 500, 0);
        finished.Pod.Status = new PodStatus { Phase = "Succeeded" };

        Assert.Null(EvictionOrder.First([Load("small", 99, 0), deleted, finished], "memory", least: 100));
    }

    [Theory]
    [InlineData(true, false, "BestEffort", false)]
    [InlineData(true, false, "Burstable", true)]
    [InlineData(true, true, "Burstable", false)]
    [InlineData(false, true, "BestEffort", false)]
    [InlineData(false, false, "BestEffort", true)]
    public void FindRefusal_ShortMachine_TakesOnlyWhoAskedForMemory(bool memory, bool disk, string quality, bool isTaken)
    {
        var pod = Load("p", 0, requests: quality == "Burstable" ? 1 : 0).Pod;

        var refusal = EvictionOrder.FindRefusal(pod, new NodePressure(memory, disk, false));

        Assert.Equal(isTaken, refusal is null);
        Assert.True(isTaken || refusal!.StartsWith("The node had condition: [", StringComparison.Ordinal));
    }

    [Fact]
    public void FindRefusal_TolerantOrCritical_IsTaken()
    {
        var tolerant = Load("p", 0, 0).Pod;
        tolerant.Spec!.Tolerations = [new Toleration { Key = "node.kubernetes.io/memory-pressure", Operator = "Exists", Effect = "NoSchedule" }];

        Assert.Null(EvictionOrder.FindRefusal(tolerant, new NodePressure(true, false, false)));
        Assert.NotNull(EvictionOrder.FindRefusal(tolerant, new NodePressure(false, true, false)));
        Assert.Null(EvictionOrder.FindRefusal(Load("p", 0, 0, 2_000_000_000).Pod, new NodePressure(true, true, true)));
    }

    private static IEnumerable<string> Order(List<PodLoad> pods)
    {
        while (EvictionOrder.First(pods, "memory", 1) is { } first)
        {
            pods.Remove(first);
            yield return first.Pod.Metadata.Name!;
        }
    }

    internal static PodLoad Load(string name, long usage, long requests, int priority = 0)
    {
        var pod = TestPods.Simple("Always", "c");
        pod.Metadata = new ObjectMeta { Name = name, Namespace = "team", Uid = name + "-" };
        pod.Spec!.Priority = priority;
        pod.Spec.Containers![0].Resources = requests > 0 ? new ResourceRequirements { Requests = new() { ["memory"] = Quantity.FromLong(requests) } } : null;
        return new PodLoad(pod, usage);
    }
}
