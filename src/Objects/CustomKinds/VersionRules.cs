using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>
/// What the versions of a definition must be. What all versions have in common is one thing to Kubernetes and judged once, under
/// the path of the old single-version form.
/// </summary>
internal static class VersionRules
{
    private const int MaxSelectable = 8;
    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];
    private static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
    private static readonly string[] RootFields =
    [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
        "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    public static void Check(JsonObject spec, ErrorList errors)
    {
        var versions = spec.Objects("versions").ToList();
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Child("schema", "openAPIV3Schema") is null)
            {
                errors.Required($"spec.versions[{i}].schema.openAPIV3Schema");
            }
        }

        for (var i = 0; i < versions.Count; i++)
        {
            var path = $"spec.versions[{i}]";
            var name = versions[i].Text("name") ?? "";
            if (string.Join(',', NameRules.ServiceName(name)) is { Length: > 0 } wrong)
            {
                errors.Invalid($"{path}.name", name, wrong);
            }

            Deprecation(versions[i], path, errors);
            Parts(versions[i], versions, path, isShared: false, errors);
        }

        if (versions.Select(v => v.Text("name")).Distinct().Count() != versions.Count)
        {
            errors.InvalidRaw("spec.versions", Shown(spec), "must contain unique version names");
        }

        if (versions.Count(v => v.Flag("storage") == true) != 1)
        {
            errors.InvalidRaw("spec.versions", Shown(spec), "must have exactly one version marked as storage version");
        }
    }

    /// <summary>Judges what all versions have in common.</summary>
    public static void CheckShared(JsonObject spec, ErrorList errors)
    {
        var versions = spec.Objects("versions").ToList();
        if (versions.Count > 0)
        {
            Parts(versions[0], versions, "spec", isShared: true, errors);
        }
    }

    private static string Shown(JsonObject spec) => spec["versions"] is JsonArray { Count: > 0 } versions && versions.ToJsonString() is { Length: < 4096 } text ? text : "[]";

    private static void Parts(JsonObject version, List<JsonObject> versions, string path, bool isShared, ErrorList errors)
    {
        bool IsMine(string field) => version[field] is not null && versions.TrueForAll(v => JsonNode.DeepEquals(v[field], version[field])) == isShared;
        var hasStatus = isShared ? versions.Exists(v => v.Child("subresources")?["status"] is not null) : version.Child("subresources")?["status"] is not null;
        if (IsMine("schema") && version.Child("schema", "openAPIV3Schema") is { } schema)
        {
            Schema(schema, hasStatus, isShared ? "spec.validation" : $"{path}.schema", errors);
        }

        if (IsMine("subresources") && version.Child("subresources", "scale") is { } scale)
        {
            Scale(scale, $"{path}.subresources.scale", errors);
        }

        if (IsMine("additionalPrinterColumns"))
        {
            var i = 0;
            foreach (var column in version.Objects("additionalPrinterColumns"))
            {
                Column(column, $"{path}.additionalPrinterColumns[{i++}]", errors);
            }
        }

        if (IsMine("selectableFields"))
        {
            Selectable(version, $"{path}.selectableFields", errors);
        }
    }

    private static void Schema(JsonObject schema, bool hasStatus, string path, ErrorList errors)
    {
        var at = SchemaPath.Root($"{path}.openAPIV3Schema");
        if (hasStatus)
        {
            if (schema.Text("type") is { Length: > 0 } type && type != "object")
            {
                errors.Invalid($"{at}.type", type, "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
            }

            if (schema.Any(p => !RootFields.Contains(p.Key)))
            {
                errors.InvalidRaw(at.ToString(), "{}", "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled");
            }
        }

        if (schema.Flag("nullable") == true)
        {
            errors.Forbidden($"{at}.nullable", "nullable cannot be true at the root");
        }

        var general = new ErrorList();
        new OpenApiRules(general).Check(schema, at);
        var structural = StructuralRules.Check(schema, at);
        errors.AddRange(structural);
        if (structural.Count == 0 && general.Count == 0)
        {
            DefaultRules.Check(SchemaCompiler.Compile(schema), at, errors);
        }

        errors.AddRange(general.Errors);
    }

    private static void Deprecation(JsonObject version, string path, ErrorList errors)
    {
        if (version.Text("deprecationWarning") is not { } warning)
        {
            return;
        }

        var at = $"{path}.deprecationWarning";
        if (version.Flag("deprecated") != true)
        {
            errors.Invalid(at, warning, "can only be set for deprecated versions");
        }
        else if (warning.Length > 256)
        {
            errors.Invalid(at, warning, "must be <= 256 characters long");
        }
        else if (warning.Length == 0)
        {
            errors.Invalid(at, warning, "must not be an empty string");
        }
        else if (warning.AsSpan().IndexOfAnyInRange('\0', '\x1f') is >= 0 and var index)
        {
            errors.Invalid(at, warning, $"must only contain printable UTF-8 characters; non-printable character found at index {index}");
        }
    }

    private static void Scale(JsonObject scale, string path, ErrorList errors)
    {
        foreach (var (field, prefix) in (ReadOnlySpan<(string, string)>)[("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")])
        {
            var value = scale.Text(field) ?? "";
            if (value.Length == 0)
            {
                errors.Required($"{path}.{field}");
            }
            else if (SimplePath(value, $"{path}.{field}", errors) && !value.StartsWith(prefix + ".", StringComparison.Ordinal))
            {
                errors.Invalid($"{path}.{field}", value, $"should be a json path under {prefix}");
            }
        }

        if (scale.Text("labelSelectorPath") is { Length: > 0 } selector && SimplePath(selector, $"{path}.labelSelectorPath", errors)
            && !selector.StartsWith(".spec.", StringComparison.Ordinal) && !selector.StartsWith(".status.", StringComparison.Ordinal))
        {
            errors.Invalid($"{path}.labelSelectorPath", selector, "should be a json path under either .spec or .status");
        }
    }

    private static bool SimplePath(string value, string path, ErrorList errors)
    {
        if (value.StartsWith('.'))
        {
            return true;
        }

        errors.Invalid(path, value, "must be a simple json path starting with .");
        return false;
    }

    private static void Column(JsonObject column, string path, ErrorList errors)
    {
        if (string.IsNullOrEmpty(column.Text("name")))
        {
            errors.Required($"{path}.name");
        }

        var type = column.Text("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{path}.type", $"must be one of {string.Join(',', ColumnTypes)}");
        }
        else if (!ColumnTypes.Contains(type))
        {
            errors.Invalid($"{path}.type", type, $"must be one of {string.Join(',', ColumnTypes)}");
        }

        if (column.Text("format") is { Length: > 0 } format && !ColumnFormats.Contains(format))
        {
            errors.Invalid($"{path}.format", format, $"must be one of {string.Join(',', ColumnFormats)}");
        }

        if (column.Text("jsonPath") is not { Length: > 0 } jsonPath)
        {
            errors.Required($"{path}.JSONPath");
        }
        else
        {
            SimplePath(jsonPath, $"{path}.JSONPath", errors);
        }
    }

    private static void Selectable(JsonObject version, string path, ErrorList errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var field in version.Objects("selectableFields"))
        {
            var at = $"{path}[{i++}].jsonPath";
            var value = field.Text("jsonPath") ?? "";
            if (value.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            if (!TryFind(version.Child("schema", "openAPIV3Schema"), value, out var found, out var problem))
            {
                errors.Invalid(at, value, $"is an invalid path: {problem}");
                continue;
            }

            if (value.StartsWith(".metadata.", StringComparison.Ordinal) || value == ".metadata")
            {
                errors.Invalid(at, value, "must not point to fields in metadata");
            }

            if (found.Text("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(at, value, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }

            if (!seen.Add(value))
            {
                errors.Duplicate(at, value);
            }
        }

        if (seen.Count > MaxSelectable)
        {
            errors.TooMany(path, seen.Count, MaxSelectable);
        }
    }

    private static bool TryFind(JsonObject? schema, string path, out JsonObject found, out string problem)
    {
        found = schema ?? [];
        problem = "";
        if (!path.StartsWith('.'))
        {
            problem = $"expected [ or . but got: {path}";
            return false;
        }

        foreach (var name in path[1..].Split('.'))
        {
            if (found.Child("properties", name) is not { } next)
            {
                problem = $"does not refer to a valid field: {path}";
                return false;
            }

            found = next;
        }

        return true;
    }
}
