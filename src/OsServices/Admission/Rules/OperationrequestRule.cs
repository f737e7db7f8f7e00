using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A change of somebody's role is judged by the role of whoever asks for it, as it is now.</summary>
internal sealed class OperationrequestRule : AdmissionRule
{
    private const string Deprive = "Deprive";

    // Tenants have no right but to create; so the operator locks and deletes users while this cannot be asked.
    public override IReadOnlyList<RuleScope> Scopes { get; } =
        [new(Place.Accounts, "C", Operationrequest.KubeKind.Group, Operationrequest.KubeKind.Plural)];

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

        var spec = request.Object.Child("spec");
        var (workspace, target, action) = (spec.Text("namespace") ?? "", spec.Text("user") ?? "", spec.Text("action") ?? "");
        var caller = request.Caller.User!;

        // Whoever is no member learns nothing of the workspace, not even whether there is one.
        var own = await facts.RoleOfAsync(caller, workspace, ct).ConfigureAwait(false);
        if (own is null || await UserCallers.TeamOfAsync(workspace, facts, ct).ConfigureAwait(false) is null)
        {
            return new Refusal($"you are no member of a team's workspace '{workspace}'");
        }

        // The operator takes nothing over from tenants: what is his they could still write in.
        if (action != Deprive && (target == UserDirectory.AdminName || await facts.FindUserAsync(target, ct).ConfigureAwait(false) is not { } user || !UserCallers.IsPerson(user)))
        {
            return new Refusal($"there is nobody called '{target}' who could be given a role");
        }

        var current = await facts.RoleOfAsync(target, workspace, ct).ConfigureAwait(false);
        return RoleRules.Refusal(own, current, action == Deprive ? null : spec.Text("role"), action, target == caller) is { } why ? new Refusal(why) : null;
    }
}
