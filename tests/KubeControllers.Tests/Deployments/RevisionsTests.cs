using Sealos.Kinds.Apps;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class RevisionsTests
{
    [Fact]
    public void ForNewSet_First_CopiesOnlyWhatIsTheUsers()
    {
        var deployment = Make.Deployment("ns", "web", 1);
        deployment.Metadata.Annotations = new() { ["team"] = "a", ["kubectl.kubernetes.io/last-applied-configuration"] = "{}", [Revisions.Revision] = "7" };

        var annotations = Revisions.ForNewSet(deployment, null, newestOld: 0);

        Assert.Equal(new Dictionary<string, string> { ["team"] = "a", [Revisions.Revision] = "1" }, annotations);
    }

    [Fact]
    public void ForNewSet_CalledBack_GetsANewRevisionAndRemembersTheOld()
    {
        var known = new Dictionary<string, string> { [Revisions.Revision] = "1", [Revisions.History] = "0" };

        var annotations = Revisions.ForNewSet(Make.Deployment("ns", "web", 1), known, newestOld: 3);

        Assert.Equal("4", annotations[Revisions.Revision]);
        Assert.Equal("0,1", annotations[Revisions.History]);
    }

    [Fact]
    public void ForNewSet_NewestAlready_KeepsItsRevision()
    {
        var known = new Dictionary<string, string> { [Revisions.Revision] = "5" };

        Assert.Equal(known, Revisions.ForNewSet(Make.Deployment("ns", "web", 1), known, newestOld: 4));
    }

    [Fact]
    public void Newest_SetsWithoutAnnotation_CountAsZero() =>
        Assert.Equal(2, Revisions.Newest([new ReplicaSet(), new ReplicaSet { Metadata = new() { Annotations = new() { [Revisions.Revision] = "2" } } }]));
}
