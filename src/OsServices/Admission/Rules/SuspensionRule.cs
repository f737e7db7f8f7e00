namespace Sealos.OsServices.Admission.Rules;

/// <summary>A workspace that is suspended takes no new work, and no controller starts a pod for what is there. What is in it can be read and deleted.</summary>
internal sealed class SuspensionRule : AdmissionRule
{
    private static readonly string[] Suspended =
        ["Suspend", "SuspendCompleted", "FinalDeletion", "FinalDeletionCompleted", "TerminateSuspend", "TerminateSuspendCompleted"];

    public override IReadOnlyList<RuleScope> Scopes => WorkspaceKinds.Written;

    public override bool BindsEverybody => true;

    public override IReadOnlyList<RuleScope> EverybodysScopes { get; } = [new(Place.Workspaces, "C", "", "pods")];

    public override ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct) =>
        ValueTask.FromResult((request.Caller.IsTenant || IsNewPod(request)) && Suspended.Contains(facts.DebtStatusOf(request.Namespace))
            ? new Refusal(Say(request.Namespace, facts.SuspensionReasonOf(request.Namespace)))
            : null);

    private static string Say(string workspace, string? reason) => reason is null
        ? $"40001: workspace {workspace} is suspended: nothing can be created or changed in it until its balance is settled; deleting is possible"
        : $"40001: workspace {workspace} is suspended by whoever runs the cloud ({reason}): nothing can be created or changed in it; deleting is possible";

    // Controllers carry on in all else.
    private static bool IsNewPod(AdmissionRequest request) => request is { Operation: AdmissionOperation.Create, Group: "", FullResource: "pods" };
}
