using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>A claim grows only once it is bound, and where its class allows it.</summary>
internal sealed class ClaimResize(KindCache classes) : AdmissionPlugin
{
    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation != Operation.Update || !attributes.Concerns("", "persistentvolumeclaims")
            || !Quantity.TryParse(SizeOf(attributes.Object), out var size) || !Quantity.TryParse(SizeOf(attributes.OldObject), out var before) || size.Value <= before.Value)
        {
            return ValueTask.CompletedTask;
        }

        if (attributes.OldObject.Child("status").Text("phase") != "Bound")
        {
            throw attributes.Forbidden("Only bound persistent volume claims can be expanded");
        }

        var name = ClassOf(attributes.Object);
        var mayGrow = name.Length > 0 && name == ClassOf(attributes.OldObject) && classes.Get("", name)?.Parse().Flag("allowVolumeExpansion") == true;
        return mayGrow ? ValueTask.CompletedTask
            : throw attributes.Forbidden("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }

    private static string? SizeOf(JsonObject? claim) => claim.Child("spec", "resources", "requests").Text("storage");

    private static string ClassOf(JsonObject? claim) =>
        claim.Child("metadata", "annotations").Text("volume.beta.kubernetes.io/storage-class") ?? claim.Child("spec").Text("storageClassName") ?? "";
}
