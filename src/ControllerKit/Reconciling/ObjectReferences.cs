using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>How objects point to others.</summary>
public static class ObjectReferences
{
    /// <summary>A reference to this very object in its present version, or to a field of it.</summary>
    public static ObjectReference To<T>(T obj, string? fieldPath = null)
        where T : class, IKubeObject<T>, new() => new()
        {
            ApiVersion = T.KubeKind.ApiVersion,
            Kind = T.KubeKind.Kind,
            Namespace = obj.Metadata.Namespace,
            Name = obj.Metadata.Name,
            Uid = obj.Metadata.Uid,
            ResourceVersion = obj.Metadata.ResourceVersion,
            FieldPath = fieldPath,
        };
}
