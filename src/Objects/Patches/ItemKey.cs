using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Patches;

/// <summary>
/// What tells the items of a merged list apart, as text that is equal where the values are, so that lists are matched by
/// looking up and not by comparing each with each.
/// </summary>
internal static class ItemKey
{
    /// <summary>The key of an item: the value of its merge key, or the item itself where the list has none.</summary>
    public static string Of(JsonNode? item, string? key) => Text(key is not null && item is JsonObject obj ? obj[key] : item);

    private static string Text(JsonNode? value)
    {
        if (value is null)
        {
            return "null";
        }

        var text = value.ToJsonString();
        return value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : text;
    }
}
