using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Serialization;

/// <summary>Reads values out of JSON trees, whatever a number or string is backed by; what is absent or of another type is null.</summary>
public static class JsonAccess
{
    /// <summary>The object under a chain of names.</summary>
    public static JsonObject? Child(this JsonObject? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node?[name] as JsonObject;
        }

        return node;
    }

    /// <summary>The list of that name.</summary>
    public static JsonArray? Array(this JsonObject? node, string name) => node?[name] as JsonArray;

    /// <summary>The objects in the list of that name; empty when there is none.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject? node, string name) =>
        node?[name] is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>The strings in the list of that name; empty when there is none.</summary>
    public static IEnumerable<string> Texts(this JsonObject? node, string name) =>
        node?[name] is JsonArray array ? array.Select(AsText).OfType<string>() : [];

    /// <summary>The string of that name.</summary>
    public static string? Text(this JsonObject? node, string name) => node?[name].AsText();

    /// <summary>The integer of that name.</summary>
    public static long? Number(this JsonObject? node, string name) => node?[name].AsNumber();

    /// <summary>The boolean of that name.</summary>
    public static bool? Flag(this JsonObject? node, string name) => node?[name].AsFlag();

    /// <summary>The node as a string.</summary>
    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>The node as a boolean.</summary>
    public static bool? AsFlag(this JsonNode? node) => node is not JsonValue value
        ? null
        : value.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>The node as an integer; a number with a fraction is null.</summary>
    public static long? AsNumber(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var integer))
        {
            return integer;
        }

        if (value.TryGetValue<int>(out var small))
        {
            return small;
        }

        return decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            && decimal.IsInteger(exact) && exact is >= long.MinValue and <= long.MaxValue
            ? (long)exact
            : null;
    }

    /// <summary>The string map of that name as a dictionary, or null when absent.</summary>
    public static IReadOnlyDictionary<string, string>? TextMap(this JsonObject? node, string name) =>
        node?[name] is JsonObject map ? map.ToDictionary(p => p.Key, p => p.Value.AsText() ?? "", StringComparer.Ordinal) : null;
}
