using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A team's workspace is ended by its owner, and a private one not by such a request.</summary>
internal sealed class DeleteRequestRule : AdmissionRule
{
    private const string Owner = "Owner";

    public override IReadOnlyList<RuleScope> Scopes { get; } =
        [new(Place.Cluster, "CUD", DeleteRequest.KubeKind.Group, DeleteRequest.KubeKind.Plural)];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        if (request.Operation != AdmissionOperation.Create)
        {
            return new Refusal("a request is made once and carried out by the cloud; make another one");
        }

        if (await UserCallers.RefusalAsync(request.Caller, facts, ct).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        var workspace = AdmissionNames.WorkspacePrefix + request.Object.Child("spec").Text("user");
        return await facts.RoleOfAsync(request.Caller.User!, workspace, ct).ConfigureAwait(false) == Owner
            && await UserCallers.TeamOfAsync(workspace, facts, ct).ConfigureAwait(false) is not null
            ? null
            : new Refusal("only the owner of a team's workspace may ask for its end");
    }
}
