using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// Who is in a workspace is not decided by writing bindings; a workspace's own service accounts alone may be bound, and not to the
/// roles of people: what a program has outlasts whoever gave it.
/// </summary>
internal sealed class RoleBindingRule : AdmissionRule
{
    private const string MemberPrefix = "rb-";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CUD", "rbac.authorization.k8s.io", "rolebindings")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        var isMembership = request.Name.StartsWith(MemberPrefix, StringComparison.Ordinal)
            || request.Name == request.Namespace[Math.Min(UsersObjects.WorkspacePrefix.Length, request.Namespace.Length)..]
            || (request.OldObject is { } old && !BindsOwnAccounts(old, request.Namespace));
        if (isMembership)
        {
            return new Refusal($"RoleBinding {request.Name} says who is a member; use 'sealos workspace invite', 'role' and 'remove'");
        }

        if (!request.IsWrite)
        {
            return null;
        }

        if (!BindsOwnAccounts(request.Object, request.Namespace))
        {
            return new Refusal($"a RoleBinding may name only ServiceAccounts of {request.Namespace}; to let people in use 'sealos workspace invite'");
        }

        var role = request.Object.Child("roleRef");
        return role.Text("kind") != "Role" || UserRoles.Names.Contains(role.Text("name"))
            ? new Refusal($"{role.Text("kind")} '{role.Text("name")}' is for people; make a Role with what the program needs, and bind that")
            : null;
    }

    private static bool BindsOwnAccounts(JsonObject? binding, string ns) =>
        binding.Objects("subjects").All(s => s.Text("kind") == "ServiceAccount" && s.Text("namespace") == ns && string.IsNullOrEmpty(s.Text("apiGroup")));
}
