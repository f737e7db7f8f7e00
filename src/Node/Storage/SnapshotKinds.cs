using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.Node.Storage;

/// <summary>What a volume held at a moment, as its owner sees it.</summary>
internal sealed class VolumeSnapshot : IKubeObject<VolumeSnapshot>
{
    public static KubeKind KubeKind { get; } = new(SnapshotDefinitions.Group, "v1", "VolumeSnapshot", "volumesnapshots", true);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public VolumeSnapshotSpec? Spec { get; set; }

    public VolumeSnapshotStatus? Status { get; set; }
}

/// <summary>What a snapshot is to be of: a claim, or content that exists.</summary>
internal sealed class VolumeSnapshotSpec
{
    public VolumeSnapshotSource? Source { get; set; }

    public string? VolumeSnapshotClassName { get; set; }
}

/// <summary>One of both.</summary>
internal sealed class VolumeSnapshotSource
{
    public string? PersistentVolumeClaimName { get; set; }

    public string? VolumeSnapshotContentName { get; set; }
}

/// <summary>How far a snapshot is.</summary>
internal sealed class VolumeSnapshotStatus
{
    public string? BoundVolumeSnapshotContentName { get; set; }

    public DateTimeOffset? CreationTime { get; set; }

    public bool? ReadyToUse { get; set; }

    public string? RestoreSize { get; set; }

    public VolumeSnapshotError? Error { get; set; }
}

/// <summary>Why a snapshot is not there yet.</summary>
internal sealed class VolumeSnapshotError
{
    public DateTimeOffset? Time { get; set; }

    public string? Message { get; set; }
}

/// <summary>A snapshot as it lies on disk.</summary>
internal sealed class VolumeSnapshotContent : IKubeObject<VolumeSnapshotContent>
{
    public static KubeKind KubeKind { get; } = new(SnapshotDefinitions.Group, "v1", "VolumeSnapshotContent", "volumesnapshotcontents", false);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public VolumeSnapshotContentSpec? Spec { get; set; }

    public VolumeSnapshotContentStatus? Status { get; set; }
}

/// <summary>Whose content it is, and what becomes of it.</summary>
internal sealed class VolumeSnapshotContentSpec
{
    public ObjectReference? VolumeSnapshotRef { get; set; }

    public string? DeletionPolicy { get; set; }

    public string? Driver { get; set; }

    public string? VolumeSnapshotClassName { get; set; }

    public VolumeSnapshotContentSource? Source { get; set; }

    public string? SourceVolumeMode { get; set; }
}

/// <summary>The volume it was made from, or the snapshot that it is.</summary>
internal sealed class VolumeSnapshotContentSource
{
    public string? VolumeHandle { get; set; }

    public string? SnapshotHandle { get; set; }
}

/// <summary>How far the content is.</summary>
internal sealed class VolumeSnapshotContentStatus
{
    public string? SnapshotHandle { get; set; }

    /// <summary>In nanoseconds since 1970.</summary>
    public long? CreationTime { get; set; }

    /// <summary>In bytes.</summary>
    public long? RestoreSize { get; set; }

    public bool? ReadyToUse { get; set; }
}

/// <summary>Which driver makes snapshots, and what becomes of them.</summary>
internal sealed class VolumeSnapshotClass : IKubeObject<VolumeSnapshotClass>
{
    public static KubeKind KubeKind { get; } = new(SnapshotDefinitions.Group, "v1", "VolumeSnapshotClass", "volumesnapshotclasses", false);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public string? Driver { get; set; }

    public string? DeletionPolicy { get; set; }

    public Dictionary<string, string>? Parameters { get; set; }
}
