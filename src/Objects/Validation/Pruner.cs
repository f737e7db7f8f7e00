using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>
/// Brings an object into the one form Kubernetes' own types would give it: unknown fields, nulls and unset zero values go,
/// structs and scalars that are always written come, quantities and times take their canonical spelling, and names stand in
/// schema order (map keys in ordinal order). Two equal objects therefore have equal bytes.
/// </summary>
public sealed class Pruner
{
    private readonly KubeSchema _schema;
    private readonly List<string> _unknown = [];
    private readonly FieldPath _path = new();

    private Pruner(KubeSchema schema) => _schema = schema;

    /// <summary>Changes the object in place; the values must fit their fields (<see cref="TypeChecker"/>).</summary>
    /// <returns>The paths of the unknown fields that were removed, such as <c>spec.containers[0].foo</c>.</returns>
    public static IReadOnlyList<string> Prune(JsonObject obj, TypeSchema type, KubeSchema? schema = null)
    {
        var pruner = new Pruner(schema ?? KubeSchema.Default);
        pruner.PruneObject(obj, type);
        return pruner._unknown;
    }

    private void PruneObject(JsonObject obj, TypeSchema type)
    {
        if (IsInOrder(obj, type))
        {
            PruneInPlace(obj, type);
            return;
        }

        foreach (var (name, _) in obj)
        {
            if (type.Find(name) is null)
            {
                _unknown.Add(_path.To(name));
            }
        }

        var old = obj.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        obj.Clear();
        foreach (var field in type.Fields)
        {
            var value = old.GetValueOrDefault(field.Name) is { } given ? ConvertField(given, field) : null;
            if (Keep(value, field) is { } kept)
            {
                obj[field.Name] = kept;
            }
        }
    }

    /// <summary>What was written by this server comes back in order: then nothing has to be built anew.</summary>
    private static bool IsInOrder(JsonObject obj, TypeSchema type)
    {
        var at = 0;
        foreach (var field in type.Fields)
        {
            if (at >= obj.Count || obj.GetAt(at).Key != field.Name)
            {
                if (IsAdded(field))
                {
                    return false;
                }
            }
            else if (obj.GetAt(at++).Value is null)
            {
                return false;
            }
        }

        return at == obj.Count;
    }

    private void PruneInPlace(JsonObject obj, TypeSchema type)
    {
        for (var at = 0; at < obj.Count;)
        {
            var (name, value) = obj.GetAt(at);
            var field = type.Find(name)!;
            if (Keep(ConvertField(value!, field), field) is not { } kept)
            {
                obj.RemoveAt(at);
                continue;
            }

            if (!ReferenceEquals(kept, value))
            {
                obj.SetAt(at, kept);
            }

            at++;
        }
    }

    /// <summary>Whether the field stands in every object, given or not.</summary>
    private static bool IsAdded(FieldSchema field) => !field.IsPointer && field.Shape.Kind switch
    {
        ValueKind.Object or ValueKind.Quantity or ValueKind.IntOrString => true,
        ValueKind.String or ValueKind.Boolean or ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float64 => field.IsAlwaysWritten,
        _ => false,
    };

    private JsonNode? Keep(JsonNode? value, FieldSchema field)
    {
        if (field.IsPointer)
        {
            return value;
        }

        switch (field.Shape.Kind)
        {
            case ValueKind.List:
                return value is JsonArray { Count: 0 } && !field.IsAlwaysWritten ? null : value;
            case ValueKind.Map:
                return value is JsonObject { Count: 0 } && !field.IsAlwaysWritten ? null : value;
            case ValueKind.Object or ValueKind.Quantity or ValueKind.IntOrString:
                return value ?? Zero(field.Shape);
            case ValueKind.Raw or ValueKind.Time or ValueKind.MicroTime or ValueKind.Bytes:
                return ProtobufValues.IsZero(value) ? null : value;
            default:
                return !ProtobufValues.IsZero(value) ? value : field.IsAlwaysWritten ? value ?? Zero(field.Shape) : null;
        }
    }

    /// <summary>What a value that was never set reads as.</summary>
    private JsonNode? Zero(ValueShape shape)
    {
        switch (shape.Kind)
        {
            case ValueKind.Object:
                var type = _schema.GetType(shape.Object!);
                var obj = new JsonObject();
                if (!type.IsUnion)
                {
                    PruneObject(obj, type);
                }

                return obj;
            case ValueKind.String or ValueKind.Bytes:
                return JsonValue.Create("");
            case ValueKind.Boolean:
                return JsonValue.Create(false);
            case ValueKind.Quantity:
                return JsonValue.Create("0");
            case ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float64 or ValueKind.IntOrString:
                return JsonValue.Create(0L);
            default:
                return null;
        }
    }

    private JsonNode? ConvertField(JsonNode value, FieldSchema field)
    {
        _path.Enter(field.Name);
        var converted = Convert(value, field.Shape);
        _path.Leave();
        return converted;
    }

    private JsonNode? Convert(JsonNode value, ValueShape shape)
    {
        switch (shape.Kind)
        {
            case ValueKind.Object:
                ConvertObject(value, _schema.GetType(shape.Object!));
                return value;
            case ValueKind.List:
                ConvertItems((JsonArray)value, shape.Element!);
                return value;
            case ValueKind.Map:
                ConvertEntries((JsonObject)value, shape.Element!);
                return value;
            case ValueKind.Quantity:
                return SameOr(value, Quantity.Parse(value.AsText() ?? value.ToJsonString()).ToCanonicalString());
            case ValueKind.Time:
                return KubeTime.TryParse(value.AsText(), out var time) ? SameOr(value, KubeTime.Format(time)) : null;
            case ValueKind.MicroTime:
                return KubeTime.TryParse(value.AsText(), out var micro) ? SameOr(value, KubeTime.FormatMicro(micro)) : null;
            case ValueKind.Int32 or ValueKind.Int64 or ValueKind.IntOrString when value.GetValueKind() == JsonValueKind.Number:
                return value is JsonValue number && number.TryGetValue<long>(out _) ? value : JsonValue.Create(value.AsNumber());
            default:
                return value;
        }
    }

    private static JsonNode SameOr(JsonNode value, string canonical) => value.AsText() == canonical ? value : JsonValue.Create(canonical);

    private void ConvertObject(JsonNode value, TypeSchema type)
    {
        if (!type.IsUnion)
        {
            PruneObject((JsonObject)value, type);
        }
        else if (value is JsonObject obj && type.Find("schema") is { } schema)
        {
            PruneObject(obj, _schema.GetType(schema.Shape.Object!));
        }
        else if (value is JsonArray array && type.Find("jSONSchemas") is { } several)
        {
            ConvertItems(array, several.Shape.Element!);
        }
    }

    private void ConvertItems(JsonArray array, ValueShape element)
    {
        for (var i = 0; i < array.Count; i++)
        {
            _path.Enter(i);
            var item = array[i];
            var converted = item is null ? Zero(element) : Convert(item, element);
            if (!ReferenceEquals(item, converted))
            {
                array[i] = converted;
            }

            _path.Leave();
        }
    }

    private void ConvertEntries(JsonObject map, ValueShape element)
    {
        if (!IsSorted(map))
        {
            var entries = map.OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
            map.Clear();
            foreach (var (key, item) in entries)
            {
                map[key] = item;
            }
        }

        for (var i = 0; i < map.Count; i++)
        {
            var (key, item) = map.GetAt(i);
            _path.Enter(key);
            var converted = item is null ? Zero(element) : Convert(item, element);
            if (!ReferenceEquals(item, converted))
            {
                map.SetAt(i, converted);
            }

            _path.Leave();
        }
    }

    private static bool IsSorted(JsonObject map)
    {
        for (var i = 1; i < map.Count; i++)
        {
            if (string.CompareOrdinal(map.GetAt(i - 1).Key, map.GetAt(i).Key) > 0)
            {
                return false;
            }
        }

        return true;
    }
}
