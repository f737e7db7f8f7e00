using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Node;
using Sealos.Node.Access;
using Sealos.Node.Admission;
using Sealos.Node.Containerd;
using Sealos.Node.Cri;
using Sealos.Node.Exec;
using Sealos.Node.Gvisor;
using Sealos.Node.Images;
using Sealos.Node.Logs;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Pressure;
using Sealos.Node.Probes;
using Sealos.Node.Registration;
using Sealos.Node.Shutdown;
using Sealos.Node.StaticPods;
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
    private readonly GvisorPorts _ports;
    private readonly MirroredPodApi _mirrored;

    public NodeParts(NodeOptions options, KubeletServerOptions server, KubeClient client, MachineInfo machine, TimeProvider time, ILoggerFactory loggers)
    {
        _cri = new CriClient(options.ContainerdSocket, time);
        Images = new ImageStore(_cri, options.ContainerdSocket, time, loggers.CreateLogger<ImageStore>());
        Runtime = new RuntimeCache(_cri, options, time, loggers.CreateLogger<RuntimeCache>());
        var watch = new PressureWatch(Thresholds(options), options.Pressure.Transition, time);
        Registrar = new NodeRegistrar(options, machine, client, _cri, time, loggers.CreateLogger<NodeRegistrar>())
        {
            Pressure = () => watch.Current,
            Tell = (isOrdinary, reason, message) => Tell(options, isOrdinary, reason, message),
        };
        Runtime.Lost += why => Tell(options, false, "ContainerRuntimeLost", $"containerd does not answer, containers go on without it: {why}");
        Runtime.Found += () => Tell(options, true, "ContainerRuntimeFound", "containerd answers again, and what runs in it is taken over");
        LogRotator = new LogRotator(_cri, options.PodLogsRoot, new LogRotationOptions(), time, loggers.CreateLogger<LogRotator>());

        Informers = new InformerFactory(client, loggers);
        Pods = Informers.For<Pod>(fieldSelector: $"spec.nodeName={options.NodeName}");
        _events = new EventRecorder(client, "kubelet", time, loggers.CreateLogger<EventRecorder>());
        var api = new KubePodApi(client, _events, Informers.For<Service>());
        var mirrors = new KubeMirrors(client, Pods, api);
        _mirrored = new MirroredPodApi(api, mirrors, time);

        var classes = Informers.For<RuntimeClass>();
        OwnNode = new OwnNode(options, machine, client, Informers.For<Kinds.Core.Node>(fieldSelector: $"metadata.name={options.NodeName}"));
        var facts = Facts(options, machine) with { FindHandler = name => classes.Get(null, name)?.Handler, Abilities = () => Registrar.Abilities };
        var volumes = new VolumeOptions { PodsRoot = options.PodsRoot, PersistentRoot = options.VolumesRoot, SecretsRoot = Path.Combine(options.RunRoot, "secrets") };
        var surroundings = new PodSurroundings(facts.Ip, "", facts.Allocatable);
        Volumes = new VolumeManager(
            volumes, new ApiVolumeObjects(client, options.NodeName, time, loggers.CreateLogger<ApiVolumeObjects>()), (c, s) => FieldValues.OfResource(c, s.Resource ?? "", s.Divisor, surroundings), time, loggers.CreateLogger<VolumeManager>());
        _prober = new Prober(_cri, time);
        _hooks = new LifecycleHooks(_cri, time);
        _puller = new ImagePuller(_cri, api, time);
        var directories = new PodDirectories(options);
        var cgroups = new PodCgroups(options);
        _tools = new PodTools
        {
            Api = api,
            StaticApi = _mirrored,
            Runtime = Runtime,
            Starter = new ContainerStarter(_cri, api, _puller, directories, _hooks, facts),
            Killer = new ContainerKiller(_cri, cgroups, api, _hooks, time),
            Sandboxes = new SandboxConfigBuilder(options, facts.Resolver),
            Cgroups = cgroups,
            Directories = directories,
            Volumes = Volumes,
            Admit = (pod, ct) => Admission!.AdmitAsync(pod, ct),
            Probes = new ProbeManager(_prober, time, loggers.CreateLogger<ProbeManager>()),
            Cri = _cri,
            Room = new NodeRoom(name => OwnNode.RoomOf(name)),
            Node = facts,
            Network = options.Network,
            Time = time,
            Logger = loggers.CreateLogger<PodWorker>(),
        };
        Workers = new PodWorkers(_tools, new GarbageCollector(_cri, _tools, options, loggers.CreateLogger<GarbageCollector>()));
        Admission = NewAdmission(watch);

        StaticPods = new StaticPodSource(options, Workers, _mirrored, mirrors, time, loggers.CreateLogger<StaticPodSource>());
        _mirrored.Ended += pod => Workers.OnChange(pod, null);
        Shutdown = new GracefulShutdown(options.Shutdown, Registrar, Workers, time, loggers.CreateLogger<GracefulShutdown>());
        _ports = new GvisorPorts(options.GvisorRoot, facts.FindHandler, _cri);
        _stats = new NodeStats(_cri, options, Volumes.ClaimsInUse, time);
        Evictor = new Evictor(watch, EvictorTools(options, new PodScale(_stats, directories), new ImageCollector(_cri, Images.ListPinnedAsync, options.Pressure, time, loggers.CreateLogger<ImageCollector>())), time, loggers.CreateLogger<Evictor>());
        Evictor.Changed += Registrar.Wake;
        var containers = Path.Combine(options.RunRoot, "containerd", "state");
        DiskLimits = new DiskLimits(new() { Pods = Workers.List, Runtime = Runtime.Get, Layers = () => Mounts.WritableLayers(containers), Evict = Workers.Evict }, directories, time);
        Server = new KubeletServer(server, new KubeletServices(Workers, _cri, Images, _stats, time, loggers)
        {
            Reviews = new KubeReviews(client, options.NodeName),
            Configuration = Configuration(options, server),
            GvisorPorts = _ports,
            ProbeMetrics = _tools.Probes.RenderMetrics,
            LogRoot = options.LogRoot,
        });
    }

    public ImageStore Images { get; }

    public RuntimeCache Runtime { get; }

    public NodeRegistrar Registrar { get; }

    public LogRotator LogRotator { get; }

    public InformerFactory Informers { get; }

    /// <summary>The pods bound to this node.</summary>
    public Informer<Pod> Pods { get; }

    /// <summary>This node as the API has it.</summary>
    public OwnNode OwnNode { get; }

    /// <summary>Who of the pods that come may run here.</summary>
    public NodeAdmission Admission { get; }

    public VolumeManager Volumes { get; }

    public Evictor Evictor { get; }

    public DiskLimits DiskLimits { get; }

    public StaticPodSource StaticPods { get; }

    public GracefulShutdown Shutdown { get; }

    public PodWorkers Workers { get; }

    public KubeletServer Server { get; }

    /// <summary>Hands over all pods that there are; what runs keeps its room, whoever comes before its worker has looked.</summary>
    public void HandOver()
    {
        var counted = Workers.CountRunning(Pods.List().Where(p => !p.IsMirror));
        StaticPods.Scan();
        Pods.OnChange(OnPodChange);
        Workers.ForgetGone(counted);
        Workers.SetSynced();
    }

    /// <summary>Hands a pod of the API over: mirrors to those who made them, all others to their workers.</summary>
    public void OnPodChange(Pod? old, Pod? pod)
    {
        if ((pod ?? old)?.IsMirror == true)
        {
            StaticPods.OnMirrorChange();
            return;
        }

        Workers.OnChange(old, pod);
    }

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
        _mirrored.Dispose();
        _hooks.Dispose();
        _prober.Dispose();
        _ports.Dispose();
        _stats.Dispose();
        _cri.Dispose();
    }

    private static IReadOnlyList<Threshold> Thresholds(NodeOptions options) =>
        Threshold.TryParse(options.Pressure.Thresholds, out var thresholds) is { } wrong ? throw new ArgumentException(wrong, nameof(options)) : thresholds;

    private NodeAdmission NewAdmission(PressureWatch watch) => new()
    {
        Room = _tools.Room,
        IsClosedTo = pod => Refusals.Find(pod, watch.Current, Registrar.Closed),
        Pods = Workers.ListPresent,
        Ended = Workers.ListEnded,
        WaitForFormer = Workers.WaitForFormerAsync,
        FindNode = OwnNode.FindAsync,
        Evict = Workers.EndAsync,
    };

    private EvictorTools EvictorTools(NodeOptions options, PodScale scale, ImageCollector images) => new()
    {
        Measure = () => MachineRoom.Read(options.DataRoot),
        Weigh = (threshold, ct) => scale.WeighAsync(Workers.List(), threshold, ct),
        FreeDisk = async ct =>
        {
            await Workers.CollectFinishedAsync(ct).ConfigureAwait(false);
            await images.CollectAsync(long.MaxValue, TimeSpan.Zero, ct).ConfigureAwait(false);
        },
        KeepImages = images.CollectAsync,
        Evict = (load, failure, ct) => Workers.EndAsync(load.Pod, failure, ct),
        Warn = (reason, message) => Tell(options, false, reason, message),
    };

    // What of Kubernetes' node configuration has its like here.
    private static JsonObject Configuration(NodeOptions options, KubeletServerOptions server) => new()
    {
        ["kind"] = "KubeletConfiguration",
        ["apiVersion"] = "kubelet.config.k8s.io/v1beta1",
        ["address"] = server.Address.ToString(),
        ["port"] = server.Port,
        ["authentication"] = new JsonObject { ["x509"] = new JsonObject(), ["webhook"] = new JsonObject { ["enabled"] = true, ["cacheTTL"] = "2m0s" }, ["anonymous"] = new JsonObject { ["enabled"] = false } },
        ["authorization"] = new JsonObject { ["mode"] = "Webhook", ["webhook"] = new JsonObject { ["cacheAuthorizedTTL"] = "2m0s", ["cacheUnauthorizedTTL"] = "30s" } },
        ["clusterDomain"] = options.ClusterDomain,
        ["cgroupDriver"] = "cgroupfs",
        ["cgroupRoot"] = options.CgroupParent,
        ["containerRuntimeEndpoint"] = "unix://" + options.ContainerdSocket,
        ["allowedUnsafeSysctls"] = new JsonArray([.. options.AllowedSysctls.Select(s => (JsonNode)s)]),
        ["featureGates"] = new JsonObject { ["InPlacePodVerticalScaling"] = true },
    };

    // A node is known by its name here, as to Kubernetes' own agent.
    private void Tell(NodeOptions options, bool isOrdinary, string reason, string message)
    {
        var node = new ObjectReference { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = options.NodeName };
        if (isOrdinary)
        {
            _events.Normal(node, reason, message);
        }
        else
        {
            _events.Warning(node, reason, message);
        }
    }

    private static NodeFacts Facts(NodeOptions options, MachineInfo machine)
    {
        var features = MachineFeatures.Detect(options);
        return new NodeFacts
        {
            Ip = machine.Address.ToString(),
            MemoryBytes = machine.MemoryBytes,
            Allocatable = NodeObject.Allocatable(options, machine),
            Resolver = ResolverConfig.Parse(File.Exists(options.ResolvConf) ? File.ReadAllText(options.ResolvConf) : ""),
            HasUnifiedCgroups = features.HasUnifiedCgroups,
            AllowedSysctls = options.AllowedSysctls,
            HasAppArmor = MachineFeatures.HasAppArmor,
            SeccompRoot = Path.Combine(options.DataRoot, "seccomp"),
        };
    }
}
