using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>What a schema may say at all, whether it is structural or not.</summary>
internal sealed class OpenApiRules(ErrorList errors)
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private int _nodes;

    /// <summary>Checks a whole schema.</summary>
    public void Check(JsonObject schema, SchemaPath path) => Node(schema, path, new Place(IsRoot: true, InMeta: false, NoDefaults: null));

    private void Node(JsonObject s, SchemaPath path, Place place)
    {
        if (++_nodes >= SchemaCompiler.MaxNodes)
        {
            if (_nodes == SchemaCompiler.MaxNodes)
            {
                errors.Forbidden(path.ToString(), $"a schema may have at most {SchemaCompiler.MaxNodes} nodes");
            }

            return;
        }

        Standard(s, path, place);
        Children(s, path, place);
        Extensions(s, path);
        if (s.Array("x-kubernetes-validations") is { Count: > 0 })
        {
            errors.Forbidden(path.Child("x-kubernetes-validations").ToString(), "validation rules written in CEL are not built yet");
        }
    }

    private void Standard(JsonObject s, SchemaPath path, Place place)
    {
        if (s.Text("type") is { Length: > 0 } type)
        {
            if (!Types.Contains(type))
            {
                errors.NotSupported(path.Child("type").ToString(), type, Types);
            }
        }

        if (s["default"] is not null && place.NoDefaults is { } reason)
        {
            errors.Forbidden(path.Child("default").ToString(), $"must not be set {reason}");
        }

        foreach (var (name, field) in (ReadOnlySpan<(string, string)>)[("id", "id"), ("additionalItems", "additionalItems"), ("patternProperties", "patternProperties"), ("definitions", "definitions"), ("dependencies", "dependencies"), ("$ref", "$ref")])
        {
            if (s[name] is { } value and not JsonObject { Count: 0 } && value.AsText() != "")
            {
                errors.Forbidden(path.Child(field).ToString(), $"{name} is not supported");
            }
        }

        if (s.Text("type") == "null")
        {
            errors.Forbidden(path.Child("type").ToString(), "type cannot be set to null, use nullable as an alternative");
        }

        if (s["items"] is JsonArray)
        {
            errors.Forbidden(path.Child("items").ToString(), "items must be a schema object and not an array");
        }

        if (place.InMeta && s.Flag("x-kubernetes-embedded-resource") == true)
        {
            errors.Forbidden(path.Child("x-kubernetes-embedded-resource").ToString(), "must not be used inside of resource meta");
        }

        if (s.Flag("uniqueItems") == true)
        {
            errors.Forbidden(path.Child("uniqueItems").ToString(), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
    }

    private void Children(JsonObject s, SchemaPath path, Place place)
    {
        var below = place with { IsRoot = false };
        if (s["additionalProperties"] is { } additional)
        {
            if (s.Child("properties") is { Count: > 0 } && additional.AsFlag() != true)
            {
                errors.Forbidden(path.Child("additionalProperties").ToString(), "additionalProperties and properties are mutual exclusive");
            }

            if (additional is JsonObject schema)
            {
                Node(schema, path.Child("additionalProperties"), place.InMeta ? below with { NoDefaults = "inside additionalProperties applying to object metadata" } : below);
            }
        }

        foreach (var (name, property) in s.Child("properties") ?? [])
        {
            var inner = below;
            if ((place.IsRoot || s.Flag("x-kubernetes-embedded-resource") == true) && name is "metadata" or "kind" or "apiVersion")
            {
                inner = inner with { InMeta = true, NoDefaults = place.IsRoot ? $"in top-level {name}" : inner.NoDefaults };
            }

            Node(property as JsonObject ?? [], path.Child("properties").Key(name), inner);
        }

        if (s["not"] is JsonObject not)
        {
            Node(not, path.Child("not"), below);
        }

        foreach (var name in (ReadOnlySpan<string>)["allOf", "oneOf", "anyOf"])
        {
            var i = 0;
            foreach (var child in s.Objects(name))
            {
                Node(child, path.Child(name).Index(i++), below);
            }
        }

        if (s["items"] is JsonObject items)
        {
            Node(items, path.Child("items"), below);
        }
    }

    private void Extensions(JsonObject s, SchemaPath path)
    {
        if (s.Flag("x-kubernetes-preserve-unknown-fields") == false)
        {
            errors.InvalidRaw(path.Child("x-kubernetes-preserve-unknown-fields").ToString(), "false", "must be true or undefined");
        }

        if (s.Text("x-kubernetes-map-type") is { } mapType)
        {
            NeedsType(s, "object", "must be object if x-kubernetes-map-type is specified", path);
            if (mapType is not ("atomic" or "granular"))
            {
                NotSupported(path.Child("x-kubernetes-map-type"), mapType, "\"atomic\", \"granular\"");
            }
        }

        if (s.Text("x-kubernetes-list-type") is { } listType)
        {
            if (NeedsType(s, "array", "must be array if x-kubernetes-list-type is specified", path) && listType == "set")
            {
                SetItems(s["items"] as JsonObject, path.Child("items"));
            }

            if (listType is not ("atomic" or "set" or "map"))
            {
                NotSupported(path.Child("x-kubernetes-list-type"), listType, "\"atomic\", \"set\", \"map\"");
            }
        }

        ListMaps(s, path);
    }

    private bool NeedsType(JsonObject s, string type, string detail, SchemaPath path)
    {
        var given = s.Text("type") ?? "";
        if (given == type)
        {
            return true;
        }

        var at = path.Child("type").ToString();
        if (given.Length == 0)
        {
            errors.Required(at, detail);
        }
        else
        {
            errors.Invalid(at, given, detail);
        }

        return false;
    }

    private void SetItems(JsonObject? items, SchemaPath path)
    {
        const string Detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        switch (items.Text("type"))
        {
            case "array" when items.Text("x-kubernetes-list-type") is { } inner and not "atomic":
                errors.Invalid(path.Child("x-kubernetes-list-type").ToString(), inner, Detail);
                break;
            case "object" when items.Text("x-kubernetes-map-type") != "atomic":
                errors.InvalidRaw(path.Child("x-kubernetes-map-type").ToString(), items.Text("x-kubernetes-list-type") is { } shown ? GoText.Quote(shown) : GoText.Value(null), Detail);
                break;
        }
    }

    private void ListMaps(JsonObject s, SchemaPath path)
    {
        var listType = s.Text("x-kubernetes-list-type");
        var keys = s.Texts("x-kubernetes-list-map-keys").ToList();
        if (keys.Count > 0 && listType != "map")
        {
            const string Detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            var at = path.Child("x-kubernetes-list-type").ToString();
            if (listType is null)
            {
                errors.Required(at, Detail);
            }
            else
            {
                errors.Invalid(at, listType, Detail);
            }
        }

        if (listType == "map")
        {
            MapItems(s["items"] as JsonObject, keys, path);
        }

        if (listType is "map" or "set" && s["items"] is JsonObject items && items.Flag("nullable") == true)
        {
            errors.Forbidden(path.Child("items").Child("nullable").ToString(), $"cannot be nullable when x-kubernetes-list-type is {listType}");
        }
    }

    private void MapItems(JsonObject? items, List<string> keys, SchemaPath path)
    {
        var keysAt = path.Child("x-kubernetes-list-map-keys").ToString();
        if (keys.Count == 0)
        {
            errors.Required(keysAt, "must not be empty if x-kubernetes-list-type is map");
        }

        if (items is null)
        {
            errors.Required(path.Child("items").ToString(), "must have a schema if x-kubernetes-list-type is map");
            return;
        }

        if (items.Text("type") != "object")
        {
            errors.Invalid(path.Child("items").Child("type").ToString(), items.Text("type") ?? "", "must be object if parent array's x-kubernetes-list-type is map");
            return;
        }

        var shown = $"[{string.Join(',', keys.Select(GoText.Quote))}]";
        foreach (var key in keys)
        {
            var at = path.Child("items").Child("properties").Key(key);
            if (items.Child("properties", key) is not { } property)
            {
                errors.InvalidRaw(keysAt, shown, "entries must all be names of item properties");
                continue;
            }

            if (property.Text("type") is "array" or "object")
            {
                errors.Invalid(at.Child("type").ToString(), "object", "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }

            if (!items.Texts("required").Contains(key) && property["default"] is null)
            {
                errors.Required(at.Child("default").ToString(), "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (property.Flag("nullable") == true)
            {
                errors.Forbidden(at.Child("nullable").ToString(), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }

        if (keys.Distinct().Count() != keys.Count)
        {
            errors.InvalidRaw(keysAt, shown, "must not contain duplicate entries");
        }
    }

    private void NotSupported(SchemaPath path, string value, string supported) =>
        errors.Add(new FieldError(FieldErrorType.NotSupported, path.ToString(), GoText.Quote(value), $"supported values: {supported}"));

    private sealed record Place(bool IsRoot, bool InMeta, string? NoDefaults);
}
