using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Holds every value with a <c>values=</c> column to its list, wherever the type occurs.</summary>
internal sealed class SchemaRules(KubeSchema schema, ErrorList errors)
{
    private readonly FieldPath _path = new();

    public void Check(JsonObject obj, TypeSchema type)
    {
        if (type.IsUnion)
        {
            return;
        }

        foreach (var (name, value) in obj)
        {
            if (value is not null && type.Find(name) is { } field)
            {
                _path.Enter(name);
                CheckValue(value, field.Shape, field.Values);
                _path.Leave();
            }
        }
    }

    private void CheckValue(JsonNode value, ValueShape shape, IReadOnlyList<string> allowed)
    {
        switch (value, shape.Kind)
        {
            case (JsonObject obj, ValueKind.Object):
                Check(obj, schema.GetType(shape.Object!));
                break;
            case (JsonObject map, ValueKind.Map) when allowed.Count > 0 || shape.Element!.Kind is ValueKind.Object or ValueKind.List:
                foreach (var (key, item) in map)
                {
                    if (item is not null)
                    {
                        _path.Enter(key);
                        CheckValue(item, shape.Element!, allowed);
                        _path.Leave();
                    }
                }

                break;
            case (JsonArray items, ValueKind.List) when allowed.Count > 0 || shape.Element!.Kind is ValueKind.Object:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } item)
                    {
                        _path.Enter(i);
                        CheckValue(item, shape.Element!, allowed);
                        _path.Leave();
                    }
                }

                break;
            case (JsonValue, ValueKind.String) when allowed.Count > 0:
                if (value.AsText() is { Length: > 0 } text && !allowed.Contains(text))
                {
                    errors.NotSupported(_path.ToString(), text, allowed.Where(a => a.Length > 0));
                }

                break;
        }
    }
}
