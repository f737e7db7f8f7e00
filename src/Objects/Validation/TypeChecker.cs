using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Finds the first value whose JSON type is not the one its field has. Unknown fields are not its concern.</summary>
public sealed class TypeChecker
{
    private readonly KubeSchema _schema;
    private readonly FieldPath _path = new();

    private TypeChecker(KubeSchema schema) => _schema = schema;

    /// <summary>One clear message that names the field, or null when every value fits.</summary>
    public static string? Check(JsonObject obj, TypeSchema type, KubeSchema? schema = null) =>
        new TypeChecker(schema ?? KubeSchema.Default).CheckObject(obj, type);

    private string? CheckObject(JsonObject obj, TypeSchema type)
    {
        foreach (var (name, value) in obj)
        {
            if (value is null || type.Find(name) is not { } field)
            {
                continue;
            }

            _path.Enter(name);
            if (CheckValue(value, field.Shape, type) is { } error)
            {
                return error;
            }

            _path.Leave();
        }

        return null;
    }

    private string? CheckValue(JsonNode value, ValueShape shape, TypeSchema owner)
    {
        switch (shape.Kind)
        {
            case ValueKind.Raw:
                return null;
            case ValueKind.Object:
                var type = _schema.GetType(shape.Object!);
                return type.IsUnion ? CheckUnion(value, type, owner)
                    : value is JsonObject obj ? CheckObject(obj, type)
                    : Mismatch(value, shape, owner);
            case ValueKind.List:
                return value is JsonArray array ? CheckItems(array, shape.Element!, owner) : Mismatch(value, shape, owner);
            case ValueKind.Map:
                return value is JsonObject map ? CheckEntries(map, shape.Element!, owner) : Mismatch(value, shape, owner);
            default:
                return CheckScalar(value, shape, owner);
        }
    }

    private string? CheckItems(JsonArray array, ValueShape element, TypeSchema owner)
    {
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i] is not { } item)
            {
                continue;
            }

            _path.Enter(i);
            if (CheckValue(item, element, owner) is { } error)
            {
                return error;
            }

            _path.Leave();
        }

        return null;
    }

    private string? CheckEntries(JsonObject map, ValueShape element, TypeSchema owner)
    {
        foreach (var (key, item) in map)
        {
            if (item is null)
            {
                continue;
            }

            _path.Enter(key);
            if (CheckValue(item, element, owner) is { } error)
            {
                return error;
            }

            _path.Leave();
        }

        return null;
    }

    private string? CheckUnion(JsonNode value, TypeSchema union, TypeSchema owner)
    {
        var field = value switch
        {
            JsonObject => union.Find("schema"),
            JsonArray => union.Find("jSONSchemas") ?? union.Find("property"),
            _ => union.Find("allows"),
        };
        return field is null ? Mismatch(value, new ValueShape(ValueKind.Object, union.Name), owner) : CheckValue(value, field.Shape, owner);
    }

    private string? CheckScalar(JsonNode value, ValueShape shape, TypeSchema owner)
    {
        var kind = value.GetValueKind();
        var isText = kind == JsonValueKind.String;
        switch (shape.Kind)
        {
            case ValueKind.Quantity:
                return CheckQuantity(value, shape, owner);
            case ValueKind.Bytes when isText:
                return Base64.IsValid(value.GetValue<string>()) && value.GetValue<string>().Length % 4 == 0 ? null : $"{_path}: illegal base64 data";
            case ValueKind.Time or ValueKind.MicroTime when isText:
                var text = value.GetValue<string>();
                return text.Length == 0 || KubeTime.TryParse(text, out _) ? null : $"{_path}: parsing time {GoText.Quote(text)}: a time such as 2006-01-02T15:04:05Z is expected";
        }

        var fits = shape.Kind switch
        {
            ValueKind.String => isText,
            ValueKind.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            ValueKind.Int32 => value.AsNumber() is >= int.MinValue and <= int.MaxValue,
            ValueKind.Int64 => value.AsNumber() is not null,
            ValueKind.Float64 => kind == JsonValueKind.Number,
            ValueKind.IntOrString => isText || value.AsNumber() is >= int.MinValue and <= int.MaxValue,
            _ => false,
        };
        return fits ? null : Mismatch(value, shape, owner);
    }

    private string? CheckQuantity(JsonNode value, ValueShape shape, TypeSchema owner)
    {
        if (value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
        {
            return Mismatch(value, shape, owner);
        }

        var text = value.AsText() ?? value.ToJsonString();
        return Quantity.TryParse(text, out _)
            ? null
            : $"{_path}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', not {GoText.Quote(text)}";
    }

    /// <summary>Kubernetes' own words, which name list items without their index.</summary>
    private string Mismatch(JsonNode value, ValueShape shape, TypeSchema owner)
    {
        var found = value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => shape.Kind is ValueKind.Int32 or ValueKind.Int64 or ValueKind.IntOrString ? $"number {value.ToJsonString()}" : "number",
            _ => "bool",
        };
        var type = owner.Name[(owner.Name.LastIndexOf('.') + 1)..];
        return $"json: cannot unmarshal {found} into Go struct field {type}.{_path.Names()} of type {GoName(shape)}";
    }

    private static string GoName(ValueShape shape) => shape.Kind switch
    {
        ValueKind.List => "[]" + GoName(shape.Element!),
        ValueKind.Map => "map[string]" + GoName(shape.Element!),
        ValueKind.Object => shape.Object![(shape.Object!.IndexOf('/', StringComparison.Ordinal) + 1)..],
        ValueKind.Boolean => "bool",
        ValueKind.Bytes => "[]uint8",
        ValueKind.Time => "v1.Time",
        ValueKind.MicroTime => "v1.MicroTime",
        ValueKind.Quantity => "resource.Quantity",
        ValueKind.IntOrString => "intstr.IntOrString",
        _ => shape.Kind.ToString().ToLowerInvariant(),
    };
}
