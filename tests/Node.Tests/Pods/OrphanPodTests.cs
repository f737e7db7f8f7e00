using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class OrphanPodTests
{
    [Fact]
    public void From_Annotations_KnowsGraceAndHooks()
    {
        var pod = TestPods.Simple("Always", "a");
        var runtime = TestPods.Runtime(pod, "a:run a:1") with { Annotations = new Dictionary<string, string> { [Keys.PodTerminationGrace] = "7" } };
        runtime = runtime with { Containers = [runtime.Containers[0] with { Annotations = new Dictionary<string, string> { [Keys.PreStopHandler] = """{"sleep":{"seconds":3}}""" } }, runtime.Containers[1]] };

        var orphan = OrphanPod.From(runtime);

        Assert.Equal(("web", "team", TestPods.Uid, TimeSpan.FromSeconds(7)), (orphan.Name, orphan.Namespace, orphan.Uid, orphan.Grace));
        Assert.Equal(3, Assert.Single(orphan.Containers).Lifecycle!.PreStop!.Sleep!.Seconds);
    }

    [Fact]
    public void From_DamagedAnnotations_StopsItAllTheSame()
    {
        var runtime = TestPods.Runtime(TestPods.Simple("Always", "a"), "a:run");
        runtime = runtime with { Containers = [runtime.Containers[0] with { Annotations = new Dictionary<string, string> { [Keys.PreStopHandler] = "{", [Keys.PodTerminationGrace] = "soon" } }] };

        var orphan = OrphanPod.From(runtime);

        Assert.Equal(TimeSpan.FromSeconds(30), orphan.Grace);
        Assert.Null(Assert.Single(orphan.Containers).Lifecycle);
    }
}
