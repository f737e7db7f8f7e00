using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>The small kinds: namespaces, nodes, events, leases, service accounts.</summary>
internal static class CoreRules
{
    public static void Namespace(JsonObject obj, ErrorList errors)
    {
        foreach (var finalizer in obj.Child("spec").Texts("finalizers"))
        {
            errors.Check("spec.finalizers", finalizer, NameRules.QualifiedName(finalizer));
        }
    }

    public static void Node(JsonObject obj, ErrorList errors)
    {
        var taints = new HashSet<(string?, string?)>();
        var i = 0;
        foreach (var taint in obj.Child("spec").Objects("taints"))
        {
            var path = $"spec.taints[{i++}]";
            var (key, value) = (taint.Text("key") ?? "", taint.Text("value") ?? "");
            errors.Check($"{path}.key", key, NameRules.QualifiedName(key));
            errors.Check($"{path}.value", value, NameRules.LabelValue(value));
            errors.CheckRequired($"{path}.effect", taint.Text("effect"));
            if (!taints.Add((key, taint.Text("effect"))))
            {
                errors.DuplicateRaw(path, $"taints must be unique by key and effect pair: {key}");
            }
        }

        i = 0;
        foreach (var range in obj.Child("spec").Texts("podCIDRs"))
        {
            errors.Check($"spec.podCIDRs[{i++}]", range, NameRules.Cidr(range));
        }

        foreach (var list in (ReadOnlySpan<string>)["capacity", "allocatable"])
        {
            ResourceRules.Amounts(obj.Child("status", list), $"status.{list}", errors);
        }
    }

    public static void NodeChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["podCIDR", "podCIDRs", "providerID"])
        {
            if (old.Child("spec")?[field] is { } before && !JsonNode.DeepEquals(before, obj.Child("spec")?[field]))
            {
                errors.Forbidden($"spec.{field}", "node updates may not change it once it is set");
            }
        }
    }

    public static void Event(JsonObject obj, ErrorList errors) => EventAbout(obj, "involvedObject", errors);

    public static void NewEvent(JsonObject obj, ErrorList errors) => EventAbout(obj, "regarding", errors);

    public static void Lease(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec");
        if (spec.Number("leaseDurationSeconds") is { } duration && duration <= 0)
        {
            errors.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }

        if (spec.Number("leaseTransitions") is { } transitions && transitions < 0)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }
    }

    public static void Scale(JsonObject obj, ErrorList errors) => errors.NonNegative("spec.replicas", obj.Child("spec").Number("replicas"));

    /// <summary>An event lives beside what it is about; of things without a namespace, in the default one.</summary>
    private static void EventAbout(JsonObject obj, string reference, ErrorList errors)
    {
        var own = obj.Child("metadata").Text("namespace") ?? "";
        var about = obj.Child(reference).Text("namespace") ?? "";
        if (about != own && !(about.Length == 0 && own is "" or "default" or "kube-system"))
        {
            errors.Invalid($"{reference}.namespace", about, "does not match event.namespace");
        }
    }
}
