using System.Globalization;
using Sealos.KubeControllers.EndpointSlices;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.EndpointSlices;

public sealed class EndpointsBuilderTests
{
    [Fact]
    public void Build_ReadyAndNot_AreKeptApartAndTerminatingLeftOut()
    {
        var endpoints = EndpointsBuilder.Build(
            Make.Service("ns", "web"),
            [ServiceBackendsTests.Pod("a", "10.0.0.1"), ServiceBackendsTests.Pod("b", "10.0.0.2", isReady: false), ServiceBackendsTests.Pod("c", "10.0.0.3", isTerminating: true)],
            null);

        var subset = Assert.Single(endpoints.Subsets!);
        Assert.Equal("10.0.0.1", Assert.Single(subset.Addresses!).Ip);
        Assert.Equal("10.0.0.2", Assert.Single(subset.NotReadyAddresses!).Ip);
        Assert.Equal(8080, Assert.Single(subset.Ports!).Port);
        Assert.Equal("a", endpoints.Metadata.Labels!["team"]);
    }

    [Fact]
    public void Build_MoreThanItMayHold_IsCutAndSaysSo()
    {
        var pods = Enumerable.Range(0, 1200).Select(i => ServiceBackendsTests.Pod(string.Create(CultureInfo.InvariantCulture, $"p{i}"), string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}"), isReady: i >= 300)).ToList();

        var endpoints = EndpointsBuilder.Build(Make.Service("ns", "web"), pods, null);

        var subset = Assert.Single(endpoints.Subsets!);
        Assert.Equal((900, 100), (subset.Addresses!.Count, subset.NotReadyAddresses!.Count));
        Assert.Equal("truncated", endpoints.Metadata.Annotations![EndpointsBuilder.OverCapacityAnnotation]);
    }

    [Fact]
    public void Build_HeadlessWithoutPorts_HasAddressesAlone()
    {
        var service = Make.Service("ns", "web");
        service.Spec!.ClusterIP = "None";
        service.Spec.Ports = null;

        var endpoints = EndpointsBuilder.Build(service, [ServiceBackendsTests.Pod("a", "10.0.0.1")], null);

        Assert.Null(Assert.Single(endpoints.Subsets!).Ports);
        Assert.Equal("", endpoints.Metadata.Labels!["service.kubernetes.io/headless"]);
    }

    [Fact]
    public void AreSame_OnlyTheTimeDiffers_IsTrue()
    {
        var service = Make.Service("ns", "web");
        var known = EndpointsBuilder.Build(service, [ServiceBackendsTests.Pod("a", "10.0.0.1")], null);
        service.Metadata.CreationTimestamp = DateTimeOffset.UnixEpoch.AddYears(60);

        Assert.True(EndpointsBuilder.AreSame(EndpointsBuilder.Build(service, [ServiceBackendsTests.Pod("a", "10.0.0.1")], known), known));
        Assert.False(EndpointsBuilder.AreSame(EndpointsBuilder.Build(service, [], known), known));
    }
}
