using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>The items of a list by what tells them apart.</summary>
internal static class ListIndex
{
    /// <summary>The step to an item; null when the item has nothing that tells it apart, with the reason.</summary>
    public static PathElement? StepTo(FieldType list, JsonNode? item, out string? problem)
    {
        problem = null;
        if (list.Keys.Count == 0)
        {
            problem = item switch
            {
                null => "associative list without keys has an element that's an explicit null",
                JsonObject => "associative list without keys has an element that's a map type",
                JsonArray => "not supported: associative list with lists as elements",
                _ => null,
            };
            return problem is null ? PathElement.Value(item) : null;
        }

        if (item is not JsonObject fields)
        {
            problem = item is null ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
            return null;
        }

        var given = new List<KeyValuePair<string, JsonNode?>>(list.Keys.Count);
        foreach (var key in list.Keys)
        {
            if (KeyValue(list, fields, key) is { } value)
            {
                given.Add(new(key, value));
            }
            else if (fields.ContainsKey(key))
            {
                given.Add(new(key, null));
            }
        }

        if (given.Count == 0)
        {
            problem = $"associative list with keys has an element that omits all key fields [{string.Join(" ", list.Keys.Select(k => $"\"{k}\""))}] (and doesn't have default values for any key fields)";
            return null;
        }

        return PathElement.Key(given);
    }

    /// <summary>The step to an item of an object that was stored; an item that should not be there is known by its place.</summary>
    public static PathElement StepTo(FieldType list, JsonArray items, int index) => StepTo(list, items[index], out _) ?? PathElement.Index(index);

    /// <summary>Whether two lists have the same items in the same order, told by their keys alone.</summary>
    public static bool SameSteps(FieldType list, JsonArray left, JsonArray right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!SameStep(list, left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameStep(FieldType list, JsonNode? left, JsonNode? right)
    {
        if (list.Keys.Count == 0)
        {
            return JsonNode.DeepEquals(left, right);
        }

        if (left is not JsonObject a || right is not JsonObject b)
        {
            return false;
        }

        foreach (var key in list.Keys)
        {
            if (!JsonNode.DeepEquals(KeyValue(list, a, key), KeyValue(list, b, key)))
            {
                return false;
            }
        }

        return true;
    }

    private static JsonNode? KeyValue(FieldType list, JsonObject item, string key) =>
        item.TryGetPropertyValue(key, out var value) ? value : list.Element?.Declared(key)?.Default;
}
