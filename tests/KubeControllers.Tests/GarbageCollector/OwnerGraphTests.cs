using Sealos.Kinds.Meta;
using Sealos.KubeControllers.GarbageCollector;
using Sealos.KubeControllers.Resources;
using Xunit;

namespace Sealos.KubeControllers_Tests.GarbageCollector;

public sealed class OwnerGraphTests
{
    private static readonly ServedResource Sets = new("apps", "v1", "replicasets", "ReplicaSet", true);
    private static readonly ServedResource Pods = new("", "v1", "pods", "Pod", true);
    private static readonly Guid Set = new("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid Pod = new("00000000-0000-0000-0000-00000000000b");
    private readonly OwnerGraph _graph = new();

    [Fact]
    public void Observe_OwnerKnown_NothingToLookAt()
    {
        _graph.Observe(Sets, Head(Set));

        Assert.Empty(_graph.Observe(Pods, Head(Pod, Set)));
        Assert.Null(_graph.FindUnsettled(Pod));
        Assert.Equal(2, _graph.Count);
    }

    [Fact]
    public void Observe_OwnerUnknown_IsLookedAtUntilItComes()
    {
        Assert.Equal([Pod], _graph.Observe(Pods, Head(Pod, Set)));
        Assert.NotNull(_graph.FindUnsettled(Pod));

        _graph.Observe(Sets, Head(Set));

        Assert.Null(_graph.FindUnsettled(Pod));
    }

    [Fact]
    public void Observe_OwnerInAnotherNamespace_IsLookedAt()
    {
        _graph.Observe(Sets, Head(Set, ns: "other"));

        Assert.Equal([Pod], _graph.Observe(Pods, Head(Pod, Set)));
    }

    [Fact]
    public void Remove_Owner_AffectsItsDependents()
    {
        _graph.Observe(Sets, Head(Set));
        _graph.Observe(Pods, Head(Pod, Set));

        Assert.Equal([Pod], _graph.Remove(Set));
        Assert.NotNull(_graph.FindUnsettled(Pod));
    }

    [Fact]
    public void Observe_OwnerBeginsToWait_AffectsItAndItsDependents()
    {
        _graph.Observe(Sets, Head(Set));
        _graph.Observe(Pods, Head(Pod, Set));

        Assert.Equal([Set, Pod], _graph.Observe(Sets, Head(Set, finalizer: "foregroundDeletion")));
        Assert.True(Assert.Single(_graph.Dependents(Set)).Blocks(Set));
    }

    [Fact]
    public void Remove_LastDependentOfAWaitingOwner_AffectsTheOwner()
    {
        _graph.Observe(Sets, Head(Set, finalizer: "foregroundDeletion"));
        _graph.Observe(Pods, Head(Pod, Set));

        Assert.Equal([Set], _graph.Remove(Pod));
        Assert.Empty(_graph.Dependents(Set));
    }

    [Fact]
    public void Observe_DependentGivesUpTheWaitingOwner_AffectsTheOwner()
    {
        _graph.Observe(Sets, Head(Set, finalizer: "foregroundDeletion"));
        _graph.Observe(Pods, Head(Pod, Set));

        Assert.Equal([Set], _graph.Observe(Pods, Head(Pod)));
    }

    [Fact]
    public void Vanished_ListWithoutAnObject_NamesIt()
    {
        _graph.Observe(Sets, Head(Set));
        _graph.Observe(Pods, Head(Pod));

        Assert.Equal([Set], _graph.Vanished(Sets, new HashSet<Guid>()));
        Assert.Empty(_graph.Vanished(Pods, new HashSet<Guid> { Pod }));
    }

    [Fact]
    public void Unsettled_AfterTheLists_AreThoseWithoutTheirOwner()
    {
        _graph.Observe(Pods, Head(Pod, Set));
        _graph.Observe(Pods, Head(new Guid("00000000-0000-0000-0000-00000000000c")));

        Assert.Equal([Pod], _graph.Unsettled());
    }

    private static HeadMetadata Head(Guid uid, Guid? owner = null, string ns = "ns", string? finalizer = null) => new()
    {
        Uid = uid.ToString("D"),
        Name = uid.ToString("N"),
        Namespace = ns,
        DeletionTimestamp = finalizer is null ? null : DateTimeOffset.UnixEpoch,
        Finalizers = finalizer is null ? null : [finalizer],
        OwnerReferences = owner is null ? null : [new OwnerReference { ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = "x", Uid = owner.Value.ToString("D"), Controller = true, BlockOwnerDeletion = true }],
    };
}
