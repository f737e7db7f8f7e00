using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Network.Nft;
using Sealos.Network.PodNetwork;
using Xunit;

namespace Sealos.Network_Tests.Nft;

/// <summary>
/// A node with real pods and a neighbour outside, in network namespaces of their own. Pods are plugged in by the ptp plugin
/// with the configuration the product writes. Everything is gone when the lab is disposed.
/// </summary>
public sealed class PacketLab : IAsyncLifetime
{
    /// <summary>How long to wait where silence is expected; a busy machine may keep an answer for longer.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(700);

    /// <summary>How long to wait where an answer must come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public const string NodeOutside = "192.168.5.1";
    public const string Outside = "192.168.5.2";

    private static int _count;

    private readonly string _prefix = $"sl{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private readonly List<string> _namespaces = [];
    private readonly List<Socket> _servers = [];
    private readonly CancellationTokenSource _stop = new();

    public static bool IsPossible => Environment.IsPrivilegedProcess && File.Exists("/usr/lib/cni/ptp");

    public string Node => $"{_prefix}-node";

    public string Neighbour => $"{_prefix}-out";

    internal HostCommands OnNode => In(Node);

    internal PodNetworkOptions Options { get; private set; } = null!;

    /// <summary>Null when the lab failed to come up.</summary>
    internal PodNetworkComponent Network { get; private set; } = null!;

    /// <summary>Names and addresses of the pods plugged in so far.</summary>
    public Dictionary<string, IPAddress> Pods { get; } = [];

    public async ValueTask InitializeAsync()
    {
        if (!IsPossible)
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("sealos-network-").FullName;
        Options = new PodNetworkOptions { Instance = "lab", CniConfigFolder = Path.Combine(folder, "net.d"), AddressFolder = Path.Combine(folder, "addresses") };
        await AddNamespaceAsync(Node);
        await AddNamespaceAsync(Neighbour);
        await OnNode.RunAsync("ip", ["-batch", "-"], $"link add out0 type veth peer name eth0 netns {Neighbour}\naddress add {NodeOutside}/24 dev out0\nlink set out0 up\n", default);
        await In(Neighbour).RunAsync("ip", ["-batch", "-"], $"address add {Outside}/24 dev eth0\nlink set eth0 up\n", default);
        await OnNode.RunAsync("ip", ["route", "add", "default", "via", Outside], null, default);
        Network = new PodNetworkComponent(Options, TimeProvider.System, NullLoggerFactory.Instance, OnNode);
        await Network.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsPossible)
        {
            return;
        }

        await _stop.CancelAsync();
        _servers.ForEach(s => s.Dispose());
        if (Network is not null)
        {
            await Network.StopAsync(default);
        }

        foreach (var ns in Enumerable.Reverse(_namespaces))
        {
            await new HostCommands().RunAsync("ip", ["netns", "delete", ns], null, default);
        }

        if (Options is not null)
        {
            CniLeftovers.Remove(Options);
            Directory.Delete(Path.GetDirectoryName(Options.CniConfigFolder)!, recursive: true);
        }
    }

    internal HostCommands In(string ns) => new("ip", "netns", "exec", ns);

    /// <summary>The namespace of a pod.</summary>
    public string PodNamespace(string name) => $"{_prefix}-{name}";

    /// <summary>Plugs a pod in, as the container runtime would.</summary>
    public async Task<IPAddress> AddPodAsync(string name)
    {
        var ns = PodNamespace(name);
        await AddNamespaceAsync(ns);
        var list = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Options.CniConfigFolder, "10-lab.conflist")))!;
        var plugin = list["plugins"]![0]!.DeepClone().AsObject();
        plugin["cniVersion"] = (string?)list["cniVersion"];
        plugin["name"] = (string?)list["name"];
        string[] environment = ["CNI_COMMAND=ADD", $"CNI_CONTAINERID={ns}", $"CNI_NETNS=/run/netns/{ns}", "CNI_IFNAME=eth0", "CNI_PATH=/usr/lib/cni"];
        var result = JsonNode.Parse(await OnNode.RunAsync("env", [.. environment, "/usr/lib/cni/ptp"], plugin.ToJsonString(), default))!;
        var address = IPAddress.Parse(((string)result["ips"]![0]!["address"]!).Split('/')[0]);
        Pods[name] = address;
        return address;
    }

    /// <summary>A TCP server that answers every connection with its name and the sender it sees.</summary>
    public void ServeTcp(string ns, string name, int port)
    {
        var socket = Netns.Run(ns, () =>
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Any, port));
            listener.Listen();
            return listener;
        });
        _servers.Add(socket);
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                using var client = await socket.AcceptAsync(_stop.Token);
                await client.SendAsync(Encoding.ASCII.GetBytes($"{name} {((IPEndPoint)client.RemoteEndPoint!).Address}"));
            }
        });
    }

    /// <summary>A UDP server that answers every packet with its name and the sender it sees.</summary>
    public void ServeUdp(string ns, string name, int port)
    {
        var socket = Netns.Run(ns, () =>
        {
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            server.Bind(new IPEndPoint(IPAddress.Any, port));
            return server;
        });
        _servers.Add(socket);
        _ = Task.Run(async () =>
        {
            var buffer = new byte[64];
            while (!_stop.IsCancellationRequested)
            {
                var packet = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                await socket.SendToAsync(Encoding.ASCII.GetBytes($"{name} {((IPEndPoint)packet.RemoteEndPoint).Address}"), packet.RemoteEndPoint, _stop.Token);
            }
        });
    }

    /// <summary>What a server answers: its name and the sender it saw; or why nothing answered, as the socket error's name, "Nothing" for silence.</summary>
    public async Task<string> AskTcpAsync(string fromNs, string address, int port, IPAddress? source = null, TimeSpan? patience = null)
    {
        using var socket = Netns.Run(fromNs, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(5));
        try
        {
            if (source is not null)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(IPAddress.Parse(address), port, limit.Token);
            var buffer = new byte[64];
            var length = await socket.ReceiveAsync(buffer, limit.Token);
            return Encoding.ASCII.GetString(buffer, 0, length);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode.ToString();
        }
        catch (OperationCanceledException)
        {
            return "Nothing";
        }
    }

    /// <summary>A UDP client that keeps its port, and so its flow.</summary>
    public Socket UdpClient(string fromNs) => Netns.Run(fromNs, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));

    public static async Task<string> AskUdpAsync(Socket client, string address, int port, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromMilliseconds(700));
        var server = new IPEndPoint(IPAddress.Parse(address), port);
        var buffer = new byte[64];
        try
        {
            await client.SendToAsync("?"u8.ToArray(), server, limit.Token);
            var answer = await client.ReceiveFromAsync(buffer, server, limit.Token);
            return Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes);
        }
        catch (OperationCanceledException)
        {
            return "Nothing";
        }
    }

    private async Task AddNamespaceAsync(string ns)
    {
        await new HostCommands().RunAsync("ip", ["netns", "add", ns], null, default);
        _namespaces.Add(ns);
        if (Directory.Exists("/proc/sys/net/ipv6"))
        {
            // Addresses that are usable at once, not a second later.
            await In(ns).RunAsync("tee", ["/proc/sys/net/ipv6/conf/default/accept_dad"], "0", default);
        }

        await In(ns).RunAsync("ip", ["link", "set", "lo", "up"], null, default);
    }
}
