using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Builds pods from templates.</summary>
internal static class ReplicaPods
{
    /// <summary>A new replica; the server completes its name.</summary>
    public static Pod Build(ReplicaSet set) => new()
    {
        Metadata = new ObjectMeta
        {
            GenerateName = set.Metadata.Name + "-",
            Namespace = set.Metadata.Namespace,
            Labels = set.Spec!.Template!.Metadata?.Labels,
            Annotations = set.Spec.Template.Metadata?.Annotations,
            Finalizers = set.Spec.Template.Metadata?.Finalizers,
            OwnerReferences = [Owners.ControllerReference(set)],
        },
        Spec = set.Spec.Template.Spec,
    };
}
