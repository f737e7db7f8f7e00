using System.Net;
using System.Runtime.InteropServices;
using Sealos.Kinds.Core;
using Sealos.Node.Pressure;
using Sealos.Node.Shutdown;

namespace Sealos.Node;

/// <summary>Everything about a node that can differ between machines, clouds and tests.</summary>
public sealed record NodeOptions
{
    /// <summary>Name of the Node object; the machine's host name in lower case unless said otherwise.</summary>
    public string NodeName { get; init; } = Dns.GetHostName().ToLowerInvariant();

    /// <summary>Prefix of cgroups, so that many clouds can run on one machine.</summary>
    public string Instance { get; init; } = "sealos";

    /// <summary>What must survive a reboot.</summary>
    public string DataRoot { get; init; } = "/var/lib/sealos";

    /// <summary>Sockets, pid files and whatever else dies with a reboot.</summary>
    public string RunRoot { get; init; } = "/run/sealos";

    /// <summary>Logs of containerd and of containers.</summary>
    public string LogRoot { get; init; } = "/var/log/sealos";

    /// <summary>The address this node is reached at; null takes that of the default route.</summary>
    public IPAddress? NodeIp { get; init; }

    /// <summary>Port of the node's own HTTPS server.</summary>
    public int KubeletPort { get; init; } = 10250;

    /// <summary>How many pods the node announces room for.</summary>
    public int MaxPods { get; init; } = 2000;

    /// <summary>The name server of pods with dnsPolicy ClusterFirst; null gives them the machine's.</summary>
    public IPAddress? ClusterDns { get; init; } = IPAddress.Parse("10.209.0.10");

    /// <summary>The zone of services and pods.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>The image that holds a pod's namespaces.</summary>
    public string SandboxImage { get; init; } = "sealos.hub/library/pause:1";

    /// <summary>Where the CNI plugins' programs are.</summary>
    public string CniBinDir { get; init; } = "/usr/lib/cni";

    /// <summary>Where the pod network's CNI configuration is; the network room writes it.</summary>
    public string CniConfDir { get; init; } = "/var/lib/sealos/cni/net.d";

    /// <summary>containerd's program.</summary>
    public string ContainerdBinary { get; init; } = "/usr/bin/containerd";

    /// <summary>containerd's socket.</summary>
    public string ContainerdSocket => Path.Combine(RunRoot, "containerd", "containerd.sock");

    /// <summary>
    /// The machine's resolver configuration, for pods that use it. Where a resolver on loopback stands in between, pods must be told
    /// of those behind it.
    /// </summary>
    public string ResolvConf { get; init; } = File.Exists("/run/systemd/resolve/resolv.conf") ? "/run/systemd/resolve/resolv.conf" : "/etc/resolv.conf";

    /// <summary>The version of Kubernetes that this node speaks for.</summary>
    public string KubernetesVersion { get; init; } = "v1.32.0";

    /// <summary>When the machine counts as short of something, and what is done then.</summary>
    public PressureOptions Pressure { get; init; } = new();

    /// <summary>What happens to pods when the machine goes down.</summary>
    public ShutdownOptions Shutdown { get; init; } = new();

    /// <summary>Kernel parameters that pods may set besides those that harm nobody; a name may end in <c>*</c>.</summary>
    public IReadOnlyList<string> AllowedSysctls { get; init; } = [];

    /// <summary>The most processes and threads that one pod may have.</summary>
    public int PodProcesses { get; init; } = 16384;

    /// <summary>The folder of static pods, one file each.</summary>
    public string StaticPodsRoot => Path.Combine(DataRoot, "static-pods");

    /// <summary>Labels that the Node object gets besides those every node has.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>What the node asks of the pods' network.</summary>
    public PodNetworkSeam Network { get; init; } = new();

    /// <summary>Where volumes, hosts files and termination messages of pods are.</summary>
    public string PodsRoot => Path.Combine(DataRoot, "pods");

    /// <summary>Where container logs are, one directory a pod.</summary>
    public string PodLogsRoot => Path.Combine(LogRoot, "pods");

    /// <summary>How persistent volumes are kept.</summary>
    public VolumeBackend VolumeBackend { get; init; }

    /// <summary>Where gVisor lies once it was added as a runtime.</summary>
    public string GvisorRoot => Path.Combine(DataRoot, "gvisor");

    /// <summary>Where persistent volumes are.</summary>
    public string VolumesRoot => Path.Combine(DataRoot, "volumes");

    /// <summary>The file system of persistent volumes, where the disk's own cannot hold them.</summary>
    public string VolumesImage => Path.Combine(DataRoot, "volumes.btrfs");

    /// <summary>What containerd says.</summary>
    public string ContainerdLog => Path.Combine(LogRoot, "containerd.log");

    /// <summary>Parent of every pod's cgroup.</summary>
    public string CgroupParent => $"/{Instance}/kubepods";

    /// <summary>This machine's architecture in Kubernetes' words.</summary>
    internal static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };
}

/// <summary>What the node agent asks of whoever makes the pods' network; without it nothing is asked.</summary>
public sealed record PodNetworkSeam
{
    /// <summary>Called between a pod's getting its address and the start of its containers; returns once what protects the pod is in force.</summary>
    public Func<Pod, IPAddress, CancellationToken, Task> AdmitAsync { get; init; } = (_, _, _) => Task.CompletedTask;

    /// <summary>Called when nothing of a pod runs any more and its address may be another's, whatever the API says of it.</summary>
    public Action<Pod> Release { get; init; } = _ => { };

    /// <summary>What pods, by uid, and namespaces have sent and received.</summary>
    public Func<CancellationToken, Task<NodeTraffic>> ReadTrafficAsync { get; init; } = _ => Task.FromResult(NodeTraffic.Unknown);
}

/// <summary>Bytes one pod or namespace has exchanged.</summary>
public sealed record PodTraffic(TrafficBytes Inside, TrafficBytes Outside);

/// <summary>Bytes received and sent.</summary>
public sealed record TrafficBytes(ulong RxBytes, ulong TxBytes);

/// <summary>The traffic of pods by their uids, and of namespaces.</summary>
public sealed record NodeTraffic(IReadOnlyDictionary<string, PodTraffic> Pods, IReadOnlyDictionary<string, PodTraffic> Namespaces)
{
    /// <summary>Where nobody counts.</summary>
    public static NodeTraffic Unknown { get; } = new(new Dictionary<string, PodTraffic>(), new Dictionary<string, PodTraffic>());
}

/// <summary>How persistent volumes are kept.</summary>
public enum VolumeBackend
{
    /// <summary>In btrfs where the machine has it, else in folders; what was begun is kept to.</summary>
    Auto,

    /// <summary>In btrfs, which enforces sizes.</summary>
    Btrfs,

    /// <summary>In plain folders, whose sizes nobody enforces.</summary>
    Directories,
}
