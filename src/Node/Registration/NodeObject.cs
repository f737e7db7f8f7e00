using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Cri;
using Sealos.Node.Pressure;
using Sealos.Objects.Meta;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Registration;

/// <summary>What the node says of itself. Pure.</summary>
internal static class NodeObject
{
    private const int MostImages = 50;
    private const int MostNames = 5;
    private const long EvictionMemory = 100 * 1024 * 1024;

    /// <summary>The Node as it is first created.</summary>
    public static Kinds.Core.Node Create(NodeOptions options) => new()
    {
        Metadata = new ObjectMeta { Name = options.NodeName, Labels = Labels(options), Annotations = new() { ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" } },
        Spec = new NodeSpec(),
    };

    /// <summary>The labels that this node must have.</summary>
    public static Dictionary<string, string> Labels(NodeOptions options)
    {
        var labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = options.NodeName,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = NodeOptions.Architecture,
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = NodeOptions.Architecture,
        };
        foreach (var (key, value) in options.NodeLabels)
        {
            labels[key] = value;
        }

        return labels;
    }

    /// <summary>What there is in all.</summary>
    public static Dictionary<string, Quantity> Capacity(NodeOptions options, MachineInfo machine)
    {
        var capacity = new Dictionary<string, Quantity>
        {
            ["cpu"] = Quantity.FromLong(machine.Cores),
            ["memory"] = Kibibytes(machine.MemoryBytes),
            ["ephemeral-storage"] = Kibibytes(machine.DiskBytes),
            ["pods"] = Quantity.FromLong(options.MaxPods),
        };
        foreach (var (name, bytes) in machine.HugePages)
        {
            capacity[name] = Quantity.FromLong(bytes);
        }

        return capacity;
    }

    /// <summary>What pods can have.</summary>
    public static Dictionary<string, Quantity> Allocatable(NodeOptions options, MachineInfo machine) => new(Capacity(options, machine))
    {
        ["memory"] = Kibibytes(Math.Max(0, machine.MemoryBytes - EvictionMemory)),
    };

    /// <summary>The status; <paramref name="before"/> is what the API has, from which times and what others wrote are kept.</summary>
    public static NodeStatus Status(NodeOptions options, MachineInfo machine, NodeFindings findings, NodeStatus? before) => new()
    {
        Capacity = WithOthers(Capacity(options, machine), before?.Capacity),
        Allocatable = WithOthers(Allocatable(options, machine), before?.Capacity),
        Conditions = Conditions(findings, before?.Conditions ?? []),
        Addresses = [new NodeAddress { Type = "InternalIP", Address = machine.Address.ToString() }, new NodeAddress { Type = "Hostname", Address = options.NodeName }],
        DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = options.KubeletPort } },
        NodeInfo = machine.System,
        Images = Images(findings.Images),
        RuntimeHandlers = findings.Abilities.Handlers.Count == 0 ? null : [.. findings.Abilities.Handlers.Select(ToStatus)],
        Features = findings.Abilities.GroupsPolicy ? new NodeFeatures { SupplementalGroupsPolicy = true } : null,
        VolumesInUse = before?.VolumesInUse,
        VolumesAttached = before?.VolumesAttached,
    };

    // What somebody else has said that the node has, such as licences or devices, is not ours to take away; all of it is for pods.
    private static Dictionary<string, Quantity> WithOthers(Dictionary<string, Quantity> own, Dictionary<string, Quantity>? before)
    {
        foreach (var (name, amount) in before ?? [])
        {
            if (!name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                own.TryAdd(name, amount);
            }
        }

        return own;
    }

    private static NodeRuntimeHandler ToStatus(HandlerAbilities handler) =>
        new() { Name = handler.Name, Features = new NodeRuntimeHandlerFeatures { RecursiveReadOnlyMounts = handler.RecursiveReadOnly, UserNamespaces = handler.UserNamespaces } };

    private static List<NodeCondition> Conditions(NodeFindings findings, List<NodeCondition> before)
    {
        List<NodeCondition> own =
        [
            findings.Pressure.Memory ? Of("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available") : Of("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            findings.Pressure.Disk ? Of("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure") : Of("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            findings.Pressure.Processes ? Of("PIDPressure", true, "KubeletHasInsufficientPID", "kubelet has insufficient PID available") : Of("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            findings.NotReady is { } why ? Of("Ready", false, "KubeletNotReady", why) : Of("Ready", true, "KubeletReady", "kubelet is posting ready status"),
        ];
        foreach (var condition in own)
        {
            var old = before.FirstOrDefault(c => c.Type == condition.Type);
            condition.LastHeartbeatTime = findings.Now;
            condition.LastTransitionTime = old is not null && old.Status == condition.Status ? old.LastTransitionTime : findings.Now;
        }

        return [.. before.Where(c => own.TrueForAll(o => o.Type != c.Type)), .. own];
    }

    private static NodeCondition Of(string type, bool isTrue, string reason, string message) => new() { Type = type, Status = isTrue ? "True" : "False", Reason = reason, Message = message };

    private static List<ContainerImage> Images(IEnumerable<V1.Image> images) =>
    [
        .. images.OrderByDescending(i => i.Size).ThenBy(i => i.Id, StringComparer.Ordinal).Take(MostImages)
            .Select(i => new ContainerImage { Names = [.. i.RepoDigests.Concat(i.RepoTags).Take(MostNames)], SizeBytes = (long)i.Size })
            .Where(i => i.Names!.Count > 0),
    ];

    private static Quantity Kibibytes(long bytes) => Quantity.Parse($"{bytes / 1024}Ki");
}

/// <summary>What was found out about the node at one moment.</summary>
/// <param name="Pressure">What runs short.</param>
/// <param name="NotReady">Why pods cannot run here now; null when they can.</param>
/// <param name="Images">The images on the machine.</param>
/// <param name="Now">The moment.</param>
internal sealed record NodeFindings(NodePressure Pressure, string? NotReady, IReadOnlyList<V1.Image> Images, DateTimeOffset Now)
{
    /// <summary>What the runtime can do.</summary>
    public RuntimeAbilities Abilities { get; init; } = RuntimeAbilities.None;
}
