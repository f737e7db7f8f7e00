using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Services, as those who use them find them.</summary>
public sealed class ServicesTests(CloudFixture fixture) : NetworkStory(fixture)
{
    private const string Selector = "\"selector\":{\"app\":\"web\"}";
    private const string TwoPorts = "\"ports\":[{\"name\":\"a\",\"port\":80,\"targetPort\":\"web\"},{\"name\":\"b\",\"port\":81,\"targetPort\":8081}]";
    private const string OnePort = "\"ports\":[{\"port\":80,\"targetPort\":8080}]";
    private const string Sticky = "\"sessionAffinity\":\"ClientIP\"";

    [Fact]
    [Upstream("[sig-network] Services should serve a basic endpoint from pods [Conformance]")]
    [Upstream("[sig-network] Services should serve multiport endpoints from pods [Conformance]")]
    [Upstream("[sig-network] Services should be able to create a functioning NodePort service [Conformance]")]
    [Upstream("[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]")]
    [Upstream("[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: http [NodeConformance] [Conformance]")]
    [Upstream("[sig-network] Networking Granular Checks: Pods should function for node-pod communication: http [LinuxOnly] [NodeConformance] [Conformance]")]
    public async Task Service_OfTwoPorts_IsReachedByNameAddressAndNodePort_AndFollowsItsPods()
    {
        await ServiceAsync("web", $"{{\"type\":\"NodePort\",{Selector},{TwoPorts}}}");
        await ServeAsync("one", "two");
        await Eventually.TrueAsync("both are endpoints", async () => (await Api.GetAsync($"{Core}/endpoints/web")).At("subsets.0.addresses.1.ip") is not null, Patience, Ct);
        var slices = await Api.GetAsync($"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices?labelSelector=kubernetes.io/service-name=web");
        Assert.Equal(2, slices.Json["items"]![0]!["endpoints"]!.AsArray().Count);
        await UntilAnswersAsync("http://web/name", "one", "two");
        Assert.Equal(["one", "two"], (await AskManyAsync("http://web/name")).Order());
        Assert.Contains(await AskAsync($"http://web.{Namespace}.svc.cluster.local:81/name"), (string[])["one", "two"]);

        var pod = (await PodAsync("one")).At("status.podIP")!;
        Assert.Equal("one", await AskAsync($"http://{pod}:{ServerPort}/name"));
        Assert.Equal("one", await AskFromNodeAsync(pod, ServerPort));
        var port = int.Parse((await Api.GetAsync($"{Core}/services/web")).At("spec.ports.0.nodePort")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(await AskFromNodeAsync(await NodeAddressAsync(), port), (string[])["one", "two"]);

        await Api.DeleteAsync($"{Core}/pods/one?gracePeriodSeconds=0");
        await Eventually.TrueAsync("only one is left", async () => (await AskManyAsync("http://web/name")).SetEquals(["two"]), Patience, Ct);
    }

    [Fact]
    [Upstream("[sig-network] Services should have session affinity work for service with type clusterIP [LinuxOnly] [Conformance]")]
    [Upstream("[sig-network] Services should have session affinity work for NodePort service [LinuxOnly] [Conformance]")]
    [Upstream("[sig-network] Services should be able to switch session affinity for service with type clusterIP [LinuxOnly] [Conformance]")]
    [Upstream("[sig-network] Services should be able to switch session affinity for NodePort service [LinuxOnly] [Conformance]")]
    public async Task Affinity_KeepsAClient_UntilItIsSwitchedOff()
    {
        await ServiceAsync("inside", $"{{{Sticky},{Selector},{OnePort}}}");
        await ServiceAsync("door", $"{{\"type\":\"NodePort\",{Sticky},{Selector},{OnePort}}}");
        await ServeAsync("one", "two", "three");
        var door = $"http://{await NodeAddressAsync()}:{(await Api.GetAsync($"{Core}/services/door")).At("spec.ports.0.nodePort")}/name";
        foreach (var (name, url) in new[] { ("inside", "http://inside/name"), ("door", door) })
        {
            await Eventually.TrueAsync($"all are endpoints of {name}", async () => (await Api.GetAsync($"{Core}/endpoints/{name}")).At("subsets.0.addresses.2.ip") is not null, Patience, Ct);
            await UntilAnswersAsync(url, "one", "two", "three");
            Assert.Single(await AskManyAsync(url));
            (await Api.PatchAsync($"{Core}/services/{name}", """{"spec":{"sessionAffinity":"None"}}""")).Expect(200);
            await Eventually.TrueAsync($"{name} is shared", async () => (await AskManyAsync(url)).Count > 1, Patience, Ct);
            (await Api.PatchAsync($"{Core}/services/{name}", """{"spec":{"sessionAffinity":"ClientIP"}}""")).Expect(200);
            await Eventually.TrueAsync($"{name} keeps its client", async () => (await AskManyAsync(url)).Count == 1, Patience, Ct);
        }
    }

    [Fact]
    [Upstream("[sig-network] Services should be able to change the type from ExternalName to ClusterIP [Conformance]")]
    [Upstream("[sig-network] Services should be able to change the type from ExternalName to NodePort [Conformance]")]
    [Upstream("[sig-network] Services should be able to change the type from ClusterIP to ExternalName [Conformance]")]
    [Upstream("[sig-network] Services should be able to change the type from NodePort to ExternalName [Conformance]")]
    [Upstream("[sig-network] DNS should provide DNS for ExternalName services [Conformance]")]
    public async Task Type_Changes_ThereAndBack()
    {
        await ServiceAsync("far", """{"type":"ExternalName","externalName":"foo.example.com"}""");
        await ServeAsync("one");
        await UntilNamedAsync("foo.example.com");
        foreach (var type in new[] { "ClusterIP", "NodePort" })
        {
            (await Api.PatchAsync($"{Core}/services/far", $"{{\"spec\":{{\"type\":\"{type}\",\"externalName\":null,{Selector},{OnePort}}}}}")).Expect(200);
            await UntilAnswersAsync("http://far/name", "one");
            if (type == "NodePort")
            {
                var port = int.Parse((await Api.GetAsync($"{Core}/services/far")).At("spec.ports.0.nodePort")!, System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal("one", await AskFromNodeAsync(await NodeAddressAsync(), port));
            }

            (await Api.PatchAsync($"{Core}/services/far", """{"spec":{"type":"ExternalName","externalName":"bar.example.com","clusterIP":"","clusterIPs":null}}""")).Expect(200);
            await UntilNamedAsync("bar.example.com");
        }
    }

    [Fact]
    [Upstream("[sig-network] HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol [LinuxOnly] [Conformance]")]
    public async Task HostPorts_OfDifferentAddressesAndProtocols_DoNotConflict()
    {
        const int Port = 54323;
        await ServeAsync();
        var node = await NodeAddressAsync();
        await StartAsync(Server("one", "127.0.0.1", "TCP"), Server("two", node, "TCP"), Server("three", node, "UDP"));
        await Eventually.TrueAsync("each is reached at its own address", async () => await AskFromNodeAsync(node, Port) == "two" && await AskFromNodeAsync("127.0.0.1", Port, node) == "one", Patience, Ct);
        await UntilAsync("three", "runs", p => p.At("status.phase") == "Running");
    }

    private static Node.ShellPod Server(string name, string address, string protocol) => new(name, "mkdir /tmp/w; cat /etc/hostname > /tmp/w/name; exec httpd -f -p 8080 -h /tmp/w")
    {
        Container = $$""","ports":[{"containerPort":8080,"hostPort":54323,"hostIP":"{{address}}","protocol":"{{protocol}}"}]""",
    };

    private Task UntilNamedAsync(string name) => Eventually.TrueAsync(
        $"far is {name}",
        async () => (await Cloud.KubectlAsync(["exec", "-n", Namespace, "client", "--", "nslookup", "-type=cname", $"far.{Namespace}.svc.cluster.local"], Ct)).Output.Contains($"= {name}", StringComparison.Ordinal),
        Patience,
        Ct);
}
