using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Node.Cri;
using Sealos.Node.Exec;
using Sealos.Node.Images;
using Sealos.Node.Logs;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Probes;
using Sealos.Node.Registration;
using Sealos.Node.Stats;
using Sealos.Node.Volumes;

namespace Sealos.Node;

/// <summary>The parts of a node agent, put together: the table of contents of this room.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    private readonly CriClient _cri;
    private readonly EventRecorder _events;
    private readonly ImagePuller _puller;
    private readonly LifecycleHooks _hooks;
    private readonly Prober _prober;
    private readonly PodTools _tools;
    private readonly NodeStats _stats;

    public NodeParts(NodeOptions options, KubeletServerOptions server, KubeClient client, MachineInfo machine, TimeProvider time, ILoggerFactory loggers)
    {
        _cri = new CriClient(options.ContainerdSocket, time);
        Images = new ImageStore(_cri, options.ContainerdSocket, time, loggers.CreateLogger<ImageStore>());
        Runtime = new RuntimeCache(_cri, options, time, loggers.CreateLogger<RuntimeCache>());
        Registrar = new NodeRegistrar(options, machine, client, _cri, time, loggers.CreateLogger<NodeRegistrar>());
        LogRotator = new LogRotator(_cri, options.PodLogsRoot, new LogRotationOptions(), time, loggers.CreateLogger<LogRotator>());

        Informers = new InformerFactory(client, loggers);
        Pods = Informers.For<Pod>(fieldSelector: $"spec.nodeName={options.NodeName}");
        _events = new EventRecorder(client, "kubelet", time, loggers.CreateLogger<EventRecorder>());
        var api = new KubePodApi(client, _events, Informers.For<Service>());

        var facts = Facts(options, machine);
        var volumes = new VolumeOptions { PodsRoot = options.PodsRoot, PersistentRoot = options.VolumesRoot, SecretsRoot = Path.Combine(options.RunRoot, "secrets") };
        var surroundings = new PodSurroundings(facts.Ip, "", facts.Allocatable);
        Volumes = new VolumeManager(
            volumes, new ApiVolumeObjects(client, options.NodeName, time, loggers.CreateLogger<ApiVolumeObjects>()), (c, s) => FieldValues.OfResource(c, s.Resource ?? "", s.Divisor, surroundings), time, loggers.CreateLogger<VolumeManager>());
        _prober = new Prober(_cri, time);
        _hooks = new LifecycleHooks(_cri, time);
        _puller = new ImagePuller(_cri, api, time);
        var directories = new PodDirectories(options);
        _tools = new PodTools
        {
            Api = api,
            Runtime = Runtime,
            Starter = new ContainerStarter(_cri, api, _puller, directories, _hooks, facts),
            Killer = new ContainerKiller(_cri, api, _hooks, time),
            Sandboxes = new SandboxConfigBuilder(options, facts.Resolver),
            Cgroups = new PodCgroups(options),
            Directories = directories,
            Volumes = Volumes,
            Probes = new ProbeManager(_prober, time, loggers.CreateLogger<ProbeManager>()),
            Node = facts,
            Network = options.Network,
            Time = time,
            Logger = loggers.CreateLogger<PodWorker>(),
        };
        Workers = new PodWorkers(_tools, new GarbageCollector(_cri, _tools, options, loggers.CreateLogger<GarbageCollector>()));

        _stats = new NodeStats(_cri, options, time);
        Server = new KubeletServer(server, new KubeletServices(Workers, _cri, Images, _stats, time, loggers));
    }

    public ImageStore Images { get; }

    public RuntimeCache Runtime { get; }

    public NodeRegistrar Registrar { get; }

    public LogRotator LogRotator { get; }

    public InformerFactory Informers { get; }

    /// <summary>The pods bound to this node.</summary>
    public Informer<Pod> Pods { get; }

    public VolumeManager Volumes { get; }

    public PodWorkers Workers { get; }

    public KubeletServer Server { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync().ConfigureAwait(false);
        await Informers.DisposeAsync().ConfigureAwait(false);
        await Workers.DisposeAsync().ConfigureAwait(false);
        await _tools.Probes.DisposeAsync().ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
        Volumes.Dispose();
        _tools.Starter.Dispose();
        _tools.Killer.Dispose();
        _puller.Dispose();
        _hooks.Dispose();
        _prober.Dispose();
        _stats.Dispose();
        _cri.Dispose();
    }

    private static NodeFacts Facts(NodeOptions options, MachineInfo machine)
    {
        var features = MachineFeatures.Detect();
        return new NodeFacts
        {
            Ip = machine.Address.ToString(),
            MemoryBytes = machine.MemoryBytes,
            Allocatable = NodeObject.Allocatable(options, machine),
            Resolver = ResolverConfig.Parse(File.Exists(options.ResolvConf) ? File.ReadAllText(options.ResolvConf) : ""),
            HasUnifiedCgroups = features.HasUnifiedCgroups,
            RuntimeClasses = features.HasGvisor ? new Dictionary<string, string> { ["gvisor"] = ContainerdConfig.GvisorHandler } : [],
            SeccompRoot = Path.Combine(options.DataRoot, "seccomp"),
        };
    }
}
