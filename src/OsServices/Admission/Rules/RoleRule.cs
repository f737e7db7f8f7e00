using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Roles that tenants make are for programs, and say what these need.</summary>
internal sealed class RoleRule : AdmissionRule
{
    private const string Everything = "*";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "rbac.authorization.k8s.io", "roles")];

    protected override Refusal? Judge(AdmissionRequest request) =>
        request.Object.Objects("rules").Any(r => r.Texts("verbs").Contains(Everything) && r.Texts("resources").Contains(Everything))
            ? new Refusal("a Role of a workspace names the resources or the verbs that its program needs, not '*' for both")
            : null;
}
