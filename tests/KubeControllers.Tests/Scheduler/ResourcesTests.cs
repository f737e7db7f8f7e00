using Sealos.Kinds.Core;
using Sealos.KubeControllers.Scheduler;
using Sealos.Objects.Meta;
using Xunit;
using static Sealos.KubeControllers_Tests.Scheduler.Cluster;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class ResourcesTests
{
    [Fact]
    public void RequestOf_Containers_AddsUp()
    {
        var request = RequestOf(new PodSpec { Containers = [Container("100m", "64Mi"), Container("0.25", "1M")] });

        Assert.Equal(0.35m, request["cpu"]);
        Assert.Equal(64m * 1024 * 1024 + 1000000, request["memory"]);
        Assert.Equal(0, request["nvidia.com/gpu"]);
    }

    [Fact]
    public void RequestOf_HungryInitContainer_DecidesAlone()
    {
        var request = RequestOf(new PodSpec { InitContainers = [Container("2"), Container("1", "1Gi")], Containers = [Container("500m", "64Mi")] });

        Assert.Equal(2m, request["cpu"]);
        Assert.Equal(1024m * 1024 * 1024, request["memory"]);
    }

    [Fact]
    public void RequestOf_Sidecars_RunBesideWhatComesAfterThem()
    {
        // The sidecar (1) runs beside the second init container (3) and beside the container (2).
        var request = RequestOf(new PodSpec { InitContainers = [Container("3500m"), Container("1", restart: "Always"), Container("3")], Containers = [Container("2")] });

        Assert.Equal(4m, request["cpu"]);
    }

    [Fact]
    public void RequestOf_Overhead_IsAdded() =>
        Assert.Equal(1.1m, RequestOf(new PodSpec { Containers = [Container("1")], Overhead = new() { ["cpu"] = Quantity.Parse("100m") } })["cpu"]);

    [Theory]
    [InlineData(null, "2")]
    [InlineData("Proposed", "2")]
    [InlineData("Infeasible", "2")]
    [InlineData("InProgress", "3", "3")]
    public void RequestOf_PodThatIsResized_CountsTheMoreOfWishAndHave(string? resize, string expected, string wish = "1")
    {
        var pod = new Pod
        {
            Spec = new PodSpec { Containers = [Container(wish)] },
            Status = new PodStatus { Resize = resize, ContainerStatuses = [new ContainerStatus { Name = "c", Resources = new() { Requests = new() { ["cpu"] = Quantity.Parse("2") } } }] },
        };
        pod.Spec.Containers[0].Name = "c";

        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Resources.RequestOf(pod)["cpu"]);
    }

    [Theory]
    [InlineData(null)] // nobody has come to say that it is being resized
    [InlineData("InProgress")]
    [InlineData("Infeasible")]
    public void RequestOf_LowerWishThanIsGivenOrHeld_CountsWhatIsHeld(string? resize)
    {
        var status = new ContainerStatus { Name = "c", AllocatedResources = new() { ["memory"] = Quantity.Parse("2Gi"), ["cpu"] = Quantity.Parse("1") }, Resources = new() { Requests = new() { ["memory"] = Quantity.Parse("1Gi"), ["cpu"] = Quantity.Parse("3") } } };
        var pod = new Pod { Spec = new PodSpec { Containers = [Container("1", "1Mi")] }, Status = new PodStatus { Resize = resize, ContainerStatuses = [status] } };
        pod.Spec.Containers[0].Name = "c";

        Assert.Equal((2m * 1024 * 1024 * 1024, 3m), (Resources.RequestOf(pod)["memory"], Resources.RequestOf(pod)["cpu"]));
    }

    private static Resources RequestOf(PodSpec spec, bool isForScoring = false) => Resources.RequestOf(new Pod { Spec = spec }, isForScoring);

    [Fact]
    public void RequestOf_ForScoring_TakesSomethingForThoseThatAskForNothing()
    {
        var request = RequestOf(new PodSpec { Containers = [Container(), Container("1", "1Gi")] }, isForScoring: true);

        Assert.Equal(1.1m, request["cpu"]);
        Assert.Equal((1024m + 200) * 1024 * 1024, request["memory"]);
    }
}
