using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.EndpointSlices;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.EndpointSlices;

public sealed class ServiceBackendsTests
{
    [Theory]
    [InlineData(true, false, false, true, true, false)]
    [InlineData(false, false, false, false, false, false)]
    [InlineData(true, true, false, false, true, true)]
    [InlineData(false, false, true, true, false, false)]
    [InlineData(true, true, true, true, true, true)]
    public void Group_States_AreToldAsConditions(bool isReady, bool isTerminating, bool publishNotReady, bool ready, bool serving, bool terminating)
    {
        var service = Make.Service("ns", "web");
        service.Spec!.PublishNotReadyAddresses = publishNotReady;

        var endpoint = Assert.Single(Assert.Single(ServiceBackends.Group(service, [Pod("a", "10.0.0.1", isReady, isTerminating)], _ => "z")).Endpoints);

        Assert.Equal((ready, serving, terminating), (endpoint.Conditions!.Ready, endpoint.Conditions.Serving, endpoint.Conditions.Terminating));
        Assert.Equal(("10.0.0.1", "n1", "z", "Pod", "a"), (endpoint.Addresses![0], endpoint.NodeName, endpoint.Zone, endpoint.TargetRef!.Kind, endpoint.TargetRef.Name));
    }

    [Fact]
    public void Group_NamedPort_IsEachPodsOwnNumber()
    {
        var other = Pod("b", "10.0.0.2");
        other.Spec!.Containers![0].Ports![0].ContainerPortValue = 9090;

        var groups = ServiceBackends.Group(Make.Service("ns", "web"), [Pod("a", "10.0.0.1"), other, Pod("c", "10.0.0.3")], _ => null);

        Assert.Equal([8080, 9090], groups.Select(g => g.Ports[0].Port!.Value).Order());
        Assert.Equal([1, 2], groups.Select(g => g.Endpoints.Count).Order());
    }

    [Fact]
    public void Group_PortThatAPodDoesNotHave_IsLeftOut()
    {
        var group = Assert.Single(ServiceBackends.Group(Make.Service("ns", "web", "metrics"), [Pod("a", "10.0.0.1")], _ => null));

        Assert.Empty(group.Ports);
    }

    [Fact]
    public void Group_NumberedPort_NeedsNoContainerPort()
    {
        var port = Assert.Single(Assert.Single(ServiceBackends.Group(Make.Service("ns", "web", 1234), [Pod("a", "10.0.0.1")], _ => null)).Ports);

        Assert.Equal(("http", "TCP", 1234), (port.Name, port.Protocol, port.Port));
    }

    [Fact]
    public void Group_EndedOrWithoutAddress_IsNoBackend()
    {
        var ended = Pod("a", "10.0.0.1");
        ended.Status!.Phase = "Succeeded";

        Assert.Empty(ServiceBackends.Group(Make.Service("ns", "web"), [ended, Pod("b", null), Pod("c", "fd00::1")], _ => null));
    }

    [Fact]
    public void Group_HostnameAndSubdomain_GiveAName()
    {
        var pod = Pod("a", "10.0.0.1");
        pod.Spec!.Hostname = "first";
        pod.Spec.Subdomain = "web";

        Assert.Equal("first", ServiceBackends.Group(Make.Service("ns", "web"), [pod], _ => null)[0].Endpoints[0].Hostname);
        Assert.Null(ServiceBackends.Group(Make.Service("ns", "other"), [pod], _ => null)[0].Endpoints[0].Hostname);
    }

    [Fact]
    public void IsManaged_WithoutSelectorOrByName_IsNot()
    {
        var service = Make.Service("ns", "web");
        Assert.True(ServiceBackends.IsManaged(service));

        service.Spec!.Type = "ExternalName";
        Assert.False(ServiceBackends.IsManaged(service));
        Assert.False(ServiceBackends.IsManaged(new Service { Spec = new ServiceSpec() }));
    }

    internal static Pod Pod(string name, string? ip, bool isReady = true, bool isTerminating = false) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "ns", Uid = name, Labels = new() { ["app"] = "web" }, DeletionTimestamp = isTerminating ? DateTimeOffset.UnixEpoch : null },
        Spec = WithNode(Make.PodSpec()),
        Status = new PodStatus { PodIP = ip, Phase = "Running", Conditions = [new PodCondition { Type = "Ready", Status = isReady ? "True" : "False", LastTransitionTime = DateTimeOffset.UnixEpoch }] },
    };

    private static PodSpec WithNode(PodSpec spec)
    {
        spec.NodeName = "n1";
        return spec;
    }
}
