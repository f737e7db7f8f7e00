using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Who is in a workspace is not decided by writing bindings; a workspace's own service accounts alone may be bound.</summary>
internal sealed class RoleBindingRule : AdmissionRule
{
    private const string MemberPrefix = "rb-";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CUD", "rbac.authorization.k8s.io", "rolebindings")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        var isMembership = request.Name.StartsWith(MemberPrefix, StringComparison.Ordinal)
            || request.Name == request.Namespace[Math.Min(AdmissionNames.WorkspacePrefix.Length, request.Namespace.Length)..]
            || (request.OldObject is { } old && !BindsOwnAccounts(old, request.Namespace));
        if (isMembership)
        {
            return new Refusal($"RoleBinding {request.Name} says who is a member; use 'sealos workspace invite', 'role' and 'remove'");
        }

        return request.IsWrite && !BindsOwnAccounts(request.Object, request.Namespace)
            ? new Refusal($"a RoleBinding may name only ServiceAccounts of {request.Namespace}; to let people in use 'sealos workspace invite'")
            : null;
    }

    private static bool BindsOwnAccounts(JsonObject? binding, string ns) =>
        binding.Objects("subjects").All(s => s.Text("kind") == "ServiceAccount" && s.Text("namespace") == ns && string.IsNullOrEmpty(s.Text("apiGroup")));
}
