using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Network.Nft;
using Sealos.Network.Services;
using Sealos.Network_Tests.Nft;
using Xunit;
using DiscoveryPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.Network_Tests.Services;

/// <summary>Real packets through the table the proxy keeps, fed by a real watch.</summary>
[Trait("Needs", "root")]
public sealed class ServiceProxyPacketTests : IAsyncLifetime
{
    private const string Address = "10.209.1.1";

    private readonly PacketLab _lab = new();
    private FakeKubeApi _api = null!;
    private InformerFactory _informers = null!;
    private EventRecorder _events = null!;
    private ServiceProxyComponent _proxy = null!;

    private string PodA => $"{_lab.Pods["a"]}";

    private string PodB => $"{_lab.Pods["b"]}";

    private string FromC => _lab.PodNamespace("c");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        await _lab.InitializeAsync();
        foreach (var pod in new[] { "a", "b", "c" })
        {
            await _lab.AddPodAsync(pod);
            _lab.ServeTcp(_lab.PodNamespace(pod), pod, 8080);
            _lab.ServeUdp(_lab.PodNamespace(pod), pod, 8080);
        }

        _lab.ServeTcp(_lab.Neighbour, "outside", 8080);
        _api = await FakeKubeApi.StartAsync();
        await StartProxyAsync(false);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_api is not null)
            {
                await StopProxyAsync();
                await _api.DisposeAsync();
            }
        }
        finally
        {
            await _lab.DisposeAsync();
        }
    }

    [Fact]
    public async Task Service_WithTwoPods_IsSharedByThem_FromPodNodeAndItself()
    {
        await ServeAsync(Samples.Service("web", Address), Samples.Slice("web", 8080, PodA, PodB));

        Assert.Equal([$"a {_lab.Pods["c"]}", $"b {_lab.Pods["c"]}"], await AskManyAsync(FromC, Address, 80));
        Assert.Equal([$"a {_lab.Options.NodeAddress}", $"b {_lab.Options.NodeAddress}"], await AskManyAsync(_lab.Node, Address, 80));

        // A pod that reaches itself sees the node as the sender; its own address would never leave it.
        Assert.Equal([$"a {_lab.Options.NodeAddress}", $"b {PodA}"], await AskManyAsync(_lab.PodNamespace("a"), Address, 80));
    }

    [Fact]
    public async Task Endpoints_ThatComeAndGo_AreFollowedWithinASecond()
    {
        await ServeAsync(Samples.Service("web", Address), Samples.Slice("web", 8080, PodA));
        await UntilAsync(() => _lab.AskTcpAsync(FromC, Address, 80), $"a {_lab.Pods["c"]}");

        _api.Put(Samples.Slice("web", 8080, PodB));
        await UntilAsync(() => _lab.AskTcpAsync(FromC, Address, 80), $"b {_lab.Pods["c"]}");

        _api.Put(Samples.Slice("web", 8080));
        await UntilAsync(() => _lab.AskTcpAsync(FromC, Address, 80), "ConnectionRefused");
        Assert.Equal("ConnectionRefused", await _lab.AskTcpAsync(_lab.Node, Address, 80));

        _api.Put(Samples.Slice("web", 8080, PodA, PodB));
        await UntilAsync(async () => string.Join(',', await AskManyAsync(FromC, Address, 80)), $"a {_lab.Pods["c"]},b {_lab.Pods["c"]}");

        _api.Delete<Service>("shop", "web");
        await UntilAsync(() => _lab.AskTcpAsync(FromC, Address, 80, patience: PacketLab.Brief), "Nothing");
    }

    [Fact]
    public async Task Ports_OfOneNumberOrSeveral_GoToTheirOwnTargets()
    {
        var service = Samples.Service("dual", Address, Samples.Tcp(53, "stream"), Samples.Udp(53, "packet"), Samples.Tcp(9000, "other"));
        List<DiscoveryPort> ports =
        [
            new() { Name = "stream", Protocol = "TCP", Port = 8080 }, new() { Name = "packet", Protocol = "UDP", Port = 8080 }, new() { Name = "other", Protocol = "TCP", Port = 8081 },
        ];
        _lab.ServeTcp(_lab.PodNamespace("a"), "a-other", 8081);
        await ServeAsync(service, Samples.Slice("dual", ports, [Samples.Ready(PodA)]));

        using var client = _lab.UdpClient(FromC);
        Assert.Equal($"a {_lab.Pods["c"]}", await _lab.AskTcpAsync(FromC, Address, 53));
        Assert.Equal($"a {_lab.Pods["c"]}", await PacketLab.AskUdpAsync(client, Address, 53, PacketLab.Patience));
        Assert.Equal($"a-other {_lab.Pods["c"]}", await _lab.AskTcpAsync(FromC, Address, 9000));

        // A port the service does not have is refused, an address no service has answers nothing.
        Assert.Equal("ConnectionRefused", await _lab.AskTcpAsync(FromC, Address, 81));
        Assert.Equal("Nothing", await _lab.AskTcpAsync(FromC, "10.209.9.9", 80, patience: PacketLab.Brief));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task NodePort_FromOutsidePodAndNode_ReachesThePods(int pods)
    {
        var service = Samples.Service("door", Address, Samples.Tcp(80, nodePort: 30080));
        service.Spec!.Type = "NodePort";
        await ServeAsync(service, Samples.Slice("door", 8080, pods == 1 ? [PodA] : [PodA, PodB]));

        string[] Names(string sender) => pods == 1 ? [$"a {sender}"] : [$"a {sender}", $"b {sender}"];
        Assert.Equal(Names(PacketLab.Outside), await AskManyAsync(_lab.Neighbour, PacketLab.NodeOutside, 30080));
        Assert.Equal(Names($"{_lab.Pods["c"]}"), await AskManyAsync(FromC, PacketLab.NodeOutside, 30080));
        Assert.Equal(Names(PacketLab.NodeOutside), await AskManyAsync(_lab.Node, PacketLab.NodeOutside, 30080));

        _api.Put(Samples.Slice("door", 8080));
        await UntilAsync(() => _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30080), "ConnectionRefused");
    }

    [Fact]
    public async Task Affinity_KeepsAClient_WhileOtherEndpointsComeAndGo()
    {
        var service = Samples.Service("sticky", Address);
        service.Spec!.SessionAffinity = "ClientIP";
        service.Spec.SessionAffinityConfig = new SessionAffinityConfig { ClientIP = new ClientIPConfig { TimeoutSeconds = 60 } };
        await ServeAsync(service, Samples.Slice("sticky", 8080, PodA, PodB));

        var first = Assert.Single(await AskManyAsync(FromC, Address, 80));
        var (kept, gone) = first[0] == 'a' ? (PodA, PodB) : (PodB, PodA);
        _api.Put(Samples.Slice("sticky", 8080, kept, $"{_lab.Pods["c"]}"));
        await UntilGoneAsync(gone);
        Assert.Equal([first], await AskManyAsync(FromC, Address, 80));

        _api.Put(Samples.Slice("sticky", 8080, gone));
        await UntilGoneAsync(kept);
        Assert.NotEqual(first, Assert.Single(await AskManyAsync(FromC, Address, 80)));
    }

    [Fact]
    public async Task Affinity_OutlivesARestart()
    {
        var ct = TestContext.Current.CancellationToken;
        var service = Samples.Service("sticky", Address, Samples.Tcp(80, nodePort: 30082));
        service.Spec!.SessionAffinity = "ClientIP";
        await ServeAsync(service, Samples.Slice("sticky", 8080, PodA, PodB));
        var before = new List<string>();
        var after = new List<string>();
        for (var i = 10; i < 22; i++)
        {
            await _lab.In(_lab.Neighbour).RunAsync("ip", ["address", "add", $"192.168.5.{i}/24", "dev", "eth0"], null, ct);
            before.Add(await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30082, IPAddress.Parse($"192.168.5.{i}")));
        }

        await StopProxyAsync();
        await StartProxyAsync(false);
        for (var i = 10; i < 22; i++)
        {
            after.Add(await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30082, IPAddress.Parse($"192.168.5.{i}")));
        }

        Assert.Equal(before, after);
        Assert.Equal(2, before.Select(a => a[0]).Distinct().Count());
    }

    [Fact]
    public async Task Affinity_GivesEachEndpointAShareOfNewClients_ByNodePortToo()
    {
        var ct = TestContext.Current.CancellationToken;
        var service = Samples.Service("sticky", Address, Samples.Tcp(80, nodePort: 30082));
        service.Spec!.SessionAffinity = "ClientIP";
        await ServeAsync(service, Samples.Slice("sticky", 8080, PodA, PodB));
        var served = new HashSet<char>();
        for (var i = 10; i < 30; i++)
        {
            var client = $"192.168.5.{i}";
            await _lab.In(_lab.Neighbour).RunAsync("ip", ["address", "add", $"{client}/24", "dev", "eth0"], null, ct);
            var first = await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30082, IPAddress.Parse(client));
            Assert.EndsWith(client, first, StringComparison.Ordinal);
            Assert.Equal(first, await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30082, IPAddress.Parse(client)));
            served.Add(first[0]);
        }

        Assert.Equal(['a', 'b'], served.Order());
    }

    [Fact]
    public async Task EndpointOutsideTheCluster_IsReached_AndAnswersToTheNode()
    {
        var service = Samples.Service("far", Address, Samples.Tcp(80, nodePort: 30081));
        await ServeAsync(service, Samples.Slice("far", 8080, PacketLab.Outside));
        Assert.Equal($"outside {PacketLab.NodeOutside}", await _lab.AskTcpAsync(FromC, Address, 80));
        Assert.Equal($"outside {PacketLab.NodeOutside}", await _lab.AskTcpAsync(_lab.Node, Address, 80));
        Assert.Equal($"outside {PacketLab.NodeOutside}", await _lab.AskTcpAsync(_lab.Neighbour, PacketLab.NodeOutside, 30081));
    }

    [Fact]
    public async Task ExternalIP_IsCarriedOnlyWhereAllowed()
    {
        var service = Samples.Service("given", Address);
        service.Spec!.ExternalIPs = ["203.0.113.5"];
        await ServeAsync(service, Samples.Slice("given", 8080, PodA));
        Assert.NotEqual($"a {_lab.Pods["c"]}", await _lab.AskTcpAsync(FromC, "203.0.113.5", 80));

        await StopProxyAsync();
        await StartProxyAsync(allowExternalIPs: true);
        Assert.Equal($"a {_lab.Pods["c"]}", await _lab.AskTcpAsync(FromC, "203.0.113.5", 80));
    }

    [Fact]
    public async Task Sctp_ReachesThePods_ByServiceNodePortAndHostPort()
    {
        using var stop = new CancellationTokenSource();
        SctpPackets.Serve(_lab.PodNamespace("a"), "a", stop.Token);
        SctpPackets.Serve(_lab.PodNamespace("b"), "b", stop.Token);
        Assert.Equal("a 3868", await SctpPackets.AskAsync(FromC, PodA, 3868));

        var service = Samples.Service("sctp", Address, new ServicePort { Protocol = "SCTP", Port = 80, NodePort = 30080 });
        List<DiscoveryPort> ports = [new() { Name = "", Protocol = "SCTP", Port = 3868 }];
        await ServeAsync(service, Samples.Slice("sctp", ports, [Samples.Ready(PodA), Samples.Ready(PodB)]));
        Assert.Equal("a 80, b 80", await AnswersAsync());
        _api.Put(Samples.Slice("sctp", ports, [Samples.Ready(PodB)]));
        await UntilAsync(AnswersAsync, "b 80");
        Assert.Equal("b 30080", await SctpPackets.AskAsync(_lab.Neighbour, PacketLab.NodeOutside, 30080));

        // The same number of another protocol is another port.
        Assert.Equal("ConnectionRefused", await _lab.AskTcpAsync(FromC, Address, 80));
        _api.Put(Samples.HostPort("a", PodA, 3868, 38412, "SCTP"));
        await UntilAsync(() => SctpPackets.AskAsync(_lab.Neighbour, PacketLab.NodeOutside, 38412), "a 38412");
        await stop.CancelAsync();

        // One answer may be either pod's by chance.
        async Task<string> AnswersAsync()
        {
            var seen = new SortedSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < 16; i++)
            {
                seen.Add(await SctpPackets.AskAsync(FromC, Address, 80));
            }

            return string.Join(", ", seen);
        }
    }

    [Fact]
    public async Task UdpFlow_MovesToTheNextPod_WhenItsOwnGoes()
    {
        Assert.SkipUnless(HostCommands.Has("conntrack"), "needs the conntrack tool");
        List<DiscoveryPort> ports = [new() { Name = "", Protocol = "UDP", Port = 8080 }];
        await ServeAsync(Samples.Service("flow", Address, Samples.Udp(80)), Samples.Slice("flow", ports, []));
        using var client = _lab.UdpClient(FromC);
        Assert.NotEqual($"a {_lab.Pods["c"]}", await PacketLab.AskUdpAsync(client, Address, 80));

        _api.Put(Samples.Slice("flow", ports, [Samples.Ready(PodA)]));
        await UntilAsync(() => PacketLab.AskUdpAsync(client, Address, 80), $"a {_lab.Pods["c"]}");

        _api.Put(Samples.Slice("flow", ports, [Samples.Ready(PodB)]));
        await UntilAsync(() => PacketLab.AskUdpAsync(client, Address, 80), $"b {_lab.Pods["c"]}");
    }

    [Fact]
    public async Task Restart_TakesOver_WithoutLosingAConnection_AndForgetsWhatWentMeanwhile()
    {
        await ServeAsync(Samples.Service("web", Address), Samples.Slice("web", 8080, PodA, PodB));
        _api.Put(Samples.Service("old", "10.209.1.2"));
        _api.Put(Samples.Slice("old", 8080, PodA));
        await UntilAsync(() => _lab.AskTcpAsync(FromC, "10.209.1.2", 80), $"a {_lab.Pods["c"]}");

        await StopProxyAsync();
        Assert.Equal(2, (await AskManyAsync(FromC, Address, 80)).Length);

        _api.Delete<Service>("shop", "old");
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(
            async () =>
            {
                var failures = new List<string>();
                while (!stop.IsCancellationRequested)
                {
                    var answer = await _lab.AskTcpAsync(FromC, Address, 80);
                    if (!answer.EndsWith($"{_lab.Pods["c"]}", StringComparison.Ordinal))
                    {
                        failures.Add(answer);
                    }
                }

                return failures;
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await StartProxyAsync(false);
            await StopProxyAsync();
        }

        await StartProxyAsync(false);
        await stop.CancelAsync();
        Assert.Empty(await asking);
        Assert.Equal("Nothing", await _lab.AskTcpAsync(FromC, "10.209.1.2", 80, patience: PacketLab.Brief));
    }

    [Fact]
    public async Task Churn_LeavesNothingBehindInTheTable()
    {
        var ct = TestContext.Current.CancellationToken;
        await UntilAsync(async () => (await ListTableAsync()).Contains("table ip lab-services", StringComparison.Ordinal) ? "there" : "", "there");
        var empty = await ListTableAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 1; i <= 20; i++)
            {
                var service = Samples.Service($"s{i}", $"10.209.2.{i}", Samples.Tcp(80, nodePort: 31000 + i));
                service.Spec!.SessionAffinity = i % 3 == 0 ? "ClientIP" : "None";
                _api.Put(service);
                _api.Put(Samples.Slice($"s{i}", 8080, i % 2 == 0 ? [PodA, PodB] : [PodA]));
            }

            await UntilAsync(() => _lab.AskTcpAsync(FromC, "10.209.2.19", 80), $"a {_lab.Pods["c"]}");
            for (var i = 1; i <= 20; i++)
            {
                _api.Delete<Service>("shop", $"s{i}");
                _api.Delete<EndpointSlice>("shop", $"s{i}-x1");
            }

            await UntilAsync(() => _lab.AskTcpAsync(FromC, "10.209.2.19", 80, patience: PacketLab.Brief), "Nothing");
        }

        await UntilAsync(ListTableAsync, empty);
        Assert.DoesNotContain("svc-", await ListTableAsync(), StringComparison.Ordinal);
        ct.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task Change_AmongFiveThousandServices_TouchesOnlyItsOwnElements()
    {
        await StopProxyAsync();
        for (var i = 0; i < 5000; i++)
        {
            _api.Put(Samples.Service($"s{i}", $"10.209.{10 + (i / 250)}.{1 + (i % 250)}"));
            _api.Put(Samples.Slice($"s{i}", 8080, PodA));
        }

        await StartProxyAsync(false);
        await using var kernel = await KernelChanges.FollowAsync(_lab, TestContext.Current.CancellationToken);

        _api.Put(Samples.Slice("one", 8080, PodA));
        _api.Put(Samples.Service("one", "10.209.1.77"));
        Assert.Equal(["+ cluster-ips 10.209.1.77", $"+ single 10.209.1.77 . tcp . 80 : {PodA} . 8080"], await kernel.NextAsync());
        _api.Put(Samples.Slice("s7", 8080, PodB));
        Assert.Equal([$"+ hairpins {PodB} . {PodB}", $"+ single 10.209.10.8 . tcp . 80 : {PodB} . 8080", $"- single 10.209.10.8 . tcp . 80 : {PodA} . 8080"], await kernel.NextAsync());
        _api.Delete<Service>("shop", "one");
        Assert.Equal(["- cluster-ips 10.209.1.77", $"- single 10.209.1.77 . tcp . 80 : {PodA} . 8080"], await kernel.NextAsync());
    }

    [Fact]
    public async Task LongestNames_AndTheDnsServiceThatAnswersItself_Load()
    {
        var longest = Samples.Service(new string('n', 63), Address, Samples.Tcp(65535, nodePort: 32767));
        longest.Metadata.Namespace = new string('9', 63);
        longest.Spec!.SessionAffinity = "ClientIP";
        longest.Spec.ExternalTrafficPolicy = "Local";
        var slice = Samples.Slice(longest.Metadata.Name!, 65535, PodA, PodB);
        slice.Metadata.Namespace = longest.Metadata.Namespace;
        _api.Put(longest);
        _api.Put(slice);
        var dns = Samples.Service("dns", "10.209.0.10", Samples.Tcp(53));
        await ServeAsync(dns, Samples.Slice("dns", 53, "10.209.0.10"));
        _lab.ServeTcp(_lab.Node, "dns", 53);
        await UntilAsync(() => _lab.AskTcpAsync(FromC, "10.209.0.10", 53), $"dns {_lab.Pods["c"]}");
        Assert.Equal("dns 10.209.0.10", await _lab.AskTcpAsync(_lab.Node, "10.209.0.10", 53));
        await UntilAsync(async () => (await ListTableAsync()).Contains($"svc-{longest.Metadata.Namespace}", StringComparison.Ordinal) ? "there" : "", "there");
    }

    private Task<string> ListTableAsync() => _lab.OnNode.RunAsync("nft", ["list", "table", "ip", "lab-services"], null, TestContext.Current.CancellationToken);

    private async Task StartProxyAsync(bool allowExternalIPs)
    {
        var options = new ServiceProxyOptions { Instance = "lab", NodeName = Samples.Node, AllowExternalIPs = allowExternalIPs };
        var client = _api.Client();
        _informers = new InformerFactory(client, NullLoggerFactory.Instance);
        _events = new EventRecorder(client, "test", TimeProvider.System, NullLogger.Instance);
        _proxy = new ServiceProxyComponent(options, _informers, _lab.OnNode, _events, TimeProvider.System, NullLoggerFactory.Instance);
        await _proxy.StartAsync(TestContext.Current.CancellationToken);
        _informers.Start();
        await _proxy.Ready.WaitAsync(PacketLab.Patience, TestContext.Current.CancellationToken);
    }

    private async Task StopProxyAsync()
    {
        await _proxy.StopAsync(default);
        _proxy.Dispose();
        await _informers.DisposeAsync();
        await _events.DisposeAsync();
    }

    private async Task ServeAsync(Service service, EndpointSlice slice)
    {
        _api.Put(service);
        _api.Put(slice);
        await UntilAsync(async () => (await ListTableAsync()).Contains(service.Spec!.ClusterIP!, StringComparison.Ordinal) || service.Metadata.Name == "dns" ? "there" : "", "there");
    }

    private Task UntilGoneAsync(string endpoint) =>
        UntilAsync(async () => (await ListTableAsync()).Contains($"dnat to {endpoint}", StringComparison.Ordinal) ? "" : "gone", "gone");

    private async Task<string[]> AskManyAsync(string ns, string address, int port)
    {
        var answers = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 24; i++)
        {
            answers.Add(await _lab.AskTcpAsync(ns, address, port));
        }

        return [.. answers];
    }

    private static async Task UntilAsync(Func<Task<string>> ask, string expected)
    {
        var last = "";
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < PacketLab.Patience;)
        {
            last = await ask();
            if (last == expected)
            {
                return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, last);
    }
}
