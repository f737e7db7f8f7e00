using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Pods as they come into being, whoever makes them: what is wrong in a template must not slip through its controller.</summary>
internal sealed class PodRule(AdmissionOptions options, IPodChoices choices) : AdmissionRule
{
    private static readonly string[] Containers = ["initContainers", "containers"];

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "", "pods")];

    public override bool BindsEverybody => true;

    public override IReadOnlyList<RuleScope> EverybodysScopes { get; } = [new(Place.Workspaces, "C", "", "pods")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        var spec = PodChecks.SpecOf(request);
        if (request.Operation == AdmissionOperation.Update)
        {
            var before = request.OldObject.Child("spec");
            return request.Caller.IsTenant ? PodChecks.JudgeTolerations(Added(spec, before)) ?? JudgeImages(request, spec, before) : null;
        }

        if (PodChecks.Judge(spec, request.Namespace, options, choices) is { } refusal)
        {
            return refusal;
        }

        // What another webhook of the cluster has taken off again.
        if (choices.RuntimeClassOf(request.Namespace) is { } usual && string.IsNullOrEmpty(spec.Text("runtimeClassName")))
        {
            return new Refusal($"pods of this workspace run with runtime class '{usual}'");
        }

        var policy = choices.PullPolicyOf(request.Namespace);
        return policy is not null && Containers.SelectMany(c => spec.Objects(c)).FirstOrDefault(c => PodChecks.IsPulledOtherwise(c, policy)) is { } container
            ? new Refusal($"container '{container.Text("name")}' must have imagePullPolicy {policy} here")
            : PodChecks.JudgePriority(spec, options, choices, isPod: true);
    }

    // A pod of earlier days keeps its pull policy, so another image would come from the node's store, whoever may pull it.
    private Refusal? JudgeImages(AdmissionRequest request, JsonObject? spec, JsonObject? before) =>
        choices.PullPolicyOf(request.Namespace) is { } policy && Containers.SelectMany(list => spec.Objects(list).Where(c =>
            PodChecks.IsPulledOtherwise(c, policy) && before.Objects(list).FirstOrDefault(b => b.Text("name") == c.Text("name")).Text("image") != c.Text("image"))).FirstOrDefault() is { } container
            ? new Refusal($"container '{container.Text("name")}' gets no other image, as its imagePullPolicy is not {policy}: delete the pod and make it anew")
            : null;

    // Of a pod that is there little more than tolerations can be added.
    private static IEnumerable<JsonObject> Added(JsonObject? now, JsonObject? before)
    {
        JsonObject[] had = [.. before.Objects("tolerations")];
        return now.Objects("tolerations").Where(t => !had.Any(h => JsonNode.DeepEquals(h, t)));
    }
}
