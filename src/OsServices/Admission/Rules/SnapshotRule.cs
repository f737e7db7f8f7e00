using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A snapshot is made of a claim of the workspace; contents that lie in the cluster may be anybody's.</summary>
internal sealed class SnapshotRule : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "snapshot.storage.k8s.io", "volumesnapshots", "volumesnapshots/status")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        if (request.Subresource.Length > 0)
        {
            return new Refusal("the state of a snapshot is written by the cloud alone");
        }

        return request.Object.Child("spec", "source").Text("volumeSnapshotContentName") is { Length: > 0 }
            ? new Refusal("a snapshot is made of a claim: name it in source.persistentVolumeClaimName")
            : null;
    }
}
