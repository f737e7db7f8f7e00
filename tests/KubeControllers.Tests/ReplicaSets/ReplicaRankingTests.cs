using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.ReplicaSets;
using Xunit;

namespace Sealos.KubeControllers_Tests.ReplicaSets;

public sealed class ReplicaRankingTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, Pod, Pod> Pairs => new()
    {
        { "unassigned", Pod(node: null), Pod() },
        { "pending", Pod(phase: "Pending"), Pod(phase: "Unknown") },
        { "unknown", Pod(phase: "Unknown"), Pod() },
        { "not ready", Pod(ready: null), Pod() },
        { "cheaper", Pod(cost: "-5"), Pod() },
        { "ready for less time", Pod(ready: Now.AddSeconds(-10)), Pod(ready: Now.AddHours(-1)) },
        { "more restarts", Pod(restarts: 3), Pod() },
        { "newer", Pod(created: Now.AddSeconds(-10)), Pod(created: Now.AddDays(-9)) },
        { "cheap beats restarts", Pod(cost: "1"), Pod(cost: "2", restarts: 9) },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void SelectForDeletion_OfTwo_TakesTheOneThatHurtsLess(string why, Pod first, Pod second)
    {
        var pods = new[] { second, first };

        Assert.True(ReferenceEquals(first, Assert.Single(ReplicaRanking.SelectForDeletion(pods, pods, 1, Now))), why);
        Assert.True(ReferenceEquals(first, Assert.Single(ReplicaRanking.SelectForDeletion([first, second], pods, 1, Now))), why);
    }

    [Fact]
    public void SelectForDeletion_CrowdedNode_GivesOneUpFirst()
    {
        Pod[] pods = [Pod(node: "a", uid: "1"), Pod(node: "b", uid: "2")];
        Pod[] siblings = [.. pods, Pod(node: "b", uid: "3")];

        Assert.Same(pods[1], Assert.Single(ReplicaRanking.SelectForDeletion(pods, siblings, 1, Now)));
    }

    [Fact]
    public void SelectForDeletion_All_NeedsNoRanking()
    {
        Pod[] pods = [Pod(), Pod()];

        Assert.Equal(pods, ReplicaRanking.SelectForDeletion(pods, pods, 5, Now));
    }

    private static Pod Pod(string? node = "n", string phase = "Running", string uid = "u", string? cost = null, int restarts = 0, DateTimeOffset? created = null) =>
        Pod(node, phase, uid, cost, restarts, created, Now.AddMinutes(-5));

    private static Pod Pod(DateTimeOffset? ready) => Pod("n", "Running", "u", null, 0, null, ready);

    private static Pod Pod(string? node, string phase, string uid, string? cost, int restarts, DateTimeOffset? created, DateTimeOffset? ready) => new()
    {
        Metadata = new ObjectMeta { Uid = uid, CreationTimestamp = created ?? Now.AddDays(-1), Annotations = cost is null ? null : new() { ["controller.kubernetes.io/pod-deletion-cost"] = cost } },
        Spec = new PodSpec { NodeName = node },
        Status = new PodStatus
        {
            Phase = phase,
            Conditions = [new PodCondition { Type = "Ready", Status = ready is null ? "False" : "True", LastTransitionTime = ready ?? Now }],
            ContainerStatuses = [new ContainerStatus { RestartCount = restarts }],
        },
    };
}
