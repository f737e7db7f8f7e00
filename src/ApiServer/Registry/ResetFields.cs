using Sealos.Objects.Ownership;

namespace Sealos.ApiServer.Registry;

/// <summary>The fields that a request cannot change whatever it says, by what it is addressed to; who sends them does not own them.</summary>
internal static class ResetFields
{
    private static readonly FieldSet Status = FieldSet.OfFields("status");
    private static readonly FieldSet Spec = FieldSet.OfFields("spec");
    private static readonly FieldSet SpecAndMetadata = FieldSet.OfFields("spec", "metadata");
    private static readonly FieldSet SpecAndLabels = FieldSet.OfFields("spec", "metadata.labels");
    private static readonly FieldSet SpecAndOwners = FieldSet.OfFields("spec", "metadata.deletionTimestamp", "metadata.ownerReferences");
    private static readonly FieldSet SpecAndStatus = FieldSet.OfFields("spec", "status");
    private static readonly FieldSet SpecAndConditions = FieldSet.OfFields("spec", "status.conditions");
    private static readonly FieldSet SpecAndCertificate = FieldSet.OfFields("spec", "status.certificate");

    public static FieldSet For(Resource resource, string? subresource) => (subresource, resource.Kind) switch
    {
        (null, "CertificateSigningRequest") => SpecAndStatus,
        (null or "finalize", _) => resource.HasStatus ? Status : FieldSet.Empty,
        ("status", "Deployment") => SpecAndLabels,
        ("status", "Pod") => SpecAndOwners,
        ("status", "CertificateSigningRequest") => SpecAndConditions,
        ("status", "Ingress" or "NetworkPolicy" or "PodDisruptionBudget") => Spec,
        ("status", "CustomResourceDefinition" or "APIService" or "VolumeAttachment" or "FlowSchema" or "PriorityLevelConfiguration" or "ValidatingAdmissionPolicy") => SpecAndMetadata,
        ("status", _) => resource.Custom is null ? Spec : SpecAndMetadata,
        ("approval", _) => SpecAndCertificate,
        _ => FieldSet.Empty,
    };
}
