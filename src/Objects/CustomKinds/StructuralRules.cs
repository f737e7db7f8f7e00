using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>
/// What makes a schema structural: every field has its type outside of allOf, anyOf, oneOf and not, which only judge values.
/// Only then can unknown fields be told and defaults be filled in.
/// </summary>
internal sealed class StructuralRules
{
    private static readonly JsonArray IntOrString = [new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }];

    private readonly ErrorList _errors = new();

    private enum Level
    {
        Root,
        Item,
        Field,
    }

    /// <summary>What is wrong, in the order of the messages.</summary>
    public static IReadOnlyList<FieldError> Check(JsonObject schema, SchemaPath path)
    {
        var rules = new StructuralRules();
        rules.Node(schema, Level.Root, path);
        rules.Complete(schema, schema, path, path);
        return [.. rules._errors.Errors.OrderBy(e => e.ToString(), StringComparer.Ordinal)];
    }

    private void Node(JsonObject s, Level level, SchemaPath path)
    {
        var type = s.Text("type") ?? "";
        if (type == "array" && s["items"] is null)
        {
            _errors.Required(path.Child("items").ToString(), "must be specified");
        }

        if (s["items"] is JsonObject items)
        {
            Node(items, Level.Item, path.Child("items"));
        }

        foreach (var (name, property) in s.Child("properties") ?? [])
        {
            Node(property as JsonObject ?? [], Level.Field, path.Child("properties").Key(name));
        }

        if (s["additionalProperties"] is { } additional)
        {
            if (level == Level.Root)
            {
                _errors.Forbidden(path.Child("additionalProperties").ToString(), "must not be used at the root");
            }

            if (additional is JsonObject below)
            {
                Node(below, Level.Field, path.Child("additionalProperties"));
            }
        }

        Extensions(s, path);
        Values(s, path, IsIntOrString(s["anyOf"]), IsIntOrString((s.Array("allOf")?.FirstOrDefault() as JsonObject)?["anyOf"]));
        Types(s, type, level, path);
        Meta(s, level, path);
    }

    private static bool IsIntOrString(JsonNode? anyOf) => JsonNode.DeepEquals(anyOf, IntOrString);

    private static bool Has(JsonObject s, string flag) => s.Flag(flag) == true;

    private void Extensions(JsonObject s, SchemaPath path)
    {
        if (!Has(s, "x-kubernetes-int-or-string"))
        {
            return;
        }

        foreach (var other in (ReadOnlySpan<string>)["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"])
        {
            if (Has(s, other))
            {
                _errors.InvalidRaw(path.Child(other).ToString(), "true", "must be false if x-kubernetes-int-or-string is true");
            }
        }
    }

    private void Types(JsonObject s, string type, Level level, SchemaPath path)
    {
        var isEmbedded = Has(s, "x-kubernetes-embedded-resource");
        var at = path.Child("type");
        if (isEmbedded && type != "object")
        {
            if (type.Length == 0)
            {
                _errors.Required(at.ToString(), "must be object if x-kubernetes-embedded-resource is true");
            }
            else
            {
                _errors.Invalid(at.ToString(), type, "must be object if x-kubernetes-embedded-resource is true");
            }
        }
        else if (type.Length == 0 && !Has(s, "x-kubernetes-int-or-string") && !Has(s, "x-kubernetes-preserve-unknown-fields"))
        {
            _errors.Required(at.ToString(), level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }

        if (isEmbedded && s["additionalProperties"] is not null)
        {
            _errors.Forbidden(path.Child("additionalProperties").ToString(), "must not be used if x-kubernetes-embedded-resource is set");
        }

        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            _errors.Invalid(at.ToString(), type, "must be object at the root");
        }

        if (isEmbedded && !Has(s, "x-kubernetes-preserve-unknown-fields") && s.Child("properties") is null or { Count: 0 })
        {
            _errors.Required(path.Child("properties").ToString(), "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    private void Meta(JsonObject s, Level level, SchemaPath path)
    {
        var isResource = level == Level.Root || Has(s, "x-kubernetes-embedded-resource");
        var properties = s.Child("properties");
        foreach (var name in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (isResource && properties.Child(name) is { } property && property.Text("type") != "string")
            {
                _errors.Invalid(path.Child("properties").Key(name).Child("type").ToString(), property.Text("type") ?? "", "must be string");
            }
        }

        if (properties.Child("metadata") is not { } metadata)
        {
            return;
        }

        var at = path.Child("properties").Key("metadata");
        if (isResource && metadata.Text("type") != "object")
        {
            _errors.Invalid(at.Child("type").ToString(), metadata.Text("type") ?? "", "must be object");
        }

        if (level == Level.Root && !OnlyNames(metadata))
        {
            _errors.Forbidden(at.ToString(), "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static bool OnlyNames(JsonObject metadata) =>
        metadata.All(p => p.Key is "type" or "default" or "properties") && (metadata.Child("properties") ?? []).All(p => p.Key is "name" or "generateName");

    private void Values(JsonObject v, SchemaPath path, bool skipAnyOf, bool skipFirstAllOf)
    {
        if (!skipAnyOf)
        {
            Each(v, "anyOf", path, _ => false);
        }

        Each(v, "allOf", path, i => skipFirstAllOf && i == 0);
        Each(v, "oneOf", path, _ => false);
        if (v["not"] is JsonObject not)
        {
            Nested(not, path.Child("not"), skipAnyOf: false);
        }

        if (v.Text("pattern") is { Length: > 0 } pattern && GoRegex.Check(pattern) is { } wrong)
        {
            _errors.Invalid(path.Child("pattern").ToString(), pattern, $"must be a valid regular expression, but isn't: {wrong}");
        }
    }

    private void Each(JsonObject v, string name, SchemaPath path, Func<int, bool> skipsAnyOf)
    {
        var i = 0;
        foreach (var child in v.Objects(name))
        {
            Nested(child, path.Child(name).Index(i), skipsAnyOf(i));
            i++;
        }
    }

    private void Nested(JsonObject v, SchemaPath path, bool skipAnyOf)
    {
        Values(v, path, skipAnyOf, skipFirstAllOf: false);
        if (v["items"] is JsonObject items)
        {
            Nested(items, path.Child("items"), skipAnyOf: false);
        }

        foreach (var (name, property) in v.Child("properties") ?? [])
        {
            Nested(property as JsonObject ?? [], path.Child("properties").Key(name), skipAnyOf: false);
        }

        foreach (var (name, detail) in (ReadOnlySpan<(string, string)>)
        [
            ("type", "must be empty to be structural"), ("additionalProperties", "must be undefined to be structural"),
            ("default", "must be undefined to be structural"), ("title", "must be empty to be structural"),
            ("description", "must be empty to be structural"), ("nullable", "must be false to be structural"),
            ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"), ("x-kubernetes-embedded-resource", "must be false to be structural"),
            ("x-kubernetes-int-or-string", "must be false to be structural"), ("x-kubernetes-list-map-keys", "must be empty to be structural"),
            ("x-kubernetes-list-type", "must be undefined to be structural"), ("x-kubernetes-map-type", "must be undefined to be structural"),
            ("x-kubernetes-validations", "must be empty to be structural"),
        ])
        {
            if (v[name] is { } value && value.AsFlag() != false)
            {
                _errors.Forbidden(path.Child(name).ToString(), detail);
            }
        }

        if (v.Child("properties")?.ContainsKey("metadata") == true)
        {
            _errors.Forbidden(path.Child("properties").Key("metadata").ToString(), "must not be specified in a nested context");
        }
    }

    /// <summary>Whatever is judged must be described: a value without a known schema would be pruned before it is judged.</summary>
    private void Complete(JsonObject v, JsonObject? s, SchemaPath at, SchemaPath path)
    {
        if (v["not"] is JsonObject not)
        {
            CompleteNested(not, s, at, path.Child("not"));
        }

        foreach (var name in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            var i = 0;
            foreach (var child in v.Objects(name))
            {
                CompleteNested(child, s, at, path.Child(name).Index(i++));
            }
        }
    }

    private void CompleteNested(JsonObject v, JsonObject? s, SchemaPath at, SchemaPath path)
    {
        if (s is null)
        {
            _errors.Required(at.ToString(), $"because it is defined in {path}");
            return;
        }

        Complete(v, s, at, path);
        if (v["items"] is JsonObject items)
        {
            CompleteNested(items, s["items"] as JsonObject, at.Child("items"), path.Child("items"));
        }

        foreach (var (name, property) in v.Child("properties") ?? [])
        {
            CompleteNested(property as JsonObject ?? [], s.Child("properties")?[name] as JsonObject, at.Child("properties").Key(name), path.Child("properties").Key(name));
        }
    }
}
