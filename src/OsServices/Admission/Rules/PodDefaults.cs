using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Gives pods of workspaces the runtime class, the priority class and the pull policy that the operator has chosen for them.</summary>
internal sealed class PodDefaults(AdmissionOptions options, IPodChoices choices) : IAdmissionPatch
{
    private const string Volumes = "volumes";

    public IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "C", "", "pods"), new(Place.Workspaces, "U", "", "pods/ephemeralcontainers")];

    /// <summary>What is wanted and not there: the API server's own words would not say who is to do what.</summary>
    public Refusal? Refuse(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create)
        {
            return null;
        }

        if (choices.RuntimeClassOf(request.Namespace) is { } runtime && !choices.HasRuntimeClass(runtime))
        {
            return new Refusal(runtime == Users.Walls.WallChoice.Gvisor
                ? "pods of this workspace run in gVisor, which this cloud does not have yet: its operator adds it with 'sealos component add gvisor', or lets them run without by 'sealos workspace settings set runtimeClass=runc'"
                : $"pods of this workspace run with runtime class '{runtime}', which this cloud does not have: its operator adds it, or chooses another with 'sealos workspace settings set runtimeClass=NAME'");
        }

        return choices.Priority is { Value: null } priority
            ? new Refusal($"pods of workspaces have priority class '{priority.Class}', which this cloud does not have: its operator adds it, or chooses another with 'sealos workspace settings set priorityClass=NAME'")
            : null;
    }

    public IEnumerable<JsonObject> Patch(AdmissionRequest request)
    {
        var spec = PodChecks.SpecOf(request);
        var policy = choices.PullPolicyOf(request.Namespace);
        return request.Operation == AdmissionOperation.Update
            ? PullPolicies(spec, policy, "ephemeralContainers", had: request.OldObject.Child("spec"))
            : Classes(request, spec).Concat(new[] { "initContainers", "containers", Volumes }.SelectMany(list => PullPolicies(spec, policy, list, had: null)));
    }

    private IEnumerable<JsonObject> Classes(AdmissionRequest request, JsonObject? spec)
    {
        if (choices.RuntimeClassOf(request.Namespace) is { } runtime && string.IsNullOrEmpty(spec.Text("runtimeClassName")))
        {
            yield return Add("/spec/runtimeClassName", runtime);
        }

        // The API server has filled in the cluster's default already, and its numbers; it looks again at what is changed here.
        var name = spec.Text("priorityClassName") ?? "";
        if (choices.Priority is { Value: { } value } priority && name != priority.Class && (name.Length == 0 || choices.IsDefaultPriority(name)) && !options.PriorityClasses.Contains(name))
        {
            yield return Add("/spec/priorityClassName", priority.Class);
            yield return Add("/spec/priority", value);
            yield return Add("/spec/preemptionPolicy", priority.Preemption);
        }
    }

    // What a pod has already keeps its policy: nothing of it can be changed.
    private static IEnumerable<JsonObject> PullPolicies(JsonObject? spec, string? policy, string list, JsonObject? had)
    {
        var index = 0;
        foreach (var item in spec.Objects(list))
        {
            var (image, field) = list == Volumes ? (item.Child("image"), "image/pullPolicy") : (item, "imagePullPolicy");
            if (policy is not null && image is not null && !had.Objects(list).Any(h => h.Text("name") == item.Text("name")) && PodChecks.IsPulledOtherwise(image, policy))
            {
                yield return Add($"/spec/{list}/{index}/{field}", policy);
            }

            index++;
        }
    }

    private static JsonObject Add(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };
}
