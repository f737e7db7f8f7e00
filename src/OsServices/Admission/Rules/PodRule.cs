using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Pods as they come into being, whoever makes them: what is wrong in a template must not slip through its controller.</summary>
internal sealed class PodRule(AdmissionOptions options) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "", "pods")];

    public override bool BindsEverybody => true;

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        var spec = PodChecks.SpecOf(request);
        if (request.Operation == AdmissionOperation.Update)
        {
            return request.Caller.IsTenant ? PodChecks.JudgeTolerations(Added(spec, request.OldObject.Child("spec"))) : null;
        }

        if (PodChecks.Judge(spec, options) is { } refusal)
        {
            return refusal;
        }

        return options.RuntimeClass is { } usual && string.IsNullOrEmpty(spec.Text("runtimeClassName"))
            ? new Refusal($"pods of workspaces run with runtime class '{usual}'")
            : await PodChecks.JudgePriorityAsync(spec, options, facts, ct).ConfigureAwait(false);
    }

    // Of a pod that is there little more than tolerations can be added.
    private static IEnumerable<JsonObject> Added(JsonObject? now, JsonObject? before)
    {
        JsonObject[] had = [.. before.Objects("tolerations")];
        return now.Objects("tolerations").Where(t => !had.Any(h => JsonNode.DeepEquals(h, t)));
    }
}
