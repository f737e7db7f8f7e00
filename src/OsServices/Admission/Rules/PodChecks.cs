using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>What a pod of a workspace may not ask for, beyond what Pod Security refuses.</summary>
internal static class PodChecks
{
    private static readonly string[] ControlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    // Images that are loaded onto the machine by its operator, for everybody: nothing can be pulled from there.
    private const string BuiltInImages = "sealos.hub/";

    public static Refusal? Judge(JsonObject? spec, string workspace, AdmissionOptions options, IPodChoices choices)
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
        return choices.RuntimeClassOf(workspace) is { } usual && runtime.Length > 0 && runtime != usual && !options.OtherRuntimeClasses.Contains(runtime)
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

    /// <summary>Why a priority class may not be named, or, in a pod, is wanting.</summary>
    public static Refusal? JudgePriority(JsonObject? spec, AdmissionOptions options, IPodChoices choices, bool isPod)
    {
        var name = spec.Text("priorityClassName") ?? "";
        var all = choices.Priority;
        if (name == all?.Class || options.PriorityClasses.Contains(name))
        {
            return null;
        }

        if (name.Length == 0 || choices.IsDefaultPriority(name))
        {
            // In a template it stands for the one that its pods get.
            return isPod && all is not null ? new Refusal($"pods of workspaces have priority class '{all.Class}'") : null;
        }

        return new Refusal($"priorityClassName '{name}' is not allowed here: it would push aside the pods of others; leave it out"
            + (options.PriorityClasses.Count > 0 ? $" or use one of {string.Join(", ", options.PriorityClasses)}" : ""));
    }

    /// <summary>Whether an image may come from the node's store where everybody's own credential must do.</summary>
    public static bool IsPulledOtherwise(JsonObject image, string policy) =>
        (image.Text("imagePullPolicy") ?? image.Text("pullPolicy")) != policy
        && !(image.Text("image") ?? image.Text("reference") ?? "").StartsWith(BuiltInImages, StringComparison.Ordinal);

    /// <summary>The pod's spec in an object that makes pods, or in a pod.</summary>
    public static JsonObject? SpecOf(AdmissionRequest request) => request.Resource switch
    {
        "pods" => request.Object.Child("spec"),
        "podtemplates" => request.Object.Child("template", "spec"),
        "cronjobs" => request.Object.Child("spec", "jobTemplate", "spec", "template", "spec"),
        _ => request.Object.Child("spec", "template", "spec"),
    };
}
