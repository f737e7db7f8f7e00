using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>Takes fields out of objects.</summary>
public static class FieldRemover
{
    /// <summary>A copy without the fields of a set, and what is below them. What is owned whole stays whole unless it is in the set itself.</summary>
    public static JsonObject Remove(JsonObject obj, FieldSet gone, FieldType type) => (JsonObject)Remove((JsonNode)obj, gone, type)!;

    private static JsonNode? Remove(JsonNode? value, FieldSet gone, FieldType type)
    {
        if (gone.IsEmpty || value is null || type.IsLeaf(type.ShapeOf(value)))
        {
            return value?.DeepClone();
        }

        switch (value)
        {
            case JsonObject map:
                var fields = new JsonObject();
                foreach (var (name, item) in map)
                {
                    var step = PathElement.Field(name);
                    if (!gone.Has(step))
                    {
                        fields[name] = Remove(item, gone.Below(step), type.Child(name) ?? FieldType.Any);
                    }
                }

                return fields;
            case JsonArray list:
                var items = new JsonArray();
                for (var i = 0; i < list.Count; i++)
                {
                    var step = ListIndex.StepTo(type, list, i);
                    if (!gone.Has(step))
                    {
                        items.Add(Remove(list[i], gone.Below(step), type.Element ?? FieldType.Any));
                    }
                }

                return items;
            default:
                return value.DeepClone();
        }
    }
}
