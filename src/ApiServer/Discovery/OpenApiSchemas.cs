using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Discovery;

/// <summary>
/// Writes the schemas of types: all that a set of types reaches. In version 2, as Kubernetes publishes it, they have neither
/// defaults nor lists of values, and what may be of two types is a string.
/// </summary>
internal sealed class OpenApiSchemas(KubeSchema schema, Utf8JsonWriter writer, OpenApiVersion version)
{
    private readonly SortedDictionary<string, TypeSchema> _types = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _custom = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _scalars = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Group, string Version, string Kind)>> _kinds = [];
    private readonly FieldDescriptions _descriptions = new();
    private bool _isSchema;

    /// <summary>The schemas of custom kinds.</summary>
    public CustomOpenApi Custom { get; init; } = CustomOpenApi.None;

    private bool IsOld => version == OpenApiVersion.Two;

    /// <summary>Adds a type and all it refers to.</summary>
    public void Add(string type)
    {
        if (OpenApiNames.IsCustom(type))
        {
            _custom.Add(type);
            Add(CustomOpenApi.IsList(type, Custom) ? OpenApiNames.ListMeta : OpenApiNames.ObjectMeta);
            return;
        }

        var found = schema.GetType(type);
        if (!_types.TryAdd(OpenApiNames.Of(type), found))
        {
            return;
        }

        foreach (var field in found.Fields)
        {
            AddShape(field.Shape);
        }
    }

    /// <summary>Says which kind a type is the root of.</summary>
    public void Mark(string type, string group, string version, string kind)
    {
        Add(type);
        if (!_kinds.TryGetValue(type, out var kinds))
        {
            _kinds[type] = kinds = [];
        }

        if (!kinds.Contains((group, version, kind)))
        {
            kinds.Add((group, version, kind));
        }
    }

    /// <summary>Writes the object with every schema that was added.</summary>
    public void Write()
    {
        writer.WriteStartObject(IsOld ? "definitions" : "schemas");
        foreach (var (name, type) in _types)
        {
            writer.WritePropertyName(name);
            WriteType(type);
        }

        foreach (var type in _custom)
        {
            writer.WritePropertyName(OpenApiNames.Of(type));
            var (group, groupVersion, kind) = _kinds[type][0];
            Custom.Schema(type, version, new JsonObject { ["group"] = group, ["kind"] = kind, ["version"] = groupVersion }, _descriptions).WriteTo(writer);
        }

        foreach (var name in _scalars)
        {
            WriteScalar(name);
        }

        writer.WriteStartObject(OpenApiNames.Patch);
        writer.WriteString("type", "object");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void AddShape(ValueShape shape)
    {
        if (shape.Element is { } element)
        {
            AddShape(element);
        }
        else if (shape.Kind == ValueKind.Object)
        {
            Add(shape.Object!);
        }
        else if (OpenApiNames.OfScalar(shape.Kind) is { } name)
        {
            _scalars.Add(name);
        }
    }

    private void WriteType(TypeSchema type)
    {
        writer.WriteStartObject();
        if (_descriptions.FindType(type.Name) is { } text)
        {
            writer.WriteString("description", text);
        }

        if (!type.IsUnion)
        {
            writer.WriteString("type", "object");
            writer.WriteStartObject("properties");
            // What a definition's schema has for a default is any value, where others mean an object.
            _isSchema = type.Name == "apiextensions/v1.JSONSchemaProps";
            foreach (var field in type.Fields.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                writer.WriteStartObject(field.Name);
                WriteDescription(type, field);
                WriteField(field);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            WriteStrings("required", [.. type.Fields.Where(f => f.IsRequired).Select(f => f.Name).Order(StringComparer.Ordinal)]);
            if (type.IsAtomic)
            {
                writer.WriteString("x-kubernetes-map-type", "atomic");
            }
        }

        WriteKinds(type.Name);
        writer.WriteEndObject();
    }

    private void WriteDescription(TypeSchema type, FieldSchema field)
    {
        if (_descriptions.Find(type.Name, field.Name) is { } text)
        {
            writer.WriteString("description", text);
        }
    }

    private void WriteKinds(string type)
    {
        if (!_kinds.TryGetValue(type, out var kinds))
        {
            return;
        }

        writer.WriteStartArray("x-kubernetes-group-version-kind");
        foreach (var (group, version, kind) in kinds)
        {
            writer.WriteStartObject();
            writer.WriteString("group", group);
            writer.WriteString("kind", kind);
            writer.WriteString("version", version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteField(FieldSchema field)
    {
        WriteShape(field.Shape, IsOld ? [] : field.Values);
        if (!IsOld)
        {
            WriteDefault(field);
        }

        if (field.ListType is { } list)
        {
            writer.WriteString("x-kubernetes-list-type", list);
        }

        WriteStrings("x-kubernetes-list-map-keys", field.ListKeys);
        if (field.IsAtomic && field.Shape.Kind is ValueKind.Map or ValueKind.Object)
        {
            writer.WriteString("x-kubernetes-map-type", "atomic");
        }

        if (field.MergeKey is { } key)
        {
            writer.WriteString("x-kubernetes-patch-merge-key", key);
        }

        var strategies = new[] { field.IsMerged ? "merge" : null, field.IsReplaced ? "replace" : null, field.RetainsKeys ? "retainKeys" : null };
        if (string.Join(',', strategies.OfType<string>()) is { Length: > 0 } strategy)
        {
            writer.WriteString("x-kubernetes-patch-strategy", strategy);
        }
    }

    private void WriteDefault(FieldSchema field)
    {
        if (field.DefaultJson is { } json)
        {
            writer.WritePropertyName("default");
            writer.WriteRawValue(json);
        }
        else if (field.Shape.Kind == ValueKind.Object && !field.IsPointer)
        {
            writer.WriteStartObject("default");
            writer.WriteEndObject();
        }
    }

    private void WriteShape(ValueShape shape, IReadOnlyList<string> values)
    {
        switch (shape.Kind)
        {
            case ValueKind.Raw when _isSchema:
                break;
            case ValueKind.List:
                writer.WriteString("type", "array");
                writer.WriteStartObject("items");
                WriteShape(shape.Element!, values);
                writer.WriteEndObject();
                break;
            case ValueKind.Map:
                writer.WriteString("type", "object");
                writer.WriteStartObject("additionalProperties");
                WriteShape(shape.Element!, values);
                writer.WriteEndObject();
                break;
            case ValueKind.Object:
                WriteReference(OpenApiNames.Of(shape.Object!));
                break;
            default:
                if (OpenApiNames.OfScalar(shape.Kind) is { } name)
                {
                    WriteReference(name);
                    break;
                }

                WritePlain(shape.Kind);
                WriteStrings("enum", values);
                break;
        }
    }

    private void WritePlain(ValueKind kind)
    {
        var (type, format) = kind switch
        {
            ValueKind.Boolean => ("boolean", null),
            ValueKind.Int32 => ("integer", "int32"),
            ValueKind.Int64 => ("integer", "int64"),
            ValueKind.Float64 => ("number", "double"),
            ValueKind.Bytes => ("string", "byte"),
            _ => ("string", (string?)null),
        };
        writer.WriteString("type", type);
        if (format is not null)
        {
            writer.WriteString("format", format);
        }
    }

    /// <summary>Wrapped since version 3, in which nothing may stand beside a bare reference.</summary>
    private void WriteReference(string name)
    {
        if (IsOld)
        {
            writer.WriteString("$ref", OpenApiNames.Reference(name, version));
            return;
        }

        writer.WriteStartArray("allOf");
        writer.WriteStartObject();
        writer.WriteString("$ref", OpenApiNames.Reference(name, version));
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteScalar(string name)
    {
        writer.WriteStartObject(name);
        switch (name)
        {
            case OpenApiNames.Time or OpenApiNames.MicroTime:
                writer.WriteString("type", "string");
                writer.WriteString("format", "date-time");
                break;
            case OpenApiNames.Quantity:
                WriteOneOf("string", "number");
                break;
            case OpenApiNames.IntOrString:
                writer.WriteString("format", "int-or-string");
                WriteOneOf("integer", "string");
                break;
            default:
                writer.WriteString("type", "object");
                break;
        }

        writer.WriteEndObject();
    }

    private void WriteOneOf(string first, string second)
    {
        if (IsOld)
        {
            writer.WriteString("type", "string");
            return;
        }

        writer.WriteStartArray("oneOf");
        foreach (var type in (ReadOnlySpan<string>)[first, second])
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteStrings(string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
