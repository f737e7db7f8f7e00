using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.Network.Nft;
using Sealos.Network.PodNetwork;
using Sealos.Network_Tests.Nft;
using Xunit;

namespace Sealos.Network_Tests.PodNetwork;

[Trait("Needs", "root")]
public sealed class PodNetworkPacketTests : IAsyncLifetime
{
    private readonly PacketLab _lab = new();

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        await _lab.InitializeAsync();
        await _lab.AddPodAsync("a");
        await _lab.AddPodAsync("b");
        _lab.ServeTcp(_lab.PodNamespace("b"), "b", 8080);
        _lab.ServeTcp(_lab.Node, "node", 9090);
        _lab.ServeTcp(_lab.Neighbour, "outside", 8080);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Pods_ReachEachOtherTheNodeAndOutside_WithTheRightSender()
    {
        var a = _lab.PodNamespace("a");
        Assert.Equal($"b {_lab.Pods["a"]}", await _lab.AskTcpAsync(a, $"{_lab.Pods["b"]}", 8080));
        Assert.Equal($"b {_lab.Options.NodeAddress}", await _lab.AskTcpAsync(_lab.Node, $"{_lab.Pods["b"]}", 8080));
        Assert.Equal($"node {_lab.Pods["a"]}", await _lab.AskTcpAsync(a, $"{_lab.Options.NodeAddress}", 9090));
        Assert.Equal($"outside {PacketLab.NodeOutside}", await _lab.AskTcpAsync(a, PacketLab.Outside, 8080));
    }

    [Theory]
    [InlineData("10.208.0.3")]
    [InlineData("10.208.77.7")]
    [InlineData("192.168.5.77")]
    public async Task Pod_WithAnAddressThatIsNotIts_ReachesNobody(string forged)
    {
        var a = _lab.PodNamespace("a");
        await _lab.In(a).RunAsync("ip", ["address", "add", $"{forged}/32", "dev", "eth0"], null, TestContext.Current.CancellationToken);

        // The packets themselves are what counts, not whether an answer finds its way back.
        await CountAsync("ip saddr " + forged);
        await _lab.AskTcpAsync(a, $"{_lab.Options.NodeAddress}", 9090, IPAddress.Parse(forged));
        await _lab.AskTcpAsync(a, PacketLab.Outside, 8080, IPAddress.Parse(forged));
        Assert.Equal("0", await CountedAsync());
    }

    [Fact]
    public async Task Neighbour_WithARouteToPods_ReachesNone()
    {
        await _lab.In(_lab.Neighbour).RunAsync("ip", ["route", "add", "10.208.0.0/15", "via", PacketLab.NodeOutside], null, TestContext.Current.CancellationToken);
        Assert.Equal("Nothing", await _lab.AskTcpAsync(_lab.Neighbour, $"{_lab.Pods["b"]}", 8080, patience: PacketLab.Brief));
        Assert.Equal("Nothing", await _lab.AskTcpAsync(_lab.Neighbour, $"{_lab.Options.NodeAddress}", 9090, patience: PacketLab.Brief));
        Assert.Equal("node 192.168.5.2", await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 9090));
    }

    [Fact]
    public async Task Pod_ReachesNoListenerOfTheNode_ByIPv6()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this kernel has no IPv6");
        var ct = TestContext.Current.CancellationToken;
        using var listener = Netns.Run(_lab.Node, () =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 9091));
            socket.Listen();
            return socket;
        });
        Assert.Equal("TimedOut", await ConnectAsync());

        // Without the table it would be reached: the test's own proof that it tries the right thing.
        await _lab.OnNode.RunAsync("nft", ["delete", "table", "ip6", "lab-pods"], null, ct);
        Assert.Equal("Connected", await ConnectAsync());

        async Task<string> ConnectAsync()
        {
            var links = JsonNode.Parse(await _lab.OnNode.RunAsync("ip", ["-j", "-6", "address"], null, ct))!.AsArray();
            var veth = links.First(l => ((string?)l?["ifname"])?.StartsWith("veth", StringComparison.Ordinal) == true);
            var address = IPAddress.Parse((string)veth!["addr_info"]![0]!["local"]!);
            using var client = Netns.Run(_lab.PodNamespace("a"), () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                // Device 2 in the pod is its eth0.
                await client.ConnectAsync(new IPEndPoint(new IPAddress(address.GetAddressBytes(), 2), 9091), limit.Token);
                return "Connected";
            }
            catch (OperationCanceledException)
            {
                return "TimedOut";
            }
        }
    }

    [Fact]
    public async Task Pod_WithAnIPv6AddressOfItsOwnMaking_SendsNothingThroughTheNode()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this kernel has no IPv6");
        var ct = TestContext.Current.CancellationToken;
        const string Forged = "2001:db8:9::7", There = "2001:db8:5::2";
        await _lab.OnNode.RunAsync("sh", ["-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"], null, ct);
        await _lab.OnNode.RunAsync("ip", ["address", "add", "2001:db8:5::1/64", "dev", "out0", "nodad"], null, ct);
        var veth = await _lab.OnNode.RunAsync("ip", ["-j", "route", "get", $"{_lab.Pods["a"]}"], null, ct);
        var device = (string)JsonNode.Parse(veth)!.AsArray()[0]!["dev"]!;
        await _lab.OnNode.RunAsync("ip", ["address", "add", "fe80::99/64", "dev", device, "nodad"], null, ct);
        await _lab.In(_lab.PodNamespace("a")).RunAsync("ip", ["-6", "-batch", "-"], $"address add {Forged}/128 dev eth0 nodad\nroute add default via fe80::99 dev eth0\n", ct);
        await new NftRunner(_lab.OnNode).ApplyAsync(
            $$"""
            table ip6 probe {
              counter seen { }
              chain forward { type filter hook forward priority -300; ip6 daddr {{There}} counter name seen; }
            }
            """,
            ct);

        Assert.Equal("0", await SendAsync());

        // Without the table it would be forwarded: the test's own proof that it tries the right thing.
        await _lab.OnNode.RunAsync("nft", ["delete", "table", "ip6", "lab-pods"], null, ct);
        var deadline = TimeProvider.System.GetTimestamp();
        while (await SendAsync() == "0")
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < PacketLab.Patience, "nothing was forwarded without the table either");
        }

        async Task<string> SendAsync()
        {
            using var socket = Netns.Run(_lab.PodNamespace("a"), () => new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp));
            socket.Bind(new IPEndPoint(IPAddress.Parse(Forged), 0));
            for (var i = 0; i < 5; i++)
            {
                await socket.SendToAsync(new byte[] { 1 }, new IPEndPoint(IPAddress.Parse(There), 4000), ct);
                await Task.Delay(50, ct);
            }

            var listing = await _lab.OnNode.RunAsync("nft", ["list", "counter", "ip6", "probe", "seen"], null, ct);
            return listing.Split("packets ")[1].Split(' ')[0];
        }
    }

    [Fact]
    public async Task AddressNoPodHolds_IsRefused_AndDoesNotLeaveTheNode()
    {
        await CountAsync("ip daddr 10.208.99.99 oifname out0");
        Assert.Equal("HostUnreachable", await _lab.AskTcpAsync(_lab.Node, "10.208.99.99", 80));
        Assert.Equal("0", await CountedAsync());
    }

    [Fact]
    public async Task Tables_FlushedByOthers_AreLaidAgainByTheNextStart()
    {
        var ct = TestContext.Current.CancellationToken;
        await _lab.OnNode.RunAsync("nft", ["flush", "ruleset"], null, ct);
        await _lab.Network.StartAsync(ct);
        Assert.Equal($"outside {PacketLab.NodeOutside}", await _lab.AskTcpAsync(_lab.PodNamespace("a"), PacketLab.Outside, 8080));
    }

    [Fact]
    public async Task Remove_LeavesNoTrace()
    {
        var ct = TestContext.Current.CancellationToken;
        await PodNetworkComponent.RemoveAsync(_lab.Options, _lab.OnNode, ct);
        Assert.Equal("", await _lab.OnNode.RunAsync("nft", ["list", "ruleset"], null, ct));
        Assert.DoesNotContain("lab-", await _lab.OnNode.RunAsync("ip", ["link"], null, ct), StringComparison.Ordinal);
        Assert.DoesNotContain("unreachable", await _lab.OnNode.RunAsync("ip", ["route"], null, ct), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_lab.Options.CniConfigFolder));

        await PodNetworkComponent.RemoveAsync(_lab.Options, _lab.OnNode, ct);
    }

    // Counts packets where they are forwarded or delivered, after everything that may drop them.
    private Task CountAsync(string match) => new NftRunner(_lab.OnNode).ApplyAsync(
        $$"""
        table ip probe {
          counter seen { }
          chain in { type filter hook input priority 100; {{(match.Contains("oifname", StringComparison.Ordinal) ? "" : $"{match} counter name seen")}}; }
          chain forward { type filter hook forward priority 100; {{match}} counter name seen; }
          chain out { type filter hook postrouting priority 300; {{match}} counter name seen; }
        }
        """,
        TestContext.Current.CancellationToken);

    private async Task<string> CountedAsync()
    {
        var listing = await _lab.OnNode.RunAsync("nft", ["list", "counter", "ip", "probe", "seen"], null, TestContext.Current.CancellationToken);
        return listing.Split("packets ")[1].Split(' ')[0];
    }
}
