using Sealos.Host.InCluster;
using Xunit;

namespace Sealos.Host_Tests.InCluster;

public sealed class ClusterRequestTests
{
    [Fact]
    public void SecondRequest_ChangesOnlyWhatItSays()
    {
        var first = new ClusterRequest { Domain = "cloud.test", Image = "registry.test/sealos:1", Replicas = 3, Expose = "NodePort", PodRange = "10.1.0.0/16", ServiceRange = "10.2.0.0/16", SingleUser = true };

        Assert.Equal(first, new ClusterRequest().Over(ClusterRequest.Read(first.Write())));
        Assert.Equal(first with { Replicas = 1, SingleUser = false }, new ClusterRequest { Replicas = 1, SingleUser = false }.Over(first));
        Assert.Equal(first, first.Over(null));
    }

    [Fact]
    public void Objects_OfARequest_KeepIt()
    {
        var options = new ClusterOptions { Domain = "cloud.test", ApiServer = new Uri("https://192.0.2.1:6443"), PodRanges = ["10.1.0.0/16"], ServiceRanges = ["10.2.0.0/16"] };
        var request = new ClusterRequest { Domain = "cloud.test", Replicas = 3 };

        var map = ClusterObjects.Rest(options, request, "7").Single(o => o.Title == "ConfigMap sealos-server");

        Assert.Equal(request, ClusterRequest.Read((string)map.Document["data"]![ClusterObjects.Kept]!));
    }

    [Fact]
    public void Request_ThatSomebodyBroke_IsNamed() =>
        Assert.Contains("install.json", Assert.Throws<InvalidDataException>(() => ClusterRequest.Read("{")).Message, StringComparison.Ordinal);
}
