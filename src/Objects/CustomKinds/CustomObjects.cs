using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>The paths of a custom kind's scale.</summary>
public sealed record ScalePaths(string Spec, string Status, string? Selector);

/// <summary>What a body became.</summary>
/// <param name="Mismatch">Why it is no object of the kind at all, or null.</param>
/// <param name="Unknown">The paths of fields that were removed.</param>
public sealed record Completion(string? Mismatch, IReadOnlyList<string> Unknown);

/// <summary>Completes and judges whole objects of custom kinds, as <see cref="Pruner"/>, <see cref="Defaulter"/> and <see cref="Validator"/> do for the others.</summary>
public static class CustomObjects
{
    /// <summary>Prunes and defaults a body in place.</summary>
    /// <exception cref="OverflowException">Its defaults are too large.</exception>
    public static Completion Complete(JsonObject obj, SchemaNode schema)
    {
        var unknown = new List<string>();
        if (CustomPruner.CleanMetadata(obj, schema, isRoot: true, unknown) is { } mismatch)
        {
            return new Completion(mismatch, []);
        }

        unknown.AddRange(CustomPruner.Prune(obj, schema));
        if (!CustomDefaulter.Default(obj, schema).IsComplete)
        {
            throw new OverflowException("the object with its defaults is too large");
        }

        return new Completion(null, unknown);
    }

    /// <summary>Fills in defaults of an object from the store; true when that changed it.</summary>
    public static bool Default(JsonObject obj, SchemaNode schema) => CustomDefaulter.Default(obj, schema).Changed;

    /// <summary>Gives an object the one form that equal objects share: names in order, metadata as it always is.</summary>
    public static void Canonicalize(JsonObject obj)
    {
        if (obj["metadata"] is JsonObject metadata)
        {
            Pruner.Prune(metadata, KubeSchema.Default.GetType("meta/v1.ObjectMeta"));
        }

        foreach (var (name, value) in obj)
        {
            if (name != "metadata")
            {
                Sort(value);
            }
        }

        SortNames(obj);
    }

    /// <summary>What is not wrong, but better otherwise; <paramref name="old"/> is null for an object that is to be created.</summary>
    public static IEnumerable<string> Warnings(JsonObject obj, JsonObject? old) => MetadataRules.FinalizerWarnings(obj.Child("metadata"), old.Child("metadata"));

    /// <summary>What is wrong with an object that is to be created.</summary>
    public static IReadOnlyList<FieldError> ValidateCreate(JsonObject obj, KindSchema kind, SchemaNode schema, ScalePaths? scale)
    {
        var errors = new ErrorList();
        MetadataRules.Create(obj, kind, NameRules.DnsSubdomain, errors, isCustom: true);
        errors.AddRange(CustomValidator.Validate(obj, schema));
        ScaleRules.Spec(obj, scale, errors);
        ScaleRules.Status(obj, scale, errors);
        EmbeddedRules.Check(obj, schema, errors);
        ListRules.Check(obj, schema, errors);
        return errors.Errors;
    }

    /// <summary>What is wrong with an object that is to replace another, by way of its status or not.</summary>
    public static IReadOnlyList<FieldError> ValidateUpdate(JsonObject obj, JsonObject old, SchemaNode schema, ScalePaths? scale, bool isStatus)
    {
        var errors = new ErrorList();
        MetadataRules.Update(obj, old, errors, isCustom: true);
        if (isStatus)
        {
            if (obj["status"] is { } status && schema.Field("status") is { } below)
            {
                errors.AddRange(CustomValidator.ValidateChange(status, old["status"], below, "status"));
            }
        }
        else
        {
            errors.AddRange(CustomValidator.ValidateChange(obj, old, schema));
            ScaleRules.Spec(obj, scale, errors);
        }

        ScaleRules.Status(obj, scale, errors);
        if (!isStatus)
        {
            EmbeddedRules.Check(obj, schema, errors);
        }

        CheckLists(obj, old, schema, errors);
        return errors.Errors;
    }

    /// <summary>A list that was wrong before may stay so.</summary>
    private static void CheckLists(JsonObject obj, JsonObject old, SchemaNode schema, ErrorList errors)
    {
        var found = new ErrorList();
        ListRules.Check(obj, schema, found);
        if (found.Count == 0)
        {
            return;
        }

        var before = new ErrorList();
        ListRules.Check(old, schema, before);
        if (before.Count == 0)
        {
            errors.AddRange(found.Errors);
        }
    }

    private static void Sort(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                foreach (var (_, value) in obj)
                {
                    Sort(value);
                }

                SortNames(obj);
                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Sort(item);
                }

                break;
        }
    }

    private static void SortNames(JsonObject obj)
    {
        for (var i = 1; i < obj.Count; i++)
        {
            if (string.CompareOrdinal(obj.GetAt(i - 1).Key, obj.GetAt(i).Key) > 0)
            {
                var sorted = obj.OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
                obj.Clear();
                foreach (var (name, value) in sorted)
                {
                    obj[name] = value;
                }

                return;
            }
        }
    }
}

/// <summary>The numbers of replicas at the paths of a scale.</summary>
internal static class ScaleRules
{
    public static void Spec(JsonObject obj, ScalePaths? scale, ErrorList errors)
    {
        if (scale is not null)
        {
            Replicas(obj, scale.Spec, errors);
        }
    }

    public static void Status(JsonObject obj, ScalePaths? scale, ErrorList errors)
    {
        if (scale is null)
        {
            return;
        }

        Replicas(obj, scale.Status, errors);
        if (scale.Selector is { Length: > 0 } path && At(obj, path, out var problem) is var value && (problem ?? (value is null || value.AsText() is not null ? null : Mistyped(path, value, "string"))) is { } wrong)
        {
            errors.Invalid(path, "", wrong);
        }
    }

    /// <summary>The value at a dotted path, or null; a step through something that is no object is a problem.</summary>
    public static JsonNode? At(JsonObject obj, string path, out string? problem)
    {
        problem = null;
        JsonNode? node = obj;
        var passed = "";
        foreach (var name in path.TrimStart('.').Split('.'))
        {
            if (node is not JsonObject here)
            {
                problem = Mistyped(passed, node, "map[string]interface{}");
                return null;
            }

            passed += "." + name;
            if (!here.TryGetPropertyValue(name, out node) || node is null)
            {
                return null;
            }
        }

        return node;
    }

    private static void Replicas(JsonObject obj, string path, ErrorList errors)
    {
        var value = At(obj, path, out var problem);
        if ((problem ?? (value is null || value.AsNumber() is not null ? null : Mistyped(path, value, "int64"))) is { } wrong)
        {
            errors.Invalid(path, 0, wrong);
        }
        else if (value.AsNumber() is < 0 and var few)
        {
            errors.Invalid(path, few, "should be a non-negative integer");
        }
        else if (value.AsNumber() is > int.MaxValue and var many)
        {
            errors.Invalid(path, many, string.Create(CultureInfo.InvariantCulture, $"should be less than or equal to {int.MaxValue}"));
        }
    }

    private static string Mistyped(string path, JsonNode? value, string expected)
    {
        var (shown, type) = value switch
        {
            JsonObject => ("map[]", "map[string]interface {}"),
            JsonArray => ("[]", "[]interface {}"),
            _ => value?.GetValueKind() switch
            {
                System.Text.Json.JsonValueKind.String => (value.AsText()!, "string"),
                System.Text.Json.JsonValueKind.Number => (value.ToJsonString(), value.AsNumber() is null ? "float64" : "int64"),
                _ => (value?.ToJsonString() ?? "<nil>", "bool"),
            },
        };
        return $"{path} accessor error: {shown} is of the type {type}, expected {expected}";
    }
}
