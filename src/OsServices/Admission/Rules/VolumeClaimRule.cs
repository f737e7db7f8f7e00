using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Claims get volumes of allowed classes, and of the volumes there are only those that were this workspace's before, whoever makes the claim.</summary>
internal sealed class VolumeClaimRule(AdmissionOptions options) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "", "persistentvolumeclaims"), new(Place.Workspaces, "U", "", "persistentvolumeclaims/status")];

    public override bool BindsEverybody => true;

    public override IReadOnlyList<RuleScope> EverybodysScopes { get; } = [new(Place.Workspaces, "C", "", "persistentvolumeclaims")];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        // Controllers make what a template says, and change only what they and the cloud have to.
        if (!request.Caller.IsTenant && request.Operation != AdmissionOperation.Create)
        {
            return null;
        }

        if (request.Subresource.Length > 0)
        {
            return new Refusal("the state of a claim is written by the cloud alone");
        }

        var (spec, old) = (request.Object.Child("spec"), request.OldObject.Child("spec"));
        var volume = spec.Text("volumeName") ?? "";
        var isNamed = volume.Length > 0 && volume != old.Text("volumeName");
        if (isNamed && await facts.ClaimantOfVolumeAsync(volume, ct).ConfigureAwait(false) != request.Namespace)
        {
            return new Refusal($"volume '{volume}' is none that a claim of {request.Namespace} has held before; leave out volumeName to get a new one");
        }

        if (spec.Child("dataSourceRef").Text("namespace") is { Length: > 0 } source && source != request.Namespace)
        {
            return new Refusal($"a claim cannot be filled from namespace {source}; use a source in {request.Namespace}");
        }

        var wanted = spec.Text("storageClassName");
        if (wanted is null || wanted == old.Text("storageClassName") || options.StorageClasses.Contains(wanted) || (wanted.Length == 0 && isNamed))
        {
            return null;
        }

        return new Refusal($"storage class '{wanted}' is not allowed here; leave it out or use one of {string.Join(", ", options.StorageClasses)}");
    }
}
