using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Environment variables and where their values come from.</summary>
internal static class EnvRules
{
    private static readonly string[] EnvFields =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    private static readonly string[] VolumeFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
    private static readonly string[] ResourceFields =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];

    public static void Check(JsonObject container, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var variable in container.Objects("env"))
        {
            var at = $"{path}.env[{i++}]";
            errors.CheckRequired($"{at}.name", variable.Text("name"), NameRules.EnvName);
            if (variable.Child("valueFrom") is { } source)
            {
                Source(variable, source, $"{at}.valueFrom", errors);
            }
        }

        i = 0;
        foreach (var import in container.Objects("envFrom"))
        {
            Import(import, $"{path}.envFrom[{i++}]", errors);
        }
    }

    /// <summary>A field of the pod, as the downward API names it.</summary>
    public static void FieldRef(JsonObject reference, string path, bool isVolume, ErrorList errors)
    {
        errors.CheckRequired($"{path}.apiVersion", reference.Text("apiVersion"));
        var field = reference.Text("fieldPath") ?? "";
        if (field.Length == 0)
        {
            errors.Required($"{path}.fieldPath");
            return;
        }

        var open = field.IndexOf("['", StringComparison.Ordinal);
        if (open > 0 && field.EndsWith("']", StringComparison.Ordinal))
        {
            Subscript(field[..open], field[(open + 2)..^2], path, errors);
            return;
        }

        var supported = isVolume ? VolumeFields : EnvFields;
        if (supported.Contains(field))
        {
            return;
        }

        if (EnvFields.Contains(field) || VolumeFields.Contains(field))
        {
            errors.NotSupported($"{path}.fieldPath", field, supported);
        }
        else
        {
            errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: field label not supported: {field}");
        }
    }

    /// <summary>A resource of a container, as the downward API names it.</summary>
    public static void ResourceRef(JsonObject reference, string path, bool isVolume, ErrorList errors)
    {
        if (isVolume)
        {
            errors.CheckRequired($"{path}.containerName", reference.Text("containerName"));
        }

        var resource = reference.Text("resource") ?? "";
        if (resource.Length == 0)
        {
            errors.Required($"{path}.resource");
        }
        else if (!ResourceFields.Contains(resource) && !resource.Contains(".hugepages-", StringComparison.Ordinal))
        {
            errors.NotSupported($"{path}.resource", resource, ResourceFields);
        }
    }

    private static void Subscript(string field, string key, string path, ErrorList errors)
    {
        if (field is not ("metadata.annotations" or "metadata.labels"))
        {
            errors.Invalid($"{path}.fieldPath", $"{field}['{key}']", $"error converting fieldPath: field label does not support subscript: {field}");
            return;
        }

        errors.Check(path, key, NameRules.QualifiedName(field == "metadata.annotations" ? key.ToLowerInvariant() : key));
    }

    private static void Source(JsonObject variable, JsonObject source, string path, ErrorList errors)
    {
        var given = Sources.Where(s => source[s] is JsonObject).ToList();
        if (given.Count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (variable.Text("value") is { Length: > 0 })
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (given.Count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }

        foreach (var name in given)
        {
            var reference = source.Child(name)!;
            switch (name)
            {
                case "fieldRef":
                    FieldRef(reference, $"{path}.{name}", isVolume: false, errors);
                    break;
                case "resourceFieldRef":
                    ResourceRef(reference, $"{path}.{name}", isVolume: false, errors);
                    break;
                default:
                    errors.CheckRequired($"{path}.{name}.name", reference.Text("name"));
                    errors.CheckRequired($"{path}.{name}.key", reference.Text("key"), NameRules.ConfigKey);
                    break;
            }
        }
    }

    private static void Import(JsonObject import, string path, ErrorList errors)
    {
        if (import.Text("prefix") is { Length: > 0 } prefix)
        {
            errors.Check($"{path}.prefix", prefix, NameRules.EnvName(prefix));
        }

        var given = new[] { "configMapRef", "secretRef" }.Where(s => import[s] is JsonObject).ToList();
        if (given.Count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (given.Count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }

        foreach (var name in given)
        {
            errors.CheckRequired($"{path}.{name}.name", import.Child(name).Text("name"));
        }
    }
}
