using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Network.Nft;
using Sealos.Network_Tests.Nft;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>What becomes of policies while pods, the server and addresses come and go.</summary>
[Trait("Needs", "root")]
public sealed class PolicyPacketTests(PolicyLab lab) : IClassFixture<PolicyLab>
{
    private const string DenyIngress = "{'podSelector': {}, 'policyTypes': ['Ingress']}";
    private const string DenyEgress = "{'podSelector': {}, 'policyTypes': ['Egress']}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_LeavesRulesInForce_AndDropsStaleOnes_WithoutAGap()
    {
        Skip();
        lab.Api.Put(PolicySamples.Policy("x", "deny", DenyIngress));
        lab.Api.Put(PolicySamples.Policy("y", "deny", DenyIngress));
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), false);
        await UntilAsync(() => lab.ReachesAsync("z/a", "y/a", 80), false);
        await lab.StopAsync();
        Assert.False(await lab.ReachesAsync("z/a", "x/a", 80));

        lab.Api.Delete<NetworkPolicy>("y", "deny");
        using var stop = new CancellationTokenSource();
        var leaks = Task.Run(() => CountPassedAsync("z/a", "x/a", stop.Token), Ct);
        var losses = Task.Run(() => CountLostAsync("x/a", "z/a", stop.Token), Ct);
        for (var i = 0; i < 10; i++)
        {
            await lab.StartAsync();
            await lab.StopAsync();
        }

        await lab.StartAsync();
        await stop.CancelAsync();
        Assert.Equal(0, await leaks);
        Assert.Equal(0, await losses);
        await lab.MustReachAsync("z/a", "y/a", 80);
        lab.Api.Delete<NetworkPolicy>("x", "deny");
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), true);
    }

    [Theory]
    [InlineData("flush chain ip lab-policies forward")]
    [InlineData("flush table ip lab-policies")]
    [InlineData("flush ruleset")]
    public async Task Rules_ThatSomebodyElseFlushed_ComeBack(string command)
    {
        Skip();
        lab.Api.Put(PolicySamples.Policy("x", "deny", DenyIngress));
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), false);
        await lab.Packets.OnNode.RunAsync("nft", ["-f", "-"], command + "\n", Ct);
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), false);
        lab.Api.Delete<NetworkPolicy>("x", "deny");
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), true);
    }

    [Fact]
    public async Task Change_ThatTheKernelRefuses_IsMadeInAnotherWay_WithoutAGap()
    {
        Skip();
        lab.Api.Put(PolicySamples.Policy("x", "deny", DenyIngress));
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), false);
        lab.Api.Put(lab.PodObject("z/ghost", "10.208.250.250", "ghost", []));
        await UntilKnownAsync("10.208.250.250", true);

        using var stop = new CancellationTokenSource();
        var leaks = Task.Run(() => CountPassedAsync("z/a", "x/a", stop.Token), Ct);
        await lab.Packets.OnNode.RunAsync("nft", ["-f", "-"], "delete element ip lab-policies known { 10.208.250.250 }\n", Ct);
        lab.Api.Delete<Pod>("z", "ghost");
        lab.Api.Put(lab.PodObject("z/next", "10.208.250.251", "next", []));
        await UntilKnownAsync("10.208.250.251", true);
        await stop.CancelAsync();
        Assert.Equal(0, await leaks);
        lab.Api.Delete<Pod>("z", "next");
        lab.Api.Delete<NetworkPolicy>("x", "deny");
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80), true);
    }

    [Fact]
    public async Task Connection_ThatIsOpen_GoesOnUnderANewPolicy_AndNewOnesDoNot()
    {
        Skip();
        using var open = lab.Packets.UdpClient(lab.Namespace("z/a"));
        await UntilAsync(async () => (await PacketLab.AskUdpAsync(open, lab.Address("x/a"), 80)).StartsWith("x/a", StringComparison.Ordinal), true);
        lab.Api.Put(PolicySamples.Policy("x", "deny", DenyIngress));
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80, "UDP"), false);
        Assert.StartsWith("x/a", await PacketLab.AskUdpAsync(open, lab.Address("x/a"), 80, PacketLab.Patience), StringComparison.Ordinal);
        lab.Api.Delete<NetworkPolicy>("x", "deny");
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/a", 80, "UDP"), true);
    }

    [Fact]
    public async Task Pod_IsProtectedWhenItIsAdmitted_BeforeTheApiKnowsItsAddress()
    {
        Skip();
        lab.Api.Put(PolicySamples.Policy("z", "deny", DenyIngress));
        await UntilAsync(() => lab.ReachesAsync("x/a", "z/a", 80), false);
        var address = await lab.Packets.AddPodAsync("zn");
        lab.Packets.ServeTcp(lab.Packets.PodNamespace("zn"), "z/n", 80);

        // An address that nobody was told of reaches nobody.
        Assert.False(await lab.ReachesAsync("x/a", "z/n", 80));
        Assert.False(await lab.ReachesAsync("z/n", "x/a", 80));

        var pod = lab.PodObject("z/n");
        pod.Status = null;
        await lab.Component.AdmitAsync(pod, address, Ct);
        Assert.False(await lab.ReachesAsync("x/a", "z/n", 80));
        await lab.MustReachAsync("z/n", "x/a", 80);
        await lab.MustReachAsync("node", "z/n", 80);

        lab.Api.Delete<NetworkPolicy>("z", "deny");
        await UntilAsync(() => lab.ReachesAsync("x/a", "z/n", 80), true);
    }

    [Fact]
    public async Task Address_ThatAnotherPodGets_HasNoneOfTheRightsOfTheFirst()
    {
        Skip();
        Assert.SkipUnless(HostCommands.Has("conntrack"), "needs the conntrack tool");
        var address = await lab.Packets.AddPodAsync("zr");
        lab.Packets.ServeUdp(lab.Packets.PodNamespace("zr"), "z/r", 80);
        lab.Api.Put(PolicySamples.Policy("x", "web", "{'podSelector': {}, 'ingress': [{'from': [{'namespaceSelector': {}, 'podSelector': {'matchLabels': {'role': 'friend'}}}]}]}"));
        lab.Api.Put(lab.PodObject("z/r", $"{address}", "first", new() { ["role"] = "friend" }));
        await UntilAsync(() => lab.ReachesAsync("z/r", "x/a", 80), true);
        using var old = lab.Packets.UdpClient(lab.Namespace("y/a"));
        Assert.StartsWith("z/r", await PacketLab.AskUdpAsync(old, $"{address}", 80, PacketLab.Patience), StringComparison.Ordinal);

        lab.Api.Delete<Pod>("z", "r");
        await UntilAsync(() => lab.ReachesAsync("z/r", "x/a", 80), false);
        Assert.Equal("Nothing", await PacketLab.AskUdpAsync(old, $"{address}", 80));

        lab.Api.Put(PolicySamples.Policy("z", "deny", "{'podSelector': {'matchLabels': {'role': 'stranger'}}}"));
        await lab.Component.AdmitAsync(lab.PodObject("z/r", $"{address}", "second", new() { ["role"] = "stranger" }), address, Ct);
        Assert.False(await lab.ReachesAsync("z/r", "x/a", 80));
        Assert.Equal("Nothing", await PacketLab.AskUdpAsync(old, $"{address}", 80));
        lab.Api.Delete<NetworkPolicy>("x", "web");
        lab.Api.Delete<NetworkPolicy>("z", "deny");
    }

    [Fact]
    public async Task Dns_IsReachedUnderDenyAll_OnlyWhereARuleNamesItsPods()
    {
        Skip();
        lab.Packets.ServeUdp(lab.Packets.Node, "dns", 53);
        lab.Api.Put(new Namespace { Metadata = new() { Name = "kube-system", Labels = new() { ["kubernetes.io/metadata.name"] = "kube-system" } } });
        using var client = lab.Packets.UdpClient(lab.Namespace("x/a"));
        async Task<bool> AskAsync()
        {
            using var fresh = lab.Packets.UdpClient(lab.Namespace("x/a"));
            return await PacketLab.AskUdpAsync(fresh, "10.209.0.10", 53) != "Nothing";
        }

        await UntilAsync(AskAsync, true);
        lab.Api.Put(PolicySamples.Policy("x", "deny", DenyEgress));
        await UntilAsync(AskAsync, false);
        lab.Api.Put(PolicySamples.Policy("x", "dns", "{'podSelector': {}, 'policyTypes': ['Egress'], 'egress': [{'to': [{'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': 'kube-system'}}, 'podSelector': {'matchLabels': {'k8s-app': 'kube-dns'}}}], 'ports': [{'port': 53, 'protocol': 'UDP'}]}]}"));
        await UntilAsync(AskAsync, true);
        Assert.False(await lab.ReachesAsync("x/a", "y/a", 80));
        lab.Api.Delete<NetworkPolicy>("x", "deny");
        lab.Api.Delete<NetworkPolicy>("x", "dns");
    }

    [Fact]
    public async Task Labels_ThatChange_MovePodsAndNamespacesIntoAndOutOfRules()
    {
        Skip();
        lab.Api.Put(PolicySamples.Policy("x", "some", "{'podSelector': {'matchLabels': {'guard': 'yes'}}, 'ingress': [{'from': [{'namespaceSelector': {'matchLabels': {'trusted': 'yes'}}}]}]}"));
        lab.Api.Put(lab.PodObject("x/b", labels: new() { ["pod"] = "b", ["guard"] = "yes" }));
        await UntilAsync(() => lab.ReachesAsync("y/a", "x/b", 80), false);
        lab.Api.Put(Namespace("y", new() { ["ns"] = "y", ["trusted"] = "yes" }));
        await UntilAsync(() => lab.ReachesAsync("y/a", "x/b", 80), true);
        Assert.False(await lab.ReachesAsync("z/a", "x/b", 80));
        lab.Api.Put(Namespace("y", new() { ["ns"] = "y" }));
        await UntilAsync(() => lab.ReachesAsync("y/a", "x/b", 80), false);
        lab.Api.Put(lab.PodObject("x/b"));
        await UntilAsync(() => lab.ReachesAsync("y/a", "x/b", 80), true);
        lab.Api.Delete<NetworkPolicy>("x", "some");
    }

    [Fact]
    public async Task Sender_ThatIsForged_IsDropped_WhetherAddressOrNeighbour()
    {
        Skip();
        var ns = lab.Namespace("x/a");
        var inside = lab.Packets.In(ns);

        // Another pod's address, and one of the world outside, as a second address of the pod itself.
        foreach (var forged in new[] { lab.Address("y/a"), "192.0.2.7" })
        {
            await inside.RunAsync("ip", ["address", "add", $"{forged}/32", "dev", "lo"], null, Ct);
            Assert.Equal("Nothing", await lab.Packets.AskTcpAsync(ns, lab.Address("z/a"), 80, IPAddress.Parse(forged), PacketLab.Brief));
            Assert.Equal("Nothing", await lab.Packets.AskTcpAsync(ns, PacketLab.NodeOutside, 80, IPAddress.Parse(forged), PacketLab.Brief));
            await inside.RunAsync("ip", ["address", "delete", $"{forged}/32", "dev", "lo"], null, Ct);
        }

        // Each pod is alone on its wire: another sender's hardware address changes nothing about who it is.
        await inside.RunAsync("ip", ["link", "set", "dev", "eth0", "address", "02:00:00:00:00:01"], null, Ct);
        Assert.DoesNotContain(lab.Address("y/a"), await lab.Packets.AskTcpAsync(ns, lab.Address("z/a"), 80), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sctp_IsLetThrough_ByThePortsOfAPolicyAlone()
    {
        Skip();
        using var stop = new CancellationTokenSource();
        SctpPackets.Serve(lab.Namespace("x/b"), "b", stop.Token);
        lab.Api.Put(PolicySamples.Policy("x", "sctp", "{'podSelector': {'matchLabels': {'pod': 'b'}}, 'ingress': [{'ports': [{'port': 3868, 'protocol': 'SCTP'}, {'port': 4000, 'endPort': 4002, 'protocol': 'SCTP'}]}]}"));
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/b", 80), false);
        string[] answers =
        [
            await SctpPackets.AskAsync(lab.Namespace("z/a"), lab.Address("x/b"), 3868),
            await SctpPackets.AskAsync(lab.Namespace("z/a"), lab.Address("x/b"), 4001),
            await SctpPackets.AskAsync(lab.Namespace("z/a"), lab.Address("x/b"), 80),
        ];
        Assert.Equal(["b 3868", "b 4001", "Nothing"], answers);
        lab.Api.Delete<NetworkPolicy>("x", "sctp");
        await UntilAsync(() => lab.ReachesAsync("z/a", "x/b", 80), true);
        await stop.CancelAsync();
    }

    private static Namespace Namespace(string name, Dictionary<string, string> labels) => new() { Metadata = new() { Name = name, Labels = labels } };

    private static void Skip() => Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");

    private static async Task UntilAsync(Func<Task<bool>> ask, bool expected)
    {
        // An answer that is only late looks like none, so silence is believed when it lasts.
        for (var start = Stopwatch.GetTimestamp(); await ask() != expected || (!expected && await ask());)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < PacketLab.Patience, $"still {!expected}");
            await Task.Delay(25, Ct);
        }
    }

    private async Task UntilKnownAsync(string address, bool isKnown)
    {
        async Task<bool> IsKnownAsync() => (await lab.Packets.OnNode.RunAsync("nft", ["list", "set", "ip", "lab-policies", "known"], null, Ct)).Contains(address, StringComparison.Ordinal);
        for (var i = 0; i < 200 && await IsKnownAsync() != isKnown; i++)
        {
            await Task.Delay(25, Ct);
        }

        Assert.Equal(isKnown, await IsKnownAsync());
    }

    private async Task<int> CountPassedAsync(string from, string to, CancellationToken stop)
    {
        var passed = 0;
        using var client = lab.Packets.UdpClient(lab.Namespace(from));
        while (!stop.IsCancellationRequested)
        {
            // A flow of its own each time, many times over: a gap is short.
            using var fresh = lab.Packets.UdpClient(lab.Namespace(from));
            await fresh.SendToAsync(Encoding.ASCII.GetBytes("?"), SocketFlags.None, new IPEndPoint(IPAddress.Parse(lab.Address(to)), 80), Ct);
            await Task.Delay(1, Ct);
            passed += fresh.Available > 0 ? 1 : 0;
        }

        return passed;
    }

    private async Task<int> CountLostAsync(string from, string to, CancellationToken stop)
    {
        var lost = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await lab.Packets.AskTcpAsync(lab.Namespace(from), lab.Address(to), 80);
            lost += answer.StartsWith(to, StringComparison.Ordinal) ? 0 : 1;
        }

        return lost;
    }
}
