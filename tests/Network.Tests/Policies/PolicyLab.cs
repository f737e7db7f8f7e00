using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Network.Policies;
using Sealos.Network_Tests.Nft;
using Sealos.Network_Tests.Services;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>Pods <c>a</c> and <c>b</c> in namespaces <c>x</c>, <c>y</c> and <c>z</c>, each serving ports 80 and 81, and the component that puts policies in force.</summary>
public sealed class PolicyLab : IAsyncLifetime
{
    // What is late once is asked again.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public static readonly string[] Pods = ["x/a", "x/b", "y/a", "y/b", "z/a"];

    internal PacketLab Packets { get; } = new();

    internal FakeKubeApi Api { get; private set; } = null!;

    internal PolicyComponent Component { get; private set; } = null!;

    private InformerFactory _informers = null!;

    public async ValueTask InitializeAsync()
    {
        if (!PacketLab.IsPossible)
        {
            return;
        }

        await Packets.InitializeAsync();
        Api = await FakeKubeApi.StartAsync();
        foreach (var ns in new[] { "x", "y", "z" })
        {
            Api.Put(new Namespace { Metadata = new ObjectMeta { Name = ns, Labels = new() { ["ns"] = ns, ["kubernetes.io/metadata.name"] = ns } } });
        }

        foreach (var name in Pods)
        {
            await Packets.AddPodAsync(Short(name));
            foreach (var port in new[] { 80, 81 })
            {
                Packets.ServeTcp(Packets.PodNamespace(Short(name)), name, port);
                Packets.ServeUdp(Packets.PodNamespace(Short(name)), name, port);
            }

            Api.Put(PodObject(name));
        }

        Packets.ServeTcp(Packets.Neighbour, "outside", 80);
        Packets.ServeTcp(Packets.Node, "node", 80);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Component is not null)
            {
                await StopAsync();
            }

            if (Api is not null)
            {
                await Api.DisposeAsync();
            }
        }
        finally
        {
            await Packets.DisposeAsync();
        }
    }

    public async Task StartAsync()
    {
        _informers = new InformerFactory(Api.Client(), NullLoggerFactory.Instance);
        Component = new PolicyComponent(new PolicyOptions { Instance = "lab", CheckInterval = TimeSpan.FromMilliseconds(500) }, _informers, Packets.OnNode, TimeProvider.System, NullLoggerFactory.Instance);
        await Component.StartAsync(default);
        _informers.Start();
        await Component.Ready.WaitAsync(PacketLab.Patience);
    }

    public async Task StopAsync()
    {
        await Component.StopAsync(default);
        Component.Dispose();
        await _informers.DisposeAsync();
    }

    public string Address(string pod) => $"{Packets.Pods[Short(pod)]}";

    public string Namespace(string pod) => pod switch { "node" => Packets.Node, "outside" => Packets.Neighbour, _ => Packets.PodNamespace(Short(pod)) };

    /// <summary>Whether a new connection comes about.</summary>
    public async Task<bool> ReachesAsync(string from, string to, int port, string protocol = "TCP", TimeSpan? patience = null)
    {
        var address = to switch { "node" => PacketLab.NodeOutside, "outside" => PacketLab.Outside, _ => Address(to) };
        if (protocol == "TCP")
        {
            return (await Packets.AskTcpAsync(Namespace(from), address, port, patience: patience ?? Patience)).StartsWith(to, StringComparison.Ordinal);
        }

        using var client = Packets.UdpClient(Namespace(from));
        return (await PacketLab.AskUdpAsync(client, address, port, patience)).StartsWith(to, StringComparison.Ordinal);
    }

    /// <summary>A new connection must come about, however slow the machine is.</summary>
    public async Task MustReachAsync(string from, string to, int port) => Assert.True(await ReachesAsync(from, to, port, patience: PacketLab.Patience), $"{from} does not reach {to}");

    internal Pod PodObject(string name, string? address = null, string? uid = null, Dictionary<string, string>? labels = null) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = name[..1],
            Name = name[2..],
            Uid = uid ?? name,
            CreationTimestamp = DateTimeOffset.UnixEpoch,
            Labels = labels ?? new() { ["pod"] = name[2..] },
        },
        Spec = new PodSpec
        {
            Containers =
            [
                new Container
                {
                    Ports =
                    [
                        new ContainerPort { Name = "web", Protocol = "TCP", ContainerPortValue = name == "y/b" ? 81 : 80 },
                        new ContainerPort { Name = "web-udp", Protocol = "UDP", ContainerPortValue = 81 },
                    ],
                },
            ],
        },
        Status = new PodStatus { Phase = "Running", PodIP = address ?? Address(name) },
    };

    private static string Short(string pod) => pod.Replace("/", "", StringComparison.Ordinal);
}
