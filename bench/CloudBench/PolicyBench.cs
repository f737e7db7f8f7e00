using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>What thousands of services and policies cost a new connection, and how long until a new service is carried among them.</summary>
internal static class PolicyBench
{
    private const string Namespace = "default";
    private const string Image = "sealos.hub/library/hello:1";
    private const int Port = 8080;
    private const int Connections = 5000;
    private const int NewNetwork = 0x40000000;

    public static async Task RunAsync(int many, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        var server = await StartAsync(client, "server", ct);
        var source = await StartAsync(client, "client", ct);
        var entrance = await NamespaceOfAsync(source, ct);
        await ServiceAsync(client, "target", server, ct);
        var service = IPAddress.Parse((await client.GetAsync<Service>(Namespace, "target", ct)).Spec!.ClusterIP!);
        await UntilConnectedAsync(entrance, service, ct);

        await ConnectAsync(entrance, service, ct);
        var without = await ConnectAsync(entrance, service, ct);
        var alone = await ProgrammingAsync(client, entrance, server, "alone", ct);
        await Parallel.ForEachAsync(Enumerable.Range(0, many), ct, async (i, token) => await ServiceAsync(client, $"s{i}", server, token));
        await Parallel.ForEachAsync(Enumerable.Range(0, many), ct, async (i, token) => await client.CreateAsync(Policy(i, 20000 + i), token));
        await client.CreateAsync(Policy(many, Port), ct);
        await Eventually.TrueAsync("policies in force", async () => !await TryConnectAsync(entrance, server, Port + 1, ct) && await TryConnectAsync(entrance, service, 80, ct), TimeSpan.FromMinutes(1), ct);
        await Task.Delay(TimeSpan.FromSeconds(5), ct);
        var with = await ConnectAsync(entrance, service, ct);
        var among = await ProgrammingAsync(client, entrance, server, "among", ct);

        Figures.Head($"policy: with {many} services and {many} policies, against none");
        Figures.Row("new connection through a service, none", without, "ms");
        Figures.Row("new connection through a service, all", with, "ms", "aim p99 ≤ 1.1 of none");
        Figures.Row("service created until it is carried, none", alone, "ms");
        Figures.Row("service created until it is carried, all", among, "ms", "aim < 50, constant");
    }

    private static NetworkPolicy Policy(int i, int port) => new()
    {
        Metadata = new ObjectMeta { Namespace = Namespace, Name = $"p{i}" },
        Spec = new NetworkPolicySpec
        {
            PodSelector = new LabelSelector { MatchLabels = new() { ["app"] = "server" } },
            PolicyTypes = ["Ingress"],
            Ingress = [new NetworkPolicyIngressRule { From = [new NetworkPolicyPeer { PodSelector = new LabelSelector() }], Ports = [new NetworkPolicyPort { Port = port }] }],
        },
    };

    private static async Task<IPAddress> StartAsync(KubeClient client, string name, CancellationToken ct)
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Namespace = Namespace, Name = name, Labels = new() { ["app"] = name } },
            Spec = new PodSpec { Containers = [new Container { Name = "main", Image = Image }] },
        };
        await client.CreateAsync(pod, ct);
        await Eventually.TrueAsync($"pod {name}", async () => (await client.GetAsync<Pod>(Namespace, name, ct)).Status is { Phase: "Running", PodIP: not null }, TimeSpan.FromMinutes(1), ct);
        return IPAddress.Parse((await client.GetAsync<Pod>(Namespace, name, ct)).Status!.PodIP!);
    }

    private static async Task ServiceAsync(KubeClient client, string name, IPAddress server, CancellationToken ct)
    {
        await client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = Namespace, Name = name }, Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }] } }, ct);
        await client.CreateAsync(
            new EndpointSlice
            {
                Metadata = new ObjectMeta { Namespace = Namespace, Name = name, Labels = new() { ["kubernetes.io/service-name"] = name } },
                AddressType = "IPv4",
                Ports = [new Kinds.Discovery.EndpointPort { Name = "", Protocol = "TCP", Port = Port }],
                Endpoints = [new Endpoint { Addresses = [$"{server}"], Conditions = new EndpointConditions { Ready = true } }],
            },
            ct);
    }

    private static async Task<List<double>> ProgrammingAsync(KubeClient client, string entrance, IPAddress server, string name, CancellationToken ct)
    {
        var taken = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            await ServiceAsync(client, $"{name}{i}", server, ct);
            var created = Stopwatch.GetTimestamp();
            var address = IPAddress.Parse((await client.GetAsync<Service>(Namespace, $"{name}{i}", ct)).Spec!.ClusterIP!);
            await UntilConnectedAsync(entrance, address, ct);
            taken.Add(Stopwatch.GetElapsedTime(created).TotalMilliseconds);
        }

        return taken;
    }

    private static async Task UntilConnectedAsync(string entrance, IPAddress address, CancellationToken ct)
    {
        while (!await TryConnectAsync(entrance, address, 80, ct))
        {
            ct.ThrowIfCancellationRequested();
        }
    }

    private static async Task<List<double>> ConnectAsync(string entrance, IPAddress address, CancellationToken ct)
    {
        var taken = new List<double>(Connections);
        for (var i = 0; i < Connections; i++)
        {
            using var socket = Within(entrance, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            socket.LingerState = new LingerOption(true, 0);
            var start = Stopwatch.GetTimestamp();
            await socket.ConnectAsync(address, 80, ct);
            taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return taken;
    }

    // A packet that nothing answers is not waited for: the next one comes a few milliseconds later.
    private static async Task<bool> TryConnectAsync(string entrance, IPAddress address, int port, CancellationToken ct)
    {
        using var socket = Within(entrance, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMilliseconds(5));
        try
        {
            await socket.ConnectAsync(address, port, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<string> NamespaceOfAsync(IPAddress pod, CancellationToken ct)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var candidate in Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(d => Path.Combine(d, "ns/net")))
        {
            if (new FileInfo(candidate).LinkTarget is not { } known || !seen.Add(known))
            {
                continue;
            }

            var addresses = await Command.RunAsync("nsenter", [$"--net={candidate}", "ip", "-4", "-o", "address"], ct: ct);
            if (addresses.Output.Contains($" {pod}/", StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        throw new InvalidOperationException($"no network namespace has the address {pod}");
    }

    // A socket belongs to the namespace it was made in, whoever uses it afterwards; the thread that entered is not used again.
    private static T Within<T>(string entrance, Func<T> make)
    {
        T made = default!;
        var thread = new Thread(() =>
        {
            using var handle = File.OpenHandle(entrance);
            if (SetNamespace(handle.DangerousGetHandle().ToInt32(), NewNetwork) != 0)
            {
                throw new InvalidOperationException($"cannot enter {entrance}");
            }

            made = make();
        });
        thread.Start();
        thread.Join();
        return made;
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int handle, int kind);
}
