using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.Network.Dns;
using Sealos.Network.PodNetwork;
using Sealos.Network_Tests.Nft;
using Sealos.Network_Tests.Services;
using Xunit;

namespace Sealos.Network_Tests.Dns;

/// <summary>From a real pod to the server on the node, by the address every pod is told.</summary>
[Trait("Needs", "root")]
public sealed class DnsPacketTests : IAsyncLifetime
{
    private readonly PacketLab _lab = new();

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PacketLab.IsPossible, "needs root and the CNI plugins");
        await _lab.InitializeAsync();
        await _lab.AddPodAsync("a");
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Pod_AsksByUdpAndTcp_EvenOfAServerThatStartedBeforeTheNetwork()
    {
        var ct = TestContext.Current.CancellationToken;
        await PodNetworkComponent.RemoveAsync(_lab.Options, _lab.OnNode, ct);
        await using var api = await FakeKubeApi.StartAsync();
        api.Put(Samples.Service("web", "10.209.1.1"));
        using var client = api.Client();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
        using var dns = new DnsComponent(new DnsOptions(), informers, TimeProvider.System, NullLoggerFactory.Instance);
        await Netns.Run(_lab.Node, () => dns.StartAsync(ct));
        informers.Start();
        await informers.WaitForSyncAsync(ct);
        await _lab.Network.StartAsync(ct);

        var server = new IPEndPoint(_lab.Options.DnsAddress, 53);
        using var udp = _lab.UdpClient(_lab.PodNamespace("a"));
        await udp.ConnectAsync(server, ct);
        await udp.SendAsync(Wire.Query("web.shop.svc.cluster.local", 1), ct);
        var buffer = new byte[512];
        var length = await udp.ReceiveAsync(buffer, ct);
        Assert.Equal(["web.shop.svc.cluster.local 5 A 10.209.1.1"], Wire.Read(buffer[..length]).Answers);

        using var tcp = Netns.Run(_lab.PodNamespace("a"), () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await tcp.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(tcp);
        await stream.WriteAsync(TcpFrame.Wrap(Wire.Query("web.shop.svc.cluster.local", 1)), ct);
        Assert.Single(Wire.Read((await TcpFrame.ReadAsync(stream, 65535, ct))!).Answers);
        await dns.StopAsync(ct);
    }
}
