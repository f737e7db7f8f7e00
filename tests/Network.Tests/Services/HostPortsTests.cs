using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Network.Services;
using Xunit;

namespace Sealos.Network_Tests.Services;

public sealed class HostPortsTests
{
    private readonly HostPorts _ports = new(new ServiceProxyOptions { NodeName = Samples.Node, ReservedPorts = new HashSet<int> { 443 } });

    [Fact]
    public void Pod_WithPortsOfTheNode_IsTheirOnlyEndpoint()
    {
        var plan = _ports.Translate(Pod(
            new ContainerPort { HostPort = 8080, ContainerPortValue = 80 },
            new ContainerPort { HostPort = 8080, ContainerPortValue = 81, HostIP = "127.0.0.1" },
            new ContainerPort { HostPort = 8080, ContainerPortValue = 53, HostIP = "192.168.5.1", Protocol = "UDP" },
            new ContainerPort { ContainerPortValue = 90 }));
        Assert.Equal(
            ["hairpins 10.208.0.5 . 10.208.0.5", "node-single tcp . 8080 = 10.208.0.5 . 80", "single 127.0.0.1 . tcp . 8080 = 10.208.0.5 . 81", "single 192.168.5.1 . udp . 8080 = 10.208.0.5 . 53"],
            plan.Elements.Select(e => $"{e.At.Container} {e.At.Key}{(e.Value is null ? "" : " = " + e.Value)}").Order(StringComparer.Ordinal));
        Assert.Empty(plan.Chains);
        Assert.Equal("web", HostPorts.PodName(plan.Service));
    }

    [Fact]
    public void Pod_ThatHasEndedOrIsOnTheNodesNetwork_HasNone()
    {
        var pod = Pod(new ContainerPort { HostPort = 8080, ContainerPortValue = 80 });
        pod.Status!.Phase = "Succeeded";
        Assert.Empty(_ports.Translate(pod).Elements);
        pod.Status.Phase = "Running";
        pod.Spec!.HostNetwork = true;
        Assert.Empty(_ports.Translate(pod).Elements);
        Assert.False(HostPorts.Has(pod));
    }

    [Theory]
    [InlineData(443, null, "TCP", "hostPort 443 is the cloud's own")]
    [InlineData(8080, "fd00::1", "TCP", "hostIP fd00::1: IPv6 is not supported yet")]
    [InlineData(8080, null, "DCCP", "hostPort 8080: protocol DCCP is not supported yet")]
    public void WhatIsNotCarried_IsNamed(int port, string? address, string protocol, string refusal)
    {
        var plan = _ports.Translate(Pod(new ContainerPort { HostPort = port, ContainerPortValue = 80, HostIP = address, Protocol = protocol }));
        Assert.Equal([refusal], plan.Refusals);
        Assert.Empty(plan.Elements);
    }

    private static Pod Pod(params List<ContainerPort> ports) => new()
    {
        Metadata = new ObjectMeta { Namespace = "shop", Name = "web" },
        Spec = new PodSpec { Containers = [new Container { Ports = ports }] },
        Status = new PodStatus { Phase = "Running", PodIP = "10.208.0.5" },
    };
}
