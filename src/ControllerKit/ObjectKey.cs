using Sealos.Kinds;

namespace Sealos.ControllerKit;

/// <summary>The namespace and name of an object; a request to reconcile is one of these and nothing more.</summary>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IKubeObject obj) => new(obj.Metadata.Namespace, obj.Metadata.Name ?? "");

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
