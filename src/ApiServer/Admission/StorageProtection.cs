using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Claims and volumes are born with a finalizer that holds them as long as something uses them.</summary>
internal sealed class StorageProtection : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var finalizer = attributes.Operation != Operation.Create ? null
            : attributes.Concerns("", "persistentvolumeclaims") ? "kubernetes.io/pvc-protection"
            : attributes.Concerns("", "persistentvolumes") ? "kubernetes.io/pv-protection"
            : null;
        if (finalizer is not null)
        {
            var metadata = attributes.Object.Child("metadata")!;
            if (metadata["finalizers"] is not JsonArray finalizers)
            {
                metadata["finalizers"] = finalizers = [];
            }

            if (!metadata.Texts("finalizers").Contains(finalizer))
            {
                finalizers.Add(finalizer);
            }
        }

        return ValueTask.CompletedTask;
    }
}
