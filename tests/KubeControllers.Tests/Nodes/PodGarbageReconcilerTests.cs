using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Nodes;
using Xunit;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class PodGarbageReconcilerTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(5, "")]
    [InlineData(4, "")]
    [InlineData(3, "evicted")]
    [InlineData(2, "evicted oldest")]
    [InlineData(0, "evicted oldest middle newest")]
    public void Surplus_BeyondTheLimit_IsWhoWasThrownOutThenTheOldest(int kept, string expected)
    {
        Pod[] pods = [Ended("middle", 2), Ended("evicted", 4, "Evicted"), Running(), Ended("newest", 3), Ended("oldest", 1)];

        Assert.Equal(expected, string.Join(' ', PodGarbageReconciler.Surplus(pods, kept).Select(p => p.Metadata.Name)));
    }

    [Theory]
    [InlineData(true, null, "True", false, true)] // never had a node
    [InlineData(false, null, "True", false, false)]
    [InlineData(true, "n", "True", false, false)] // its node sees to it
    [InlineData(true, "n", "Unknown", false, false)] // its node may come back
    [InlineData(true, "n", "Unknown", true, true)]
    [InlineData(true, "n", "True", true, false)]
    [InlineData(false, "n", "Unknown", true, false)]
    public void IsStuck_LeavesAndNobodySeesItOff_IsTrue(bool isLeaving, string? nodeName, string ready, bool isOutOfService, bool expected)
    {
        var pod = Running();
        pod.Spec!.NodeName = nodeName;
        pod.Metadata.DeletionTimestamp = isLeaving ? Start : null;
        var node = new Node
        {
            Metadata = new ObjectMeta { Name = "n" },
            Spec = new NodeSpec { Taints = isOutOfService ? [new Taint { Key = "node.kubernetes.io/out-of-service", Value = "nodeshutdown", Effect = "NoExecute" }] : null },
            Status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready", Status = ready }] },
        };

        Assert.Equal(expected, PodGarbageReconciler.IsStuck(pod, name => name == "n" ? node : null));
    }

    private static Pod Running() => new() { Metadata = new ObjectMeta { Name = "running" }, Spec = new PodSpec(), Status = new PodStatus { Phase = "Running" } };

    private static Pod Ended(string name, int hour, string? reason = null) =>
        new() { Metadata = new ObjectMeta { Name = name, CreationTimestamp = Start.AddHours(hour) }, Status = new PodStatus { Phase = "Failed", Reason = reason } };
}
