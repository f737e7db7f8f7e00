using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>Applies the schema's <c>default=</c> column wherever an object has the type and lacks the field.</summary>
internal static class ConstantDefaults
{
    public static void Fill(JsonObject obj, TypeSchema type, KubeSchema schema)
    {
        if (type.IsUnion)
        {
            return;
        }

        foreach (var field in type.Fields)
        {
            // A zero is unset unless the field is a pointer; an empty default is then what absence means already.
            var isUnset = field.IsPointer ? obj[field.Name] is null : ProtobufValues.IsZero(obj[field.Name]);
            if (field.DefaultJson is { } json && isUnset && (field.IsPointer || json != "\"\""))
            {
                obj[field.Name] = JsonText.ParseNode(Encoding.UTF8.GetBytes(json));
            }

            Descend(obj[field.Name], field.Shape, schema);
        }
    }

    private static void Descend(JsonNode? value, ValueShape shape, KubeSchema schema)
    {
        switch (value, shape.Kind)
        {
            case (JsonObject obj, ValueKind.Object):
                Fill(obj, schema.GetType(shape.Object!), schema);
                break;
            case (JsonArray items, ValueKind.List) when shape.Element!.Kind is ValueKind.Object:
                foreach (var item in items)
                {
                    Descend(item, shape.Element, schema);
                }

                break;
            case (JsonObject map, ValueKind.Map) when shape.Element!.Kind is ValueKind.Object:
                foreach (var (_, item) in map)
                {
                    Descend(item, shape.Element, schema);
                }

                break;
        }
    }
}
