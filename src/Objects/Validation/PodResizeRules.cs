using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What may change of a pod's resources while it runs: processor time and memory of its containers, within its quality of service.</summary>
internal static class PodResizeRules
{
    private static readonly string[] Lists = ["requests", "limits"];
    private static readonly string[] Mutable = ["cpu", "memory"];

    /// <summary>Judges a pod that came by way of its resize subresource.</summary>
    public static void Resize(JsonObject obj, JsonObject old, ErrorList errors)
    {
        if (old.Child("metadata", "annotations")?["kubernetes.io/config.mirror"] is not null)
        {
            errors.Forbidden("", "static pods cannot be resized");
            return;
        }

        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        if (QualityOfService.Of(spec) != (old.Child("status").Text("qosClass") is { Length: > 0 } known ? known : QualityOfService.Of(before)))
        {
            errors.Invalid("spec", obj.Child("status").Text("qosClass") ?? "", "Pod QOS Class may not change as a result of resizing");
        }

        // A node that does not tell what its containers have does not resize them either.
        if (old.Child("status").Objects("containerStatuses").FirstOrDefault(s => s.Child("state", "running") is not null) is { } running && running["resources"] is null)
        {
            errors.Forbidden("spec", "Pod running on node without support for resize");
        }

        foreach (var (container, had, i) in before.Objects("containers").Zip(spec.Objects("containers"), (b, a) => (a, b)).Select((pair, i) => (pair.a, pair.b, i)))
        {
            foreach (var list in Lists.Where(list => Keys(had, list).Except(Keys(container, list)).Any()))
            {
                errors.Forbidden($"spec.containers[{i}].resources.{list}", $"resource {list} cannot be removed");
            }
        }

        OnlyMutable(spec, before, errors);
    }

    /// <summary>What a container says about how it is to be resized.</summary>
    public static void Policy(JsonObject container, string path, bool isNeverRestarted, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (policy, i) in container.Objects("resizePolicy").Select((p, i) => (p, i)))
        {
            var (name, restart) = (policy.Text("resourceName") ?? "", policy.Text("restartPolicy") ?? "");
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.resizePolicy[{i}]", name);
            }

            if (isNeverRestarted && restart == "RestartContainer")
            {
                errors.Invalid($"{path}.resizePolicy", restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }

    private static void OnlyMutable(JsonObject spec, JsonObject before, ErrorList errors)
    {
        var changed = before.Objects("containers").Zip(spec.Objects("containers"), (b, a) => (Before: b, After: a)).SelectMany((pair, i) =>
            Lists.SelectMany(list => Keys(pair.Before, list).Union(Keys(pair.After, list))
                .Where(name => !Mutable.Contains(name) && Amount(pair.Before, list, name) != Amount(pair.After, list, name))
                .Select(name => $"`spec.containers[{i}].resources.{list}.{name}`"))).ToList();
        if (changed.Count > 0)
        {
            errors.Forbidden("spec", $"only cpu and memory resources are mutable\nthis resize changes {string.Join(", ", changed)}");
        }
    }

    private static IEnumerable<string> Keys(JsonObject container, string list) => (container.Child("resources", list) ?? []).Select(e => e.Key);

    private static decimal? Amount(JsonObject container, string list, string name) =>
        Quantity.TryParse(container.Child("resources", list)?[name]?.ToString(), out var quantity) ? quantity.Value : null;
}
