using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Pods as they come into being, whoever makes them: what is wrong in a template must not slip through its controller.</summary>
internal sealed class PodRule(AdmissionOptions options) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "C", "", "pods")];

    public override bool BindsEverybody => true;

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        var spec = PodChecks.SpecOf(request);
        if (PodChecks.Judge(spec, options) is { } refusal)
        {
            return refusal;
        }

        return options.RuntimeClass is { } usual && string.IsNullOrEmpty(spec.Text("runtimeClassName"))
            ? new Refusal($"pods of workspaces run with runtime class '{usual}'")
            : await PodChecks.JudgePriorityAsync(spec, options, facts, ct).ConfigureAwait(false);
    }
}
