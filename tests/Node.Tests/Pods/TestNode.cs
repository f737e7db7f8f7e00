using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Probes;
using Sealos.Node.StaticPods;
using Sealos.Node.Tests.StaticPods;
using Sealos.Node.Tests.Volumes;
using Sealos.Node.Volumes;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pods;

/// <summary>All of the node agent that works on pods, over a runtime and an API that are not real.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly CriClient _cri;
    private readonly ProbeManager _probes;
    private readonly MirroredPodApi _mirrored;
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;

    private TestNode(FakeContainerd containerd, FakePodApi api, TemporaryFolder folder)
    {
        _folder = folder;
        Containerd = containerd;
        Api = api;
        _cri = new CriClient(containerd.Socket, TimeProvider.System);
        Options = new NodeOptions { Instance = "test", DataRoot = Path.Combine(folder.Path, "data"), RunRoot = Path.Combine(folder.Path, "run"), LogRoot = Path.Combine(folder.Path, "log") };
        var facts = new NodeFacts { Ip = "192.168.0.1", MemoryBytes = 1 << 30, Allocatable = new Dictionary<string, Quantity>(), Resolver = new ResolverConfig([], [], []), HasUnifiedCgroups = false, SeccompRoot = "/seccomp", FindHandler = _ => Handler };
        var time = TimeProvider.System;
        Runtime = new RuntimeCache(_cri, Options, time, NullLogger<RuntimeCache>.Instance);
        _probes = new ProbeManager(Prober, time, NullLogger<ProbeManager>.Instance);
        var hooks = new LifecycleHooks(_cri, time);
        var directories = new PodDirectories(Options);
        CgroupMount = Directory.CreateDirectory(Path.Combine(folder.Path, "cgroup")).FullName;
        Directory.CreateDirectory(Path.Combine(CgroupMount, "cpu"));
        Directory.CreateDirectory(Path.Combine(CgroupMount, "memory"));
        _mirrored = new MirroredPodApi(api, Mirrors, time);
        var cgroups = new PodCgroups(Options, CgroupMount, p => Directory.Delete(p, recursive: true));
        var tools = new PodTools
        {
            Api = api,
            StaticApi = _mirrored,
            Admit = AdmitAsync,
            Runtime = Runtime,
            Starter = new ContainerStarter(_cri, api, new ImagePuller(_cri, api, time), directories, hooks, facts),
            Killer = new ContainerKiller(_cri, cgroups, api, hooks, time),
            Sandboxes = new SandboxConfigBuilder(Options, facts.Resolver),
            Cgroups = cgroups,
            Directories = directories,
            Volumes = new VolumeManager(new VolumeOptions { PodsRoot = Options.PodsRoot, SecretsRoot = Path.Combine(Options.RunRoot, "secrets") }, new FakeVolumeObjects(time), (_, _) => "", time, NullLogger<VolumeManager>.Instance),
            Probes = _probes,
            Cri = _cri,
            Room = Room,
            Node = facts,
            Time = time,
            Logger = NullLogger.Instance,
            Network = new PodNetworkSeam { Release = Release },
        };
        Workers = new PodWorkers(tools, new GarbageCollector(_cri, tools, Options, NullLogger<GarbageCollector>.Instance));
        StaticPods = new StaticPodSource(Options, Workers, _mirrored, Mirrors, time, NullLogger<StaticPodSource>.Instance);
        _mirrored.Ended += pod => Workers.OnChange(pod, null);
    }

    /// <summary>Why a pod that comes cannot run; nothing stands in the way unless a test says so.</summary>
    public Func<Pod, PodFailure?>? Refusal { get; set; }

    /// <summary>The runtime that every class names; null while there is no class.</summary>
    public string? Handler { get; set; }

    /// <summary>What pods have been given of the node.</summary>
    public NodeRoom Room { get; } = new(name => name == "cpu" ? 4000 : 1 << 30);

    public FakeMirrors Mirrors { get; } = new();

    /// <summary>Pods whose addresses the node gave back.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Released { get; } = [];

    /// <summary>Called before a pod's address is given back.</summary>
    public Action? BeforeRelease { get; set; }

    public StaticPodSource StaticPods { get; }

    public string CgroupMount { get; }

    public NodeOptions Options { get; }

    public FakeContainerd Containerd { get; }

    public FakePodApi Api { get; }

    public RuntimeCache Runtime { get; }

    public PodWorkers Workers { get; }

    public FakeProber Prober { get; } = new();

    public static async Task<TestNode> StartAsync(CancellationToken ct)
    {
        var folder = new TemporaryFolder();
        return await StartAsync(await FakeContainerd.StartAsync(folder.Path, ct), new FakePodApi(), folder, ct);
    }

    /// <summary>A path below what this node's pods have of a cgroup tree.</summary>
    public string Cgroup(string tree, string path) => Path.Combine(_folder.Path, "cgroup", tree) + $"{Options.CgroupParent}/{path}";

    /// <summary>Stops the agent alone and starts another over the same runtime and API, as after a crash.</summary>
    public async Task<TestNode> RestartAsync(CancellationToken ct, Action<TestNode>? before = null)
    {
        await StopAsync();
        return await StartAsync(Containerd, Api, _folder, ct, before);
    }

    /// <summary>Waits until the API shows the pod as wanted.</summary>
    public async Task<Pod> UntilAsync(Func<Pod, bool> isSo, CancellationToken ct, string name = "web")
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        while (!limit.IsCancellationRequested)
        {
            if (Api.Find(name) is { } pod && isSo(pod))
            {
                return pod;
            }

            await Task.Delay(5, ct);
        }

        throw new TimeoutException($"calls: {string.Join(", ", Containerd.Calls)}\nevents: {string.Join("\n", Api.Events)}\nstatus: {System.Text.Json.JsonSerializer.Serialize(Api.Find(name)?.Status, Kinds.KubeJson.Options)}");
    }

    /// <summary>Waits until something is true of the whole.</summary>
    public static async Task UntilAsync(Func<bool> isSo, CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); !isSo() && Stopwatch.GetElapsedTime(start) < Patience;)
        {
            await Task.Delay(5, ct);
        }

        Assert.True(isSo());
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Containerd.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<TestNode> StartAsync(FakeContainerd containerd, FakePodApi api, TemporaryFolder folder, CancellationToken ct, Action<TestNode>? before = null)
    {
        var node = new TestNode(containerd, api, folder);
        await node.Runtime.RelistAsync(ct);
        before?.Invoke(node);
        api.Changed += node.Workers.OnChange;
        if (api.Find("web") is { } pod)
        {
            node.Workers.OnChange(null, pod);
        }

        node._following = node.Runtime.RunAsync(node._stop.Token);
        node.Workers.SetSynced();
        return node;
    }

    private async Task<PodFailure?> AdmitAsync(Pod pod, CancellationToken ct)
    {
        await Workers.WaitForFormerAsync(pod, ct);
        return Refusal?.Invoke(pod);
    }

    private void Release(Pod pod)
    {
        BeforeRelease?.Invoke();
        Released.Enqueue(pod.Name);
    }

    private async Task StopAsync()
    {
        Api.Changed -= Workers.OnChange;
        await _stop.CancelAsync();
        await _following;
        await Workers.DisposeAsync();
        await _probes.DisposeAsync();
        _mirrored.Dispose();
        _cri.Dispose();
    }
}

/// <summary>Probes that find what a test says.</summary>
internal sealed class FakeProber : IProber
{
    public bool IsContent { get; set; } = true;

    public Task<ProbeOutcome?> ProbeAsync(ProbeTarget target, Probe probe, CancellationToken ct) => Task.FromResult<ProbeOutcome?>(new ProbeOutcome(IsContent, "said so"));
}
