using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// A credential of a workspace's service account outlasts the role of whoever has made it, so it is had only by what runs in a pod, and
/// ends with that. Programs elsewhere use personal tokens, which end with their person.
/// </summary>
internal sealed class AccountTokenRule : AdmissionRule
{
    private const string TokenType = "kubernetes.io/service-account-token";
    private const string Instead = "a pod gets its own, and 'sealos token create' makes one for a program elsewhere";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "C", "", "serviceaccounts/token", "secrets")];

    protected override Refusal? Judge(AdmissionRequest request) => request.Resource == "secrets"
        ? request.Object.Text("type") == TokenType ? new Refusal($"a Secret of type {TokenType} is a token that never ends: leave it out; {Instead}") : null
        : request.Object.Child("spec", "boundObjectRef").Text("kind") == "Pod" ? null : new Refusal($"a service account's token must be bound to a pod, to end with it: {Instead}");
}
