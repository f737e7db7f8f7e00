using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Finalizers of the cloud and of Kubernetes are set by those who take them off again, or the object could never go.</summary>
internal sealed class FinalizerRule : AdmissionRule
{
    // The API server itself gives it to every claim that is created.
    private const string ClaimProtection = "kubernetes.io/pvc-protection";

    public override IReadOnlyList<RuleScope> Scopes => WorkspaceKinds.Written;

    protected override Refusal? Judge(AdmissionRequest request) =>
        Of(request.Object).Except(Of(request.OldObject)).FirstOrDefault(f => IsReserved(f) && !(f == ClaimProtection && request.Resource == "persistentvolumeclaims")) is { } added
            ? new Refusal($"finalizer '{added}' is the cloud's own and cannot be added; use one under a domain of yours")
            : null;

    private static IEnumerable<string> Of(JsonObject? obj) => obj.Child("metadata").Texts("finalizers");

    private static bool IsReserved(string finalizer)
    {
        var slash = finalizer.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? "" : finalizer[..slash];
        return new[] { "sealos.io", "kubernetes.io", "k8s.io" }.Any(r => domain.Equals(r, StringComparison.OrdinalIgnoreCase) || domain.EndsWith("." + r, StringComparison.OrdinalIgnoreCase));
    }
}
