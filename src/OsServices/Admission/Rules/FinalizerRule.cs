using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A finalizer keeps an object, and its workspace with it, until somebody takes it off: those that the cloud takes off alone are set.</summary>
internal sealed class FinalizerRule : AdmissionRule
{
    // The API server itself gives it to every claim that is created.
    private const string ClaimProtection = "kubernetes.io/pvc-protection";

    // The garbage collector takes these off.
    private static readonly string[] OfDeletion = ["foregroundDeletion", "orphan"];

    public override IReadOnlyList<RuleScope> Scopes { get; } =
    [
        .. WorkspaceKinds.Written,
        new(Place.Workspaces, "CU", "", "endpoints"), new(Place.Workspaces, "CU", "discovery.k8s.io", "endpointslices"), new(Place.Workspaces, "CU", "apps", "controllerrevisions"),
    ];

    protected override Refusal? Judge(AdmissionRequest request) =>
        Of(request.Object).Except(Of(request.OldObject)).FirstOrDefault(f => !OfDeletion.Contains(f) && !(f == ClaimProtection && request.Resource == "persistentvolumeclaims")) is { } added
            ? new Refusal($"finalizer '{added}' cannot be added: nothing of the cloud would take it off, and the workspace could not be deleted")
            : null;

    private static IEnumerable<string> Of(JsonObject? obj) => obj.Child("metadata").Texts("finalizers");
}
