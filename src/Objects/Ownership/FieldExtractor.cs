using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>The set of the fields that an object has, as an applier of that object comes to own them.</summary>
public static class FieldExtractor
{
    /// <summary>The fields of an object.</summary>
    public static FieldSet Extract(JsonObject obj, FieldType type) => Children(obj, type, 0, out _);

    private static FieldSet Children(JsonNode? value, FieldType type, int depth, out bool isLeaf)
    {
        var shape = type.ShapeOf(value);
        isLeaf = depth == FieldSet.MaxSteps || shape == FieldShape.Any || type.IsLeaf(shape);
        var set = new FieldSet();
        if (isLeaf)
        {
            return set;
        }

        switch (value)
        {
            case JsonObject map:
                foreach (var (name, item) in map)
                {
                    var below = Children(item, type.Child(name) ?? FieldType.Any, depth + 1, out var isMember);
                    isMember |= item is null or JsonObject { Count: 0 } || type.Declared(name) is null;
                    set.Add(PathElement.Field(name), isMember, below);
                }

                break;
            case JsonArray list:
                AddItems(set, list, type, depth + 1);
                break;
        }

        return set;
    }

    /// <summary>An item that is there more than once is owned without what is in it.</summary>
    private static void AddItems(FieldSet set, JsonArray list, FieldType type, int depth)
    {
        var steps = new List<PathElement>(list.Count);
        var seen = new Dictionary<PathElement, int>();
        for (var i = 0; i < list.Count; i++)
        {
            steps.Add(ListIndex.StepTo(type, list, i));
            seen[steps[i]] = seen.GetValueOrDefault(steps[i]) + 1;
        }

        for (var i = 0; i < list.Count; i++)
        {
            var below = seen[steps[i]] == 1 ? Children(list[i], type.Element ?? FieldType.Any, depth, out _) : null;
            set.Add(steps[i], isMember: true, below);
        }
    }
}
