using System.Text.Json.Serialization;

namespace Sealos.Node.Stats;

/// <summary>What a node and its pods use, in the form of <c>/stats/summary</c>.</summary>
internal sealed record Summary(NodeUsage Node, IReadOnlyList<PodUsage> Pods)
{
    /// <summary>What namespaces have exchanged, with their pods that are gone.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, PodTraffic> Namespaces { get; init; } = NodeTraffic.Unknown.Namespaces;

    /// <summary>Whether whatever uses the processor has a rate.</summary>
    [JsonIgnore]
    public bool HasAllRates => Node.Cpu.UsageNanoCores is not null && Pods.All(p => p.Containers.Select(c => c.Cpu).Append(p.Cpu).All(c => c is not { UsageNanoCores: null }));
}

/// <summary>What the machine uses as a whole.</summary>
internal sealed record NodeUsage(string NodeName, Cpu Cpu, Memory Memory, Network? Network, FileSystem? Fs);

/// <summary>What one pod uses, as a whole and by those of its containers that run.</summary>
internal sealed record PodUsage(PodReference PodRef, IReadOnlyList<ContainerUsage> Containers, Cpu? Cpu, Memory? Memory, Network? Network)
{
    /// <summary>What its claims hold.</summary>
    [JsonPropertyName("volume")]
    public IReadOnlyList<VolumeUsage>? Volumes { get; init; }

    /// <summary>What those of its containers use that do not run: disk space alone.</summary>
    [JsonIgnore]
    public IReadOnlyList<ContainerUsage> NotRunning { get; init; } = [];

    /// <summary>How many processes it has.</summary>
    [JsonPropertyName("process_stats")]
    public ProcessStats? ProcessStats { get; init; }
}

/// <summary>What a claim of a pod holds and may hold, in bytes.</summary>
internal sealed record VolumeUsage(DateTimeOffset Time, ulong AvailableBytes, ulong CapacityBytes, ulong UsedBytes, string Name, ClaimReference PvcRef);

/// <summary>Which claim is meant.</summary>
internal sealed record ClaimReference(string Name, string Namespace);

/// <summary>Processes and threads.</summary>
internal sealed record ProcessStats([property: JsonPropertyName("process_count")] ulong ProcessCount);

/// <summary>Which pod is meant.</summary>
internal sealed record PodReference(string Name, string Namespace, string Uid);

/// <summary>What one container uses.</summary>
internal sealed record ContainerUsage(string Name, Cpu? Cpu, Memory? Memory, FileSystem? Rootfs);

/// <summary>Processor time: in total, and per second since the sample before when there was one.</summary>
internal sealed record Cpu(DateTimeOffset Time, ulong? UsageNanoCores, ulong UsageCoreNanoSeconds);

/// <summary>Memory in bytes; the working set is what cannot be reclaimed.</summary>
internal sealed record Memory(DateTimeOffset Time, ulong? AvailableBytes, ulong? UsageBytes, ulong WorkingSetBytes, ulong? RssBytes);

/// <summary>Traffic of the pod's own interface since it was made.</summary>
internal sealed record Network(DateTimeOffset Time, string Name, ulong RxBytes, ulong RxErrors, ulong TxBytes, ulong TxErrors)
{
    /// <summary>What the pod has exchanged with pods, services and the node in its whole life; null where nobody counts.</summary>
    public TrafficBytes? Inside { get; init; }

    /// <summary>What it has exchanged with the world outside.</summary>
    public TrafficBytes? Outside { get; init; }
}

/// <summary>Disk space in bytes.</summary>
internal sealed record FileSystem(DateTimeOffset Time, ulong? AvailableBytes, ulong? CapacityBytes, ulong UsedBytes, ulong? InodesUsed = null);
