using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>What a pod of a workspace may not ask for, beyond what Pod Security refuses.</summary>
internal static class PodChecks
{
    private static readonly string[] ControlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    public static Refusal? Judge(JsonObject? spec, AdmissionOptions options)
    {
        if (!string.IsNullOrEmpty(spec.Text("nodeName")))
        {
            return new Refusal("pods are placed by the scheduler: leave out nodeName");
        }

        if (JudgeTolerations(spec.Objects("tolerations")) is { } refusal)
        {
            return refusal;
        }

        var runtime = spec.Text("runtimeClassName") ?? "";
        return options.RuntimeClass is { } usual && runtime.Length > 0 && runtime != usual && !options.OtherRuntimeClasses.Contains(runtime)
            ? new Refusal($"runtimeClassName '{runtime}' is not allowed here; leave it out to get '{usual}'")
            : null;
    }

    /// <summary>Why nodes that are kept for the cloud itself may not be run on.</summary>
    public static Refusal? JudgeTolerations(IEnumerable<JsonObject> tolerations)
    {
        foreach (var toleration in tolerations)
        {
            var key = toleration.Text("key") ?? "";
            if (key.Length == 0 || ControlPlane.Contains(key))
            {
                return new Refusal("pods of workspaces do not run on nodes that are kept for the cloud itself: leave out the toleration "
                    + (key.Length == 0 ? "of everything" : $"of {key}"));
            }
        }

        return null;
    }

    /// <summary>Why a priority class may not be named.</summary>
    public static async Task<Refusal?> JudgePriorityAsync(JsonObject? spec, AdmissionOptions options, IAdmissionFacts facts, CancellationToken ct)
    {
        var priority = spec.Text("priorityClassName") ?? "";
        return priority.Length == 0 || options.PriorityClasses.Contains(priority) || await facts.IsDefaultPriorityAsync(priority, ct).ConfigureAwait(false)
            ? null
            : new Refusal($"priorityClassName '{priority}' is not allowed here: it would push aside the pods of others; leave it out"
                + (options.PriorityClasses.Count > 0 ? $" or use one of {string.Join(", ", options.PriorityClasses)}" : ""));
    }

    /// <summary>The pod's spec in an object that makes pods, or in a pod.</summary>
    public static JsonObject? SpecOf(AdmissionRequest request) => request.Resource switch
    {
        "pods" => request.Object.Child("spec"),
        "podtemplates" => request.Object.Child("template", "spec"),
        "cronjobs" => request.Object.Child("spec", "jobTemplate", "spec", "template", "spec"),
        _ => request.Object.Child("spec", "template", "spec"),
    };
}
