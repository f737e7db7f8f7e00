using Sealos.Objects.Ownership;

namespace Sealos.ApiServer.Registry;

/// <summary>The fields that a request cannot change whatever it says, by what it is addressed to; who sends them does not own them.</summary>
internal static class ResetFields
{
    private static readonly FieldFilter Status = FieldFilter.Except("status");
    private static readonly FieldFilter Spec = FieldFilter.Except("spec");
    private static readonly FieldFilter SpecAndMetadata = FieldFilter.Except("spec", "metadata");
    private static readonly FieldFilter SpecAndLabels = FieldFilter.Except("spec", "metadata.labels");
    private static readonly FieldFilter SpecAndOwners = FieldFilter.Except("spec", "metadata.deletionTimestamp", "metadata.ownerReferences");
    private static readonly FieldFilter SpecAndStatus = FieldFilter.Except("spec", "status");
    private static readonly FieldFilter SpecAndConditions = FieldFilter.Except("spec", "status.conditions");
    private static readonly FieldFilter SpecAndCertificate = FieldFilter.Except("spec", "status.certificate");

    private static readonly FieldFilter Resources = FieldFilter.Only("spec.containers.*.resources", "spec.containers.*.resizePolicy");

    public static FieldFilter For(Resource resource, string? subresource) => (subresource, resource.Kind) switch
    {
        (null, "CertificateSigningRequest") => SpecAndStatus,
        (null or "finalize", _) => resource.HasStatus ? Status : FieldFilter.All,
        ("status", "Deployment") => SpecAndLabels,
        ("status", "Pod") => SpecAndOwners,
        ("status", "CertificateSigningRequest") => SpecAndConditions,
        ("status", "Ingress" or "NetworkPolicy" or "PodDisruptionBudget") => Spec,
        ("status", "CustomResourceDefinition" or "APIService" or "VolumeAttachment" or "FlowSchema" or "PriorityLevelConfiguration" or "ValidatingAdmissionPolicy") => SpecAndMetadata,
        ("status", _) => resource.Custom is null ? Spec : SpecAndMetadata,
        ("approval", _) => SpecAndCertificate,
        ("resize", "Pod") => Resources,
        _ => FieldFilter.All,
    };
}
