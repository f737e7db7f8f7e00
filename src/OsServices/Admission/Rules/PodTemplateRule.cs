namespace Sealos.OsServices.Admission.Rules;

/// <summary>Tells people at once what their pods would be refused for, instead of in a controller's events.</summary>
internal sealed class PodTemplateRule(AdmissionOptions options) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } =
    [
        new(Place.Workspaces, "CU", "", "podtemplates", "replicationcontrollers"),
        new(Place.Workspaces, "CU", "apps", "deployments", "statefulsets", "daemonsets", "replicasets"),
        new(Place.Workspaces, "CU", "batch", "jobs", "cronjobs"),
    ];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        var spec = PodChecks.SpecOf(request);
        return PodChecks.Judge(spec, options) ?? await PodChecks.JudgePriorityAsync(spec, options, facts, ct).ConfigureAwait(false);
    }
}
