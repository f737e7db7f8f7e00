using Sealos.Kinds.Meta;

namespace Sealos.KubeControllers.Resources;

/// <summary>An object of any kind, of which only what deletion turns on is read.</summary>
internal sealed class ObjectHead
{
    public HeadMetadata Metadata { get; set; } = new();
}

/// <summary>The part of metadata that deletion turns on; the rest is skipped while parsing.</summary>
internal sealed class HeadMetadata
{
    public string Name { get; set; } = "";

    public string? Namespace { get; set; }

    public string Uid { get; set; } = "";

    public string? ResourceVersion { get; set; }

    public DateTimeOffset? DeletionTimestamp { get; set; }

    public List<string>? Finalizers { get; set; }

    public List<OwnerReference>? OwnerReferences { get; set; }
}
