using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Admission;

/// <summary>How much a pod counts when there is not enough room for all.</summary>
internal sealed class PriorityClass : IKubeObject<PriorityClass>
{
    /// <summary>May not push aside what runs.</summary>
    public const string Never = "Never";

    /// <summary>What holds where a class says nothing.</summary>
    public const string PreemptLower = "PreemptLowerPriority";

    public static KubeKind KubeKind { get; } = new("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false);

    /// <summary>The class of workspaces' pods: below whatever names none, such as the operator's own.</summary>
    public static PriorityClass Workspace => new()
    {
        Metadata = new ObjectMeta { Name = Users.Walls.WallChoice.WorkspacePriority },
        Value = -1,
        PreemptionPolicy = Never,
        Description = "What people run in their workspaces.",
    };

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public long Value { get; set; }

    public bool GlobalDefault { get; set; }

    public string? PreemptionPolicy { get; set; }

    public string? Description { get; set; }

    /// <summary>The class as it stands in a pod.</summary>
    public PodPriority InPod() => new(Metadata.Name!, Value, PreemptionPolicy ?? PreemptLower);
}
