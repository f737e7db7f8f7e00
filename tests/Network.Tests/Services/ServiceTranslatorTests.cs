using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Network.Services;
using Xunit;
using DiscoveryPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.Network_Tests.Services;

public sealed class ServiceTranslatorTests
{
    private const string Address = "10.209.1.1";

    private readonly ServiceTranslator _translator = new(new ServiceProxyOptions { NodeName = Samples.Node, AllowExternalIPs = true });

    [Fact]
    public void OneEndpoint_IsOneElement_WithoutAChain()
    {
        var plan = _translator.Translate(Samples.Service("web", Address), [Samples.Slice("web", 8080, "10.208.0.5")]);
        Assert.Equal(["cluster-ips 10.209.1.1", "hairpins 10.208.0.5 . 10.208.0.5", "single 10.209.1.1 . tcp . 80 : 10.208.0.5 . 8080"], Elements(plan));
        Assert.Empty(plan.Chains);
    }

    [Fact]
    public void TwoEndpoints_GoThroughAChain_SortedWhateverTheirOrder()
    {
        var plan = _translator.Translate(Samples.Service("web", Address), [Samples.Slice("web", 8080, "10.208.0.10", "10.208.0.9")]);
        Assert.Contains("many 10.209.1.1 . tcp . 80 : goto svc-shop/web/tcp/80", Elements(plan));
        var chain = Assert.Single(plan.Chains);
        Assert.Equal(
            ["meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.208.0.9 . 8080, 1 : 10.208.0.10 . 8080 }", "meta l4proto tcp dnat ip to 10.208.0.9:8080"],
            chain.Rules);
    }

    [Fact]
    public void NoEndpoint_IsRefused()
    {
        Assert.Contains("empty 10.209.1.1 . tcp . 80 : goto refuse", Elements(_translator.Translate(Samples.Service("web", Address), [])));
    }

    [Fact]
    public void Slices_AreMatchedByPortNameAndProtocol_AndJoined()
    {
        var service = Samples.Service("dual", Address, Samples.Tcp(53, "a"), Samples.Udp(53, "b"));
        List<DiscoveryPort> ports = [new() { Name = "a", Protocol = "TCP", Port = 1053 }, new() { Name = "b", Protocol = "UDP", Port = 1054 }];
        List<DiscoveryPort> other = [new() { Name = "a", Protocol = "TCP", Port = 2053 }];
        var plan = _translator.Translate(service, [Samples.Slice("dual", ports, [Samples.Ready("10.208.0.5")]), Samples.Slice("dual", other, [Samples.Ready("10.208.0.6"), Samples.Ready("10.208.0.6")])]);
        Assert.Contains("single 10.209.1.1 . udp . 53 : 10.208.0.5 . 1054", Elements(plan));
        Assert.Contains("0 : 10.208.0.5 . 1053, 1 : 10.208.0.6 . 2053", Assert.Single(plan.Chains).Rules[^2], StringComparison.Ordinal);
        Assert.Equal([53], plan.UdpPorts.Select(p => p.Port));
    }

    [Fact]
    public void EndingEndpoints_ServeOnlyWhileNoneIsReady()
    {
        List<DiscoveryPort> ports = [new() { Name = "", Protocol = "TCP", Port = 80 }];
        List<Endpoint> endpoints = [Samples.Ready("10.208.0.5"), Samples.Ending("10.208.0.6", serving: true), Samples.Ending("10.208.0.7", serving: false)];
        var service = Samples.Service("web", Address);
        Assert.Contains("single 10.209.1.1 . tcp . 80 : 10.208.0.5 . 80", Elements(_translator.Translate(service, [Samples.Slice("web", ports, endpoints)])));
        Assert.Contains("single 10.209.1.1 . tcp . 80 : 10.208.0.6 . 80", Elements(_translator.Translate(service, [Samples.Slice("web", ports, endpoints[1..])])));
        Assert.Contains("empty 10.209.1.1 . tcp . 80 : goto refuse", Elements(_translator.Translate(service, [Samples.Slice("web", ports, endpoints[2..])])));
    }

    [Theory]
    [InlineData("None", "ClusterIP")]
    [InlineData("", "ClusterIP")]
    [InlineData(null, "ExternalName")]
    public void Service_WithoutAnAddress_NeedsNothing(string? clusterIP, string type)
    {
        var service = Samples.Service("web", clusterIP!);
        service.Spec!.Type = type;
        var plan = _translator.Translate(service, [Samples.Slice("web", 8080, "10.208.0.5")]);
        Assert.Empty(plan.Elements);
        Assert.Empty(plan.Refusals);
    }

    [Fact]
    public void NodePortExternalIPAndLoadBalancer_ShareTheChain()
    {
        var service = Samples.Service("web", Address, Samples.Tcp(80, nodePort: 30080));
        service.Spec!.ExternalIPs = ["203.0.113.1", "203.0.113.1", "not an address"];
        service.Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = [new() { Ip = "203.0.113.2" }, new() { Ip = "203.0.113.3", IpMode = "Proxy" }] } };
        var elements = Elements(_translator.Translate(service, [Samples.Slice("web", 8080, "10.208.0.5", "10.208.0.6")]));
        Assert.Equal(
            ["many 10.209.1.1 . tcp . 80 : goto svc-shop/web/tcp/80", "many 203.0.113.1 . tcp . 80 : goto svc-shop/web/tcp/80", "many 203.0.113.2 . tcp . 80 : goto svc-shop/web/tcp/80", "node-many tcp . 30080 : goto svc-shop/web/tcp/80"],
            elements.Where(e => e.Contains("many", StringComparison.Ordinal)));
    }

    [Fact]
    public void LocalPolicy_KeepsToThisNode_AndDropsWhereItHasNone()
    {
        List<DiscoveryPort> ports = [new() { Name = "", Protocol = "TCP", Port = 80 }];
        var service = Samples.Service("web", Address, Samples.Tcp(80, nodePort: 30080));
        service.Spec!.ExternalTrafficPolicy = "Local";
        var mixed = Elements(_translator.Translate(service, [Samples.Slice("web", ports, [Samples.Ready("10.208.0.5"), Samples.Ready("10.208.0.6", node: "n2")])]));
        Assert.Contains("node-single tcp . 30080 : 10.208.0.5 . 80", mixed);
        Assert.Contains("many 10.209.1.1 . tcp . 80 : goto svc-shop/web/tcp/80", mixed);

        var far = Elements(_translator.Translate(service, [Samples.Slice("web", ports, [Samples.Ready("10.208.0.6", node: "n2")])]));
        Assert.Contains("node-empty tcp . 30080 : drop", far);
        Assert.Contains("single 10.209.1.1 . tcp . 80 : 10.208.0.6 . 80", far);

        service.Spec.InternalTrafficPolicy = "Local";
        Assert.Contains("empty 10.209.1.1 . tcp . 80 : drop", Elements(_translator.Translate(service, [Samples.Slice("web", ports, [Samples.Ready("10.208.0.6", node: "n2")])])));
        Assert.Contains("empty 10.209.1.1 . tcp . 80 : goto refuse", Elements(_translator.Translate(service, [])));
    }

    [Fact]
    public void Affinity_RemembersClientsByEndpoint_EvenByAnOnlyOne()
    {
        var service = Samples.Service("web", Address);
        service.Spec!.SessionAffinity = "ClientIP";
        var chain = Assert.Single(_translator.Translate(service, [Samples.Slice("web", 8080, "10.208.0.5")]).Chains);
        Assert.Equal(["aff-svc-shop/web/tcp/80/10.208.0.5/8080"], chain.ClientSets);
        Assert.Equal("ip saddr @aff-svc-shop/web/tcp/80/10.208.0.5/8080 update @aff-svc-shop/web/tcp/80/10.208.0.5/8080 { ip saddr timeout 10800s } meta l4proto tcp dnat ip to 10.208.0.5:8080", chain.Rules[0]);
        Assert.Equal(4, chain.Rules.Length);
    }

    [Fact]
    public void EndpointOutsideThePods_IsMarked_SoThatItAnswersToTheNode()
    {
        var plan = _translator.Translate(Samples.Service("far", Address), [Samples.Slice("far", 80, "192.168.5.2")]);
        Assert.StartsWith("ip saddr != 10.208.0.0/16 meta mark set", Assert.Single(plan.Chains).Rules[0], StringComparison.Ordinal);
        Assert.DoesNotContain(Elements(plan), e => e.StartsWith("hairpins", StringComparison.Ordinal));
    }

    [Fact]
    public void Service_ThatIsItsOwnEndpoint_IsLeftToAnswerItself()
    {
        var plan = _translator.Translate(Samples.Service("dns", "10.209.0.10", Samples.Tcp(53)), [Samples.Slice("dns", 53, "10.209.0.10")]);
        Assert.Empty(plan.Elements);
    }

    [Theory]
    [InlineData("protocol")]
    [InlineData("ipv6")]
    [InlineData("name")]
    [InlineData("port")]
    public void WhatIsNotSupported_IsNamed(string what)
    {
        var service = Samples.Service("web", Address);
        switch (what)
        {
            case "protocol": service.Spec!.Ports![0].Protocol = "DCCP"; break;
            case "ipv6": service.Spec!.ClusterIP = "fd00::1"; break;
            case "name": service.Metadata.Name = "web { } ; flush ruleset"; break;
            default: service.Spec!.Ports![0].Port = 70000; break;
        }

        var plan = _translator.Translate(service, [Samples.Slice("web", 8080, "10.208.0.5")]);
        Assert.Single(plan.Refusals);
        Assert.DoesNotContain(Elements(plan), e => e.Contains("203.0.113.2", StringComparison.Ordinal) || e.Contains("dccp", StringComparison.Ordinal));
    }

    [Fact]
    public void SourceRanges_GuardTheBalancersAddresses_AndNoOthers()
    {
        var service = Samples.Service("web", Address, Samples.Tcp(80, nodePort: 30080));
        service.Spec!.LoadBalancerSourceRanges = ["10.0.0.0/8", " 192.0.2.0/24", "fd00::/8"];
        service.Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = [new() { Ip = "203.0.113.2" }] } };
        var plan = _translator.Translate(service, [Samples.Slice("web", 8080, "10.208.0.5")]);
        Assert.Equal(["guards 203.0.113.2 . tcp . 80 : goto svc-shop/web/tcp/80/guard"], Elements(plan).Where(e => e.StartsWith("guards", StringComparison.Ordinal)));
        Assert.Equal(["ip saddr 10.0.0.0/8 return", "ip saddr 192.0.2.0/24 return", "drop"], Assert.Single(plan.Chains).Rules);
    }

    [Fact]
    public void ExternalIPs_WhereNotAllowed_AreNamed()
    {
        var service = Samples.Service("web", Address);
        service.Spec!.ExternalIPs = ["203.0.113.1"];
        var plan = new ServiceTranslator(new ServiceProxyOptions { NodeName = Samples.Node }).Translate(service, []);
        Assert.Equal(["externalIPs: not allowed in this cloud"], plan.Refusals);
        Assert.DoesNotContain(Elements(plan), e => e.Contains("203.0.113.1", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Elements(ServicePlan plan) =>
        plan.Elements.Select(e => $"{e.At.Container} {e.At.Key}{(e.Value is null ? "" : " : " + e.Value)}").Order(StringComparer.Ordinal);
}
