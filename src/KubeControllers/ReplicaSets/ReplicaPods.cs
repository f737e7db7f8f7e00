using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Builds pods from templates.</summary>
internal static class ReplicaPods
{
    /// <summary>A new replica; the server completes its name.</summary>
    public static Pod Build<TSet>(TSet set, PodTemplateSpec template)
        where TSet : class, IKubeObject<TSet>, new() => new()
    {
        Metadata = new ObjectMeta
        {
            GenerateName = set.Metadata.Name + "-",
            Namespace = set.Metadata.Namespace,
            Labels = template.Metadata?.Labels,
            Annotations = template.Metadata?.Annotations,
            Finalizers = template.Metadata?.Finalizers,
            OwnerReferences = [Owners.ControllerReference(set)],
        },
        Spec = template.Spec,
    };
}
