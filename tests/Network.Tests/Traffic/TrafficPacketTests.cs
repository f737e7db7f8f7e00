using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sealos.Network.Nft;
using Sealos.Network.Traffic;
using Sealos.Network_Tests.Nft;
using Sealos.Network_Tests.Policies;
using Xunit;

namespace Sealos.Network_Tests.Traffic;

/// <summary>Counters against what the pods' own interfaces say.</summary>
[Trait("Needs", "root")]
public sealed class TrafficPacketTests(PolicyLab lab) : IClassFixture<PolicyLab>
{
    private const int EthernetHeader = 14;
    private const int Size = 1000;
    private const int Headers = 28;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_AreCountedOnBothSides_InsideAndOutside()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        var before = await ReadAsync();
        await SendAsync("x/a", lab.Address("y/a"), 500);
        await SendAsync("x/a", PacketLab.Outside, 300);
        await SendAsync("x/a", PacketLab.NodeOutside, 200);
        var x = Less(await ReadAsync(), before, "x/a");
        await SendAsync("node", lab.Address("x/a"), 100);
        var y = Less(await ReadAsync(), before, "y/a");

        Assert.Equal(700UL * (Size + Headers), x.SentInside);
        Assert.Equal(300UL * (Size + Headers), x.SentOutside);
        Assert.Equal(100UL * (Size + Headers), Less(await ReadAsync(), before, "x/a").GotInside - x.GotInside);

        // Nobody listens there, and the world outside says so.
        Assert.True(x.GotOutside < x.SentOutside);
        Assert.Equal(500UL * (Size + Headers), y.GotInside);
    }

    [Fact]
    public async Task Bytes_OfAConnection_AreThoseOfThePodsInterface()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        var (before, interfaceBefore) = await QuietAsync("z/a");
        for (var i = 0; i < 200; i++)
        {
            Assert.NotEqual("Nothing", await lab.Packets.AskTcpAsync(lab.Namespace("z/a"), lab.Address("y/b"), 80));
        }

        // The last packets of a connection follow after its answer. One that a busy machine sends again once the connection is closed belongs
        // to none, and is dropped before it is counted.
        var (after, interfaceAfter) = await QuietAsync("z/a");
        var real = interfaceAfter - interfaceBefore;
        Assert.InRange((double)Less(after, before, "z/a").SentInside, real * 0.99, real * 1.001);
    }

    [Fact]
    public async Task Counters_GoOnThroughARestart_AndStartAnewForTheNextPod()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        await SendAsync("x/b", lab.Address("y/a"), 50);
        var before = (await ReadAsync()).Pods["x/b"];
        await lab.StopAsync();
        await SendAsync("x/b", lab.Address("y/a"), 50);
        await lab.StartAsync();
        var after = await ReadAsync();
        Assert.Equal(before.SentInside + (50UL * (Size + Headers)), after.Pods["x/b"].SentInside);
        Assert.True(after.Namespaces["x"].SentInside >= after.Pods["x/b"].SentInside);

        // Another pod at the same address.
        await lab.Component.AdmitAsync(lab.PodObject("x/b", uid: "next"), IPAddress.Parse(lab.Address("x/b")), Ct);
        lab.Api.Put(lab.PodObject("x/b", uid: "next"));
        await SendAsync("x/b", lab.Address("y/a"), 10);
        var next = await ReadAsync();
        Assert.Equal(10UL * (Size + Headers), next.Pods["next"].SentInside);
        Assert.DoesNotContain("x/b", next.Pods.Keys);
    }

    [Fact]
    public async Task Table_ThatSomebodyFlushed_IsFilledFromWhatWasLastRead()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        await SendAsync("y/b", lab.Address("y/a"), 20);
        var before = (await ReadAsync()).Pods["y/b"];
        await lab.Packets.OnNode.RunAsync("nft", ["delete", "table", "ip", "lab-traffic"], null, Ct);
        for (var i = 0; i < 100 && !(await lab.Packets.OnNode.RunAsync("nft", ["list", "tables"], null, Ct)).Contains("lab-traffic", StringComparison.Ordinal); i++)
        {
            Assert.Equal(before.SentInside, (await ReadAsync()).Pods["y/b"].SentInside);
            await Task.Delay(50, Ct);
        }

        await SendAsync("y/b", lab.Address("y/a"), 1);
        Assert.Equal(before.SentInside + Size + Headers, (await ReadAsync()).Pods["y/b"].SentInside);
    }

    // Both as they are once nothing of an earlier connection is on its way any more.
    private async Task<(TrafficReport Counted, double Interface)> QuietAsync(string pod)
    {
        var start = Stopwatch.GetTimestamp();
        for (var last = (Counted: 0UL, Interface: -1.0); ;)
        {
            var report = await ReadAsync();
            var now = (Counted: report.Pods[pod].SentInside, Interface: await InterfaceAsync(pod));
            if (now == last || Stopwatch.GetElapsedTime(start) > PacketLab.Patience)
            {
                return (report, now.Interface);
            }

            last = now;
            await Task.Delay(100, Ct);
        }
    }

    private async Task<TrafficReport> ReadAsync() => await lab.Component.ReadTrafficAsync(Ct);

    private static PodTraffic Less(TrafficReport after, TrafficReport before, string pod)
    {
        var (a, b) = (after.Pods[pod], before.Pods[pod]);
        return new PodTraffic(a.SentInside - b.SentInside, a.SentOutside - b.SentOutside, a.GotInside - b.GotInside, a.GotOutside - b.GotOutside);
    }

    // To a port on which nobody answers with data.
    private async Task SendAsync(string from, string address, int count)
    {
        using var client = lab.Packets.UdpClient(lab.Namespace(from));
        var payload = new byte[Size];
        for (var i = 0; i < count; i++)
        {
            await client.SendToAsync(payload, SocketFlags.None, new IPEndPoint(IPAddress.Parse(address), 9), Ct);
        }
    }

    private async Task<double> InterfaceAsync(string pod)
    {
        var inside = lab.Packets.In(lab.Namespace(pod));
        var bytes = await ReadAsync(inside, "tx_bytes");
        return bytes - (EthernetHeader * await ReadAsync(inside, "tx_packets"));
    }

    private static async Task<double> ReadAsync(HostCommands inside, string counter) =>
        double.Parse(await inside.RunAsync("cat", [$"/sys/class/net/eth0/statistics/{counter}"], null, Ct), CultureInfo.InvariantCulture);
}
