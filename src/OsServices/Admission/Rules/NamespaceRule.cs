namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// A workspace's namespace bears its walls as labels and its owner as label and annotation, so tenants write none of it, nor end it:
/// the role "everything in the namespace" covers the namespace itself.
/// </summary>
internal sealed class NamespaceRule : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Namespaces, "CUD", "", "namespaces", "namespaces/status", "namespaces/finalize")];

    protected override Refusal? Judge(AdmissionRequest request) =>
        new("workspaces are created, changed and deleted with 'sealos workspace' or on the desktop, not by writing their namespace");
}
