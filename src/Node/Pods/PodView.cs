using Sealos.Kinds.Core;
using Sealos.Node.Pods.Resizing;

namespace Sealos.Node.Pods;

/// <summary>Why a container is waiting.</summary>
internal readonly record struct WaitingReason(string Reason, string Message);

/// <summary>Why a pod as a whole was ended by the node.</summary>
internal sealed record PodFailure(string Reason, string Message)
{
    /// <summary>How long the pod may take to stop, where that is not its own matter.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>Whether the pod was in order and only had to make way.</summary>
    public bool IsDisruption { get; init; }

    /// <summary>What the condition says of that, where it is not the message.</summary>
    public string? DisruptionMessage { get; init; }
}

/// <summary>Everything a pod's status is computed from.</summary>
internal sealed record PodView
{
    /// <summary>The pod; its own status is the last one reported.</summary>
    public required Pod Pod { get; init; }

    public required RuntimePod Runtime { get; init; }

    public required string NodeIp { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>By container name: what stands in the way of starting it.</summary>
    public IReadOnlyDictionary<string, WaitingReason> Waiting { get; init; } = new Dictionary<string, WaitingReason>();

    /// <summary>Whether the pod's runtime can make mounts read-only with all that lies below them.</summary>
    public bool CanMountReadOnly { get; init; }

    /// <summary>What containers were given and have.</summary>
    public PodSizes Sizes { get; init; } = new();

    /// <summary>Whether the machine has cgroups version 2.</summary>
    public bool HasUnifiedCgroups { get; init; }

    /// <summary>Whether a running container's readiness probe, if it has one, is content.</summary>
    public Func<Container, bool> IsReady { get; init; } = _ => true;

    /// <summary>Whether a running container's startup probe, if it has one, has passed.</summary>
    public Func<Container, bool> IsStarted { get; init; } = _ => true;

    /// <summary>No container will be started any more.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>Nothing runs any more, and this is the last word.</summary>
    public bool IsTerminated { get; init; }

    public PodFailure? Failure { get; init; }
}
