using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A team's workspace is ended by its owner, and a private one not by such a request.</summary>
internal sealed class DeleteRequestRule : AdmissionRule
{
    // Tenants have no right but to create; so the operator locks and deletes users while this cannot be asked.
    public override IReadOnlyList<RuleScope> Scopes { get; } =
        [new(Place.Cluster, "C", DeleteRequest.KubeKind.Group, DeleteRequest.KubeKind.Plural)];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        if (await UserCallers.RefusalAsync(request.Caller, facts, ct).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        if ((RequesterMark.Judge(request) ?? await UserCallers.JudgeNumberAsync(request.Caller, facts, ct).ConfigureAwait(false)) is { } wrong)
        {
            return wrong;
        }

        var workspace = UsersObjects.WorkspaceOf(request.Object.Child("spec").Text("user") ?? "");
        return await facts.RoleOfAsync(request.Caller.User!, workspace, ct).ConfigureAwait(false) == UserRoles.Owner
            && await UserCallers.TeamOfAsync(workspace, facts, ct).ConfigureAwait(false) is not null
            ? null
            : new Refusal("only the owner of a team's workspace may ask for its end");
    }
}
