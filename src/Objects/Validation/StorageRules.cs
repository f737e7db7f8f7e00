using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Claims, volumes and storage classes.</summary>
internal static class StorageRules
{
    private static readonly string[] VolumeSettings =
        ["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"];

    public static void Claim(JsonObject obj, ErrorList errors) => ClaimSpec(obj.Child("spec") ?? [], "spec", errors);

    public static void ClaimSpec(JsonObject spec, string path, ErrorList errors)
    {
        if (spec.Array("accessModes") is not { Count: > 0 })
        {
            errors.Required($"{path}.accessModes", "at least 1 access mode is required");
        }

        ExclusiveAccess(spec, path, errors);
        SelectorRules.Selector(spec.Child("selector"), $"{path}.selector", errors);
        if (!Quantity.TryParse(spec.Child("resources", "requests").Text("storage"), out var storage))
        {
            errors.Required($"{path}.resources[storage]");
        }
        else if (storage.Value <= 0)
        {
            errors.Invalid($"{path}.resources[storage]", storage.ToString(), "must be greater than zero");
        }

        if (spec.Text("storageClassName") is { Length: > 0 } name)
        {
            errors.Check($"{path}.storageClassName", name, NameRules.DnsSubdomain(name));
        }
    }

    /// <summary>A claim may be bound once, and grow.</summary>
    public static void ClaimChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = ((JsonObject)(obj.Child("spec")?.DeepClone() ?? new JsonObject()), (JsonObject)(old.Child("spec")?.DeepClone() ?? new JsonObject()));
        foreach (var field in (ReadOnlySpan<string>)["volumeName", "storageClassName"])
        {
            if (string.IsNullOrEmpty(before.Text(field)))
            {
                before.Remove(field);
                spec.Remove(field);
            }
        }

        var isBound = old.Child("status").Text("phase") == "Bound";
        var (size, oldSize) = (spec.Child("resources", "requests").Text("storage"), before.Child("resources", "requests").Text("storage"));
        if (isBound && Quantity.TryParse(size, out var wanted) && Quantity.TryParse(oldSize, out var had))
        {
            if (wanted.Value < had.Value)
            {
                errors.Forbidden("spec.resources.requests.storage", "field can not be less than previous value");
            }

            before.Child("resources", "requests")!["storage"] = size;
        }

        if (!JsonNode.DeepEquals(spec, before))
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }

    public static void Volume(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        if (spec.Array("accessModes") is not { Count: > 0 })
        {
            errors.Required("spec.accessModes");
        }

        ExclusiveAccess(spec, "spec", errors);
        if (spec.Child("capacity") is not { Count: > 0 } capacity)
        {
            errors.Required("spec.capacity");
        }
        else if (capacity.Count != 1 || !Quantity.TryParse(capacity.Text("storage"), out var storage))
        {
            errors.NotSupported("spec.capacity", string.Join(',', capacity.Select(p => p.Key)), ["storage"]);
        }
        else if (storage.Value <= 0)
        {
            errors.Invalid("spec.capacity[storage]", storage.ToString(), "must be greater than zero");
        }

        var sources = Sources(spec);
        if (sources.Count == 0)
        {
            errors.Required("spec", "must specify a volume type");
        }

        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden($"spec.{extra}", "may not specify more than 1 volume type");
        }

        if (spec.Child("nodeAffinity", "required") is { } selector)
        {
            SchedulingRules.NodeSelector(selector, "spec.nodeAffinity.required", errors);
        }
    }

    public static void VolumeChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        foreach (var source in Sources(before).Union(Sources(spec)))
        {
            if (!JsonNode.DeepEquals(spec[source], before[source]))
            {
                errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
                break;
            }
        }

        errors.Immutable("volumeMode", spec["volumeMode"], before["volumeMode"]);
    }

    public static void Class(JsonObject obj, ErrorList errors)
    {
        errors.CheckRequired("provisioner", obj.Text("provisioner"), name => NameRules.QualifiedName(name.ToLowerInvariant()));
        foreach (var (key, _) in obj.Child("parameters") ?? [])
        {
            if (key.Length == 0)
            {
                errors.Invalid("parameters", key, "field can not be empty.");
            }
        }
    }

    public static void ClassChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!JsonNode.DeepEquals(obj[field], old[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }

        errors.Immutable("volumeBindingMode", obj["volumeBindingMode"], old["volumeBindingMode"]);
    }

    private static void ExclusiveAccess(JsonObject spec, string path, ErrorList errors)
    {
        var modes = spec.Texts("accessModes").ToList();
        if (modes.Contains("ReadWriteOncePod") && modes.Count > 1)
        {
            errors.Forbidden($"{path}.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static List<string> Sources(JsonObject spec) => [.. spec.Select(p => p.Key).Where(name => !VolumeSettings.Contains(name))];
}
