using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer;
using Sealos.ApiServer.Audit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Host.Backups;
using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Sealos.KubeControllers;
using Sealos.Network.Dns;
using Sealos.Network.PodNetwork;
using Sealos.Network.Policies;
using Sealos.Network.Services;
using Sealos.Node;
using Sealos.Node.Containerd;
using Sealos.Node.Gvisor;
using Sealos.Node.Processes;
using Sealos.Node.Storage;
using Sealos.OsServices;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Users;

namespace Sealos.Host.Running;

/// <summary><c>sealos server</c>: the kernel's components and what each must wait for, each with an identity of its own towards the API.</summary>
public sealed class ServerProcess
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(15);

    private readonly CloudOptions _options;
    private readonly CloudPaths _paths;
    private readonly RoomOptions _rooms;
    private readonly CloudCertificates _certificates;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ContainerdDaemon _containerd;
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly NodeVolumes _volumes;
    private ComponentBoard? _board;
    private ApiServerComponent? _apiServer;
    private PolicyComponent? _policies;
    private (KubeClient Client, InformerFactory Informers)? _networkFeed;

    private ServerProcess(CloudOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _paths = new CloudPaths(options);
        _rooms = new RoomOptions(options);
        _time = time;
        _loggers = loggers;
        _containerd = new ContainerdDaemon(_rooms.Node, _time, loggers.CreateLogger<ContainerdDaemon>());
        _volumes = new NodeVolumes(_rooms.Node, loggers, time);
        _certificates = CloudCertificates.Ensure(options, time);
        _certificates.WriteKubeConfigs();
    }

    /// <summary>Runs until SIGTERM; containers and the edge go on afterwards. False when a component could not start; the log says why.</summary>
    public static async Task<bool> RunAsync(CloudOptions options, TimeProvider time, CancellationToken ct)
    {
        using var loggers = HostLogging.Create();
        using var stop = new StopSignal(ct);
        var paths = new CloudPaths(options);
        CloudRestore.ThrowIfHalfDone(options);
        new Daemon("server", paths.ServerPid).ClaimSelf();
        var server = new ServerProcess(options, time, loggers);
        var components = server.Components();
        var board = server._board = new ComponentBoard(paths.ServerStatus, components.Select(c => c.Name), time);
        var runner = new ComponentRunner(components, board, loggers.CreateLogger<ComponentRunner>());
        try
        {
            if (!await runner.StartAsync(stop.Token).ConfigureAwait(false))
            {
                return false;
            }

            await MemoryKeeper.RunAsync(time, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            using var grace = new CancellationTokenSource(StopGrace + server._rooms.Node.Shutdown.Grace);
            await runner.StopAsync(grace.Token).ConfigureAwait(false);
            foreach (var owned in Enumerable.Reverse(server._owned))
            {
                await owned.DisposeAsync().ConfigureAwait(false);
            }
        }

        return true;
    }

    private List<Component> Components() =>
    [
        new("api-server", CreateApiServer),
        new("pod-network", () => new PodNetworkComponent(_rooms.PodNetwork, _time, _loggers)),
        new("containerd", () => new ContainerdSupervisor(_containerd, _time), "pod-network"),
        new("images", () => new SystemImages(_rooms.Node.ContainerdSocket, _time, _loggers), "containerd"),
        new("bootstrap", () => new CloudBootstrap(Client("bootstrap", "sealos:bootstrap", "system:masters")), "api-server"),
        new("volumes", () => _volumes),
        new("controllers", CreateControllers, "api-server"),
        new("service-proxy", CreateServiceProxy, "api-server", "pod-network"),
        new("network-policy", CreatePolicies, "api-server", "pod-network"),
        new("components", CreateComponents, "bootstrap", "volumes", "pod-network"),
        new("node", CreateNode, "api-server", "images", "components", "network-policy"),
        new("logs", () => new LogKeeper(new LogLimits([_paths.ServerLog, _paths.EdgeLog, _rooms.Node.ContainerdLog]), _time, _loggers.CreateLogger<LogKeeper>())),
    ];

    private ComponentManager CreateComponents()
    {
        var client = Client("components", "sealos:components", "system:masters");
        return new ComponentManager(_options, Removable(client), client, _board!, _time, _loggers);
    }

    /// <summary>What can be added and removed while all else runs, in the order of the catalog.</summary>
    private RemovableComponent[] Removable(KubeClient client) =>
    [
        new(ComponentCatalog.Storage)
        {
            Create = () => OwningService.With(Client("volumes", "sealos:volumes"), c => new StorageComponent(_rooms.Node, _volumes, c, _loggers, _time)),
        },
        new(ComponentCatalog.Metrics) { Create = () => new MetricsComponent(_apiServer!) },
        new(ComponentCatalog.Admission) { Create = () => OwningService.With(Client("admission", "sealos:admission", "system:masters"), c => new AdmissionComponent(_rooms.Admission, c, _time, _loggers)) },
        new(ComponentCatalog.Users) { Create = () => OwningService.With(Client("services", "sealos:services", "system:masters"), CreateUsers) },
        new(ComponentCatalog.Dns) { PrepareAsync = ct => ClusterDnsService.EnsureAsync(client, _options.DnsAddress, KeyValuePair.Create(ComponentInfo.Label, ComponentCatalog.Dns.Name), ct) },
        new(ComponentCatalog.Gateway) { PrepareAsync = ct => CloudBootstrap.EnsureGatewayClassAsync(client, ct) },
        new(ComponentCatalog.Desktop),
        new(ComponentCatalog.Launchpad),
        new(ComponentCatalog.Gvisor)
        {
            // Adding a runtime restarts containerd, which must disturb nobody's start.
            CanStart = () => _board!.Find("node")?.State == "running",
            Create = () => CreateGvisor(client),
            CleanAsync = (_, ct) => _rooms.Gvisor.IsInstalled ? CreateGvisor(client).RemoveAsync(ct) : Task.CompletedTask,
        },
    ];

    private ApiServerComponent CreateApiServer() => _apiServer = new(
        new ApiServerOptions
        {
            StorePath = _paths.Store,
            Listen = [new IPEndPoint(IPAddress.Any, _options.ApiPort)],
            ServerCertificate = _certificates.ApiServer.ToCertificate(),
            ClientAuthorities = Authorities(),
            RootCertificatesPem = _certificates.Cluster.Pair.CertificatePem,
            ServiceAccountKeyFile = Path.Combine(_paths.Certificates, "service-accounts.key"),
            KubeletClientCertificate = _certificates.KubeletClient.ToCertificate(),
            KubeletAuthorities = Authorities(),
            CertificateReaders = CloudBootstrap.EdgeGroup,
            UsersNamespace = UserDirectory.AccountsNamespace,
            ServiceRange = IPNetwork.Parse(_options.ServiceCidr),
            DnsAddress = _options.DnsAddress,
            Audit = new AuditLogOptions(_paths.AuditLog) { PolicyFile = _paths.AuditPolicy },
            AdvertiseAddress = _rooms.PodNetwork.NodeAddress,
            Withheld = [MetricsComponent.Group],
            HistoryKept = _options.HistoryKept ?? throw new InvalidOperationException("the options were not checked"),
            Time = _time,
        },
        _loggers);

    private KubeControllersComponent CreateControllers() => new(
        new KubeControllersOptions
        {
            RootCertificatePem = _certificates.Cluster.Pair.CertificatePem,
            PodRange = _options.PodCidr,
            NodeRangePrefix = IPNetwork.Parse(_options.PodCidr).PrefixLength,
            Sign = _certificates.Cluster.Sign,
        },
        Client("controllers", "system:kube-controller-manager", "system:masters"),
        _loggers,
        _time);

    private ServiceProxyComponent CreateServiceProxy()
    {
        var (client, informers) = NetworkFeed();
        var events = Own(new EventRecorder(client, "service-proxy", _time, _loggers.CreateLogger<EventRecorder>()));
        var proxy = new ServiceProxyComponent(_rooms.ServiceProxy, informers, events, _time, _loggers);
        informers.Start();
        return proxy;
    }

    private PolicyComponent CreatePolicies()
    {
        var informers = NetworkFeed().Informers;
        _policies = new PolicyComponent(_rooms.Policies, informers, _time, _loggers);
        informers.Start();
        return _policies;
    }

    // Services and policies look at the same pods: one copy of them serves both.
    private (KubeClient Client, InformerFactory Informers) NetworkFeed()
    {
        lock (_owned)
        {
            if (_networkFeed is null)
            {
                var client = Client("network", "sealos:network", "system:masters");
                _networkFeed = (client, Own(new InformerFactory(client, _loggers)));
            }

            return _networkFeed.Value;
        }
    }

    // Both look at the same users, bindings and quotas: one copy of them serves both, and goes after them.
    private OwningService CreateUsers(KubeClient client) => OwningService.With(
        new InformerFactory(client, _loggers),
        informers => new ServiceGroup(
            new ServicesApi(_rooms.Services, client, _time, _loggers, informers),
            new UsersComponent(_rooms.Users(_certificates), client, _time, _loggers, informers)));

    private GvisorComponent CreateGvisor(KubeClient client) => new(_rooms.Gvisor, _containerd, client, _loggers.CreateLogger<GvisorComponent>());

    private NodeComponent CreateNode() => new(
        _rooms.Node with { Network = PodNetworkBridge.Between(_policies!) },
        Client("node", $"system:node:{_options.EffectiveNodeName}", "system:nodes"),
        _rooms.Kubelet(_certificates),
        _loggers,
        _time);

    private X509Certificate2Collection Authorities() => [X509Certificate2.CreateFromPem(_certificates.Cluster.Pair.CertificatePem)];

    private KubeClient Client(string file, string user, params string[] groups) => new(_certificates.ConfigFor(file, user, groups), $"sealos-{file}");

    private T Own<T>(T value)
        where T : IAsyncDisposable
    {
        _owned.Add(value);
        return value;
    }
}
