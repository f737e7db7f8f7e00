using System.Globalization;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Packets of UDP, between pods, from the node, and beside TCP at one port.</summary>
public sealed class DatagramTests(CloudFixture fixture) : NetworkStory(fixture)
{
    private const string Tcp = """{"name":"tcp","port":80,"targetPort":8080,"protocol":"TCP"}""";
    private const string Udp = """{"name":"udp","port":80,"targetPort":8080,"protocol":"UDP"}""";

    [Fact]
    [Upstream("[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: udp [NodeConformance] [Conformance]")]
    [Upstream("[sig-network] Networking Granular Checks: Pods should function for node-pod communication: udp [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-network] Services should serve endpoints on same port and different protocols [Conformance]")]
    public async Task Udp_ReachesPods_FromPodsAndNode_AndSharesAPortWithTcp()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await ServiceAsync("both", $"{{\"selector\":{{\"app\":\"web\"}},\"ports\":[{Tcp},{Udp}]}}");
        await ServeAsync("one");
        var (pod, client) = (await PodAsync("one"), PodSockets.Of(Cloud, (await PodAsync("client")).At("metadata.uid")!));
        var (server, ip) = (PodSockets.Of(Cloud, pod.At("metadata.uid")!), pod.At("status.podIP")!);
        server.ServeUdp(ServerPort, "one", stop.Token);

        Assert.Equal("one", await client.AskUdpAsync(ip, ServerPort, Ct));
        Assert.Equal("one", await server.AskUdpAsync(ip, ServerPort, Ct));
        Assert.Equal("one", await PodSockets.OfNode.AskUdpAsync(ip, ServerPort, Ct));

        var address = (await Api.GetAsync($"{Core}/services/both")).At("spec.clusterIP")!;
        var ports = (await Api.GetAsync($"{Core}/endpoints/both")).Json["subsets"]![0]!["ports"]!.AsArray();
        Assert.Equal(["8080/TCP", "8080/UDP"], ports.Select(p => string.Create(CultureInfo.InvariantCulture, $"{(int)p!["port"]!}/{p["protocol"]}")).Order());
        await UntilAsync(client, address, tcp: "one", udp: "one");
        (await Api.PatchAsync($"{Core}/services/both", $"{{\"spec\":{{\"ports\":[{Tcp}]}}}}")).Expect(200);
        await UntilAsync(client, address, tcp: "one", udp: "");
        (await Api.PatchAsync($"{Core}/services/both", $"{{\"spec\":{{\"ports\":[{Udp}]}}}}")).Expect(200);
        await UntilAsync(client, address, tcp: "", udp: "one");
        await stop.CancelAsync();
    }

    private Task UntilAsync(PodSockets client, string address, string tcp, string udp) => Eventually.TrueAsync(
        $"TCP answers '{tcp}' and UDP '{udp}'",
        async () => await client.AskUdpAsync(address, 80, Ct) == udp && await AskAsync($"http://{address}/name") == tcp,
        Patience,
        Ct);
}
