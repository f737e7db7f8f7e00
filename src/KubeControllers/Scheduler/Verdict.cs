namespace Sealos.KubeControllers.Scheduler;

/// <summary>What would have to change for a pod that fits nowhere.</summary>
[Flags]
internal enum Blockers
{
    None = 0,

    /// <summary>A node: its labels, taints, size, or that there is one at all.</summary>
    Node = 1,

    /// <summary>Pods leaving a node.</summary>
    Room = 2,

    /// <summary>Pods coming or going that terms of affinity or spreading speak of.</summary>
    Company = 4,

    /// <summary>The pod itself.</summary>
    Pod = 8,

    /// <summary>Volumes, classes and claims.</summary>
    Storage = 16,

    All = Node | Room | Company | Pod | Storage,
}

/// <summary>Why a pod cannot go to a node. <paramref name="CouldPreempt"/>: whether fewer pods there would help.</summary>
internal sealed record Verdict(IReadOnlyList<string> Reasons, bool CouldPreempt, Blockers Blockers)
{
    public Verdict(string reason, bool couldPreempt, Blockers blockers)
        : this([reason], couldPreempt, blockers)
    {
    }
}

/// <summary>What came of trying to place a pod: a node, or a message why there is none and perhaps a way to make room.</summary>
internal sealed record Placement(string? Node, string? Message, Blockers Blockers, PreemptionPlan? Preemption = null)
{
    /// <summary>What must be written of the pod's claims before it can be bound.</summary>
    public IReadOnlyList<ClaimChoice> Claims { get; init; } = [];

    public static Placement On(string node, IReadOnlyList<ClaimChoice> claims) => new(node, null, Blockers.None) { Claims = claims };
}
