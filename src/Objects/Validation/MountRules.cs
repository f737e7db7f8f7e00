using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Where volumes appear in a container.</summary>
internal static class MountRules
{
    public static void Check(JsonObject container, string path, IReadOnlyDictionary<string, JsonObject> volumes, ErrorList errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var isPrivileged = container.Child("securityContext").Flag("privileged") == true;
        var i = 0;
        foreach (var mount in container.Objects("volumeMounts"))
        {
            var at = $"{path}.volumeMounts[{i++}]";
            Volume(mount, at, volumes, errors);
            Target(mount.Text("mountPath"), $"{at}.mountPath", paths, errors);
            SubPaths(mount, at, errors);
            if (mount.Text("mountPropagation") == "Bidirectional" && !isPrivileged)
            {
                errors.Forbidden($"{at}.mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
            }

            if (mount.Text("recursiveReadOnly") is "Enabled" or "IfPossible" && mount.Flag("readOnly") != true)
            {
                errors.Forbidden($"{at}.recursiveReadOnly", "may only be specified when readOnly is true");
            }
        }

        i = 0;
        foreach (var device in container.Objects("volumeDevices"))
        {
            var at = $"{path}.volumeDevices[{i++}]";
            Volume(device, at, volumes, errors);
            Target(device.Text("devicePath"), $"{at}.devicePath", paths, errors);
        }
    }

    /// <summary>A path that stays below where it starts.</summary>
    public static void LocalPath(string path, string field, ErrorList errors)
    {
        if (path.StartsWith('/'))
        {
            errors.Invalid(field, path, "must be a relative path");
        }

        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(field, path, "must not contain '..'");
        }
    }

    private static void Volume(JsonObject use, string path, IReadOnlyDictionary<string, JsonObject> volumes, ErrorList errors)
    {
        var name = use.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (!volumes.ContainsKey(name))
        {
            errors.NotFound($"{path}.name", name);
        }
    }

    private static void Target(string? target, string field, HashSet<string> taken, ErrorList errors)
    {
        if (string.IsNullOrEmpty(target))
        {
            errors.Required(field);
        }
        else if (!taken.Add(target))
        {
            errors.Invalid(field, target, "must be unique");
        }
    }

    private static void SubPaths(JsonObject mount, string path, ErrorList errors)
    {
        if (mount.Text("subPath") is { Length: > 0 } subPath)
        {
            LocalPath(subPath, $"{path}.subPath", errors);
        }

        if (mount.Text("subPathExpr") is { Length: > 0 } expression)
        {
            LocalPath(expression, $"{path}.subPathExpr", errors);
            if (mount.Text("subPath") is { Length: > 0 })
            {
                errors.Invalid($"{path}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive");
            }
        }
    }
}
