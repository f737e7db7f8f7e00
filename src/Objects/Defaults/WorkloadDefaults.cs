using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>What runs pods from a template.</summary>
internal static class WorkloadDefaults
{
    public static void Deployment(JsonObject obj)
    {
        PodDefaults.Template(obj.Child("spec", "template"));
        RollingUpdate(obj.Child("spec"), "strategy");
    }

    public static void DaemonSet(JsonObject obj)
    {
        PodDefaults.Template(obj.Child("spec", "template"));
        RollingUpdate(obj.Child("spec"), "updateStrategy");
    }

    public static void StatefulSet(JsonObject obj)
    {
        var spec = obj.Child("spec");
        PodDefaults.Template(spec.Child("template"));
        RollingUpdate(spec, "updateStrategy");
        foreach (var claim in spec.Objects("volumeClaimTemplates"))
        {
            claim["kind"] = "PersistentVolumeClaim";
            claim["apiVersion"] = "v1";
        }
    }

    public static void ReplicationController(JsonObject obj)
    {
        var template = obj.Child("spec", "template");
        PodDefaults.Template(template);
        if (template.Child("metadata", "labels") is not { Count: > 0 } labels)
        {
            return;
        }

        obj.Child("spec")!.SetMissing("selector", labels.DeepClone());
        obj.Ensure("metadata").SetMissing("labels", labels.DeepClone());
    }

    public static void Job(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        PodDefaults.Template(spec.Child("template"));
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1L;
        }

        spec.SetMissing("parallelism", 1L);
        spec.SetMissing("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6L : int.MaxValue);
        spec.SetMissing("completionMode", "NonIndexed");
        spec.SetMissing("suspend", false);
        spec.SetMissing("manualSelector", false);
        spec.SetMissing("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        if (spec.Child("template", "metadata", "labels") is { Count: > 0 } labels)
        {
            obj.Ensure("metadata").SetMissing("labels", labels.DeepClone());
        }
    }

    private static void RollingUpdate(JsonObject? spec, string name)
    {
        if (spec?.Ensure(name) is { } strategy && strategy.Text("type") is null or "" or "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate");
        }
    }
}
