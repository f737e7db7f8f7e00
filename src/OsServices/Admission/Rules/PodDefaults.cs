using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Gives pods of workspaces the runtime class and the pull policy that the operator has chosen for all of them.</summary>
internal sealed class PodDefaults(AdmissionOptions options) : IAdmissionPatch
{
    public IReadOnlyList<RuleScope> Scopes { get; } =
        options.RuntimeClass is null && options.ImagePullPolicy is null ? [] : [new(Place.Workspaces, "C", "", "pods")];

    public IEnumerable<JsonObject> Patch(AdmissionRequest request)
    {
        var spec = PodChecks.SpecOf(request);
        if (options.RuntimeClass is { } runtime && string.IsNullOrEmpty(spec.Text("runtimeClassName")))
        {
            yield return Add("/spec/runtimeClassName", runtime);
        }

        if (options.ImagePullPolicy is not { } policy)
        {
            yield break;
        }

        foreach (var list in new[] { "initContainers", "containers" })
        {
            var index = 0;
            foreach (var container in spec.Objects(list))
            {
                if (container.Text("imagePullPolicy") != policy)
                {
                    yield return Add($"/spec/{list}/{index}/imagePullPolicy", policy);
                }

                index++;
            }
        }
    }

    private static JsonObject Add(string path, string value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };
}
