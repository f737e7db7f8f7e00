namespace Sealos.OsServices.Admission.Rules;

/// <summary>Tells people at once what their pods would be refused for, instead of in a controller's events.</summary>
internal sealed class PodTemplateRule(AdmissionOptions options, IPodChoices choices) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } =
    [
        new(Place.Workspaces, "CU", "", "podtemplates", "replicationcontrollers"),
        new(Place.Workspaces, "CU", "apps", "deployments", "statefulsets", "daemonsets", "replicasets"),
        new(Place.Workspaces, "CU", "batch", "jobs", "cronjobs"),
    ];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        var spec = PodChecks.SpecOf(request);
        return PodChecks.Judge(spec, request.Namespace, options, choices) ?? PodChecks.JudgePriority(spec, options, choices, isPod: false);
    }
}
