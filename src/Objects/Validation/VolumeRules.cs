using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Volumes of a pod. A source this cluster cannot mount is refused by its name.</summary>
internal static class VolumeRules
{
    private static readonly string[] Supported = ["emptyDir", "hostPath", "secret", "configMap", "downwardAPI", "projected", "persistentVolumeClaim", "ephemeral", "nfs", "csi"];

    /// <summary>Checks all volumes and returns those that can be mounted, by name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Check(JsonObject spec, string path, ErrorList errors)
    {
        var volumes = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var i = 0;
        foreach (var volume in spec.Objects("volumes"))
        {
            var at = $"{path}[{i++}]";
            var name = volume.Text("name") ?? "";
            errors.CheckRequired($"{at}.name", name, NameRules.DnsLabel);
            if (name.Length > 0 && !volumes.TryAdd(name, volume))
            {
                errors.Duplicate($"{at}.name", name);
            }

            Source(volume, at, errors);
        }

        return volumes;
    }

    private static void Source(JsonObject volume, string path, ErrorList errors)
    {
        var given = volume.Where(p => p.Key != "name" && p.Value is JsonObject).Select(p => p.Key).ToList();
        if (given.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }

        foreach (var extra in given.Skip(1))
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 volume type");
        }

        if (given.Count > 0)
        {
            CheckSource(given[0], volume.Child(given[0])!, $"{path}.{given[0]}", errors);
        }
    }

    private static void CheckSource(string kind, JsonObject source, string path, ErrorList errors)
    {
        switch (kind)
        {
            case "emptyDir":
                if (Quantity.TryParse(source.Text("sizeLimit"), out var limit) && limit.Value < 0)
                {
                    errors.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "hostPath":
                errors.CheckRequired($"{path}.path", source.Text("path"));
                NoBackSteps(source.Text("path") ?? "", $"{path}.path", errors);
                break;
            case "secret":
                errors.CheckRequired($"{path}.secretName", source.Text("secretName"));
                Files(source, path, errors);
                break;
            case "configMap":
                errors.CheckRequired($"{path}.name", source.Text("name"));
                Files(source, path, errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", path, errors);
                DownwardFiles(source, path, errors);
                break;
            case "projected":
                Mode(source, "defaultMode", path, errors);
                Projections(source, path, errors);
                break;
            case "persistentVolumeClaim":
                errors.CheckRequired($"{path}.claimName", source.Text("claimName"));
                break;
            case "nfs":
                errors.CheckRequired($"{path}.server", source.Text("server"));
                errors.CheckRequired($"{path}.path", source.Text("path"));
                break;
            case "csi":
                errors.CheckRequired($"{path}.driver", source.Text("driver"));
                break;
            case "ephemeral":
                Ephemeral(source, path, errors);
                break;
            default:
                errors.Forbidden(path, $"volumes of type {kind} are not supported; use one of {string.Join(", ", Supported)}");
                break;
        }
    }

    private static void Ephemeral(JsonObject source, string path, ErrorList errors)
    {
        if (source.Child("volumeClaimTemplate") is { } template)
        {
            StorageRules.ClaimSpec(template.Child("spec") ?? [], $"{path}.volumeClaimTemplate.spec", errors);
        }
        else
        {
            errors.Required($"{path}.volumeClaimTemplate");
        }
    }

    private static void Projections(JsonObject source, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var projection in source.Objects("sources"))
        {
            var at = $"{path}.sources[{i++}]";
            var given = projection.Where(p => p.Value is JsonObject).Select(p => p.Key).ToList();
            foreach (var extra in given.Skip(1))
            {
                errors.Forbidden($"{at}.{extra}", "may not specify more than 1 volume type");
            }

            if (given.Count == 0)
            {
                errors.Required(at, "must specify a volume type");
                continue;
            }

            var settings = projection.Child(given[0])!;
            switch (given[0])
            {
                case "secret" or "configMap":
                    errors.CheckRequired($"{at}.{given[0]}.name", settings.Text("name"));
                    Files(settings, $"{at}.{given[0]}", errors);
                    break;
                case "downwardAPI":
                    DownwardFiles(settings, $"{at}.{given[0]}", errors);
                    break;
                case "serviceAccountToken":
                    Token(settings, $"{at}.{given[0]}", errors);
                    break;
                default:
                    errors.Forbidden($"{at}.{given[0]}", $"projections of type {given[0]} are not supported");
                    break;
            }
        }
    }

    private static void Token(JsonObject token, string path, ErrorList errors)
    {
        var seconds = token.Number("expirationSeconds") ?? 0;
        if (seconds < 600)
        {
            errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }
        else if (seconds > 1L << 32)
        {
            errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
        }

        FilePath(token.Text("path"), $"{path}.path", errors);
    }

    private static void Files(JsonObject source, string path, ErrorList errors)
    {
        Mode(source, "defaultMode", path, errors);
        var i = 0;
        foreach (var item in source.Objects("items"))
        {
            var at = $"{path}.items[{i++}]";
            errors.CheckRequired($"{at}.key", item.Text("key"));
            FilePath(item.Text("path"), $"{at}.path", errors);
            Mode(item, "mode", at, errors);
        }
    }

    private static void DownwardFiles(JsonObject source, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var item in source.Objects("items"))
        {
            var at = $"{path}.items[{i++}]";
            FilePath(item.Text("path"), $"{at}.path", errors);
            Mode(item, "mode", at, errors);
            if (item.Child("fieldRef") is { } field)
            {
                EnvRules.FieldRef(field, $"{at}.fieldRef", isVolume: true, errors);
                if (item["resourceFieldRef"] is not null)
                {
                    errors.Invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
                }
            }
            else if (item.Child("resourceFieldRef") is { } resource)
            {
                EnvRules.ResourceRef(resource, $"{at}.resourceFieldRef", isVolume: true, errors);
            }
            else
            {
                errors.Required($"{at}.fieldRef", "one of fieldRef and resourceFieldRef is required");
            }
        }
    }

    private static void FilePath(string? path, string field, ErrorList errors)
    {
        errors.CheckRequired(field, path);
        if (path is { Length: > 0 })
        {
            MountRules.LocalPath(path, field, errors);
            if (path.StartsWith("..", StringComparison.Ordinal) && !path.StartsWith("../", StringComparison.Ordinal) && path != "..")
            {
                errors.Invalid(field, path, "must not start with '..'");
            }
        }
    }

    private static void NoBackSteps(string path, string field, ErrorList errors)
    {
        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(field, path, "must not contain '..'");
        }
    }

    private static void Mode(JsonObject source, string name, string path, ErrorList errors)
    {
        if (source.Number(name) is { } mode && mode is < 0 or > 511)
        {
            errors.Invalid($"{path}.{name}", source.Number(name) ?? 0, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
