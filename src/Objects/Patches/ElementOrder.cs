using System.Text.Json.Nodes;

namespace Sealos.Objects.Patches;

/// <summary>
/// The order of a merged list: items that the patch names follow its order (that of <c>$setElementOrder</c> where it gives
/// one, else that of its items); items only the server has keep their place relative to those that stood there before, and
/// come after what is new.
/// </summary>
internal static class ElementOrder
{
    public static JsonArray Apply(JsonArray before, IEnumerable<JsonNode?> merged, JsonArray order, string? key)
    {
        var wanted = Places(order, key);
        var named = new List<(int Place, string Key, JsonNode? Item)>();
        var serverOnly = new List<(string Key, JsonNode? Item)>();
        foreach (var item in merged)
        {
            var text = ItemKey.Of(item, key);
            if (wanted.TryGetValue(text, out var place))
            {
                named.Add((place, text, item));
            }
            else
            {
                serverOnly.Add((text, item));
            }
        }

        return Interleave([.. named.OrderBy(n => n.Place).Select(n => (n.Key, n.Item))], serverOnly, Places(before, key));
    }

    /// <summary>An order that the patch states must name every item of the patch.</summary>
    public static void Check(JsonArray patched, JsonArray order, string? key)
    {
        var wanted = Places(order, key);
        var missing = patched.FirstOrDefault(item => !(item is JsonObject obj && obj[StrategicMergePatch.Directive] is not null) && !wanted.ContainsKey(ItemKey.Of(item, key)));
        if (missing is not null)
        {
            throw new PatchException($"the order in the patch list does not match its $setElementOrder list: {ItemKey.Of(missing, key)} is missing", isMalformed: true);
        }
    }

    private static Dictionary<string, int> Places(JsonArray items, string? key)
    {
        var places = new Dictionary<string, int>(items.Count, StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            places.TryAdd(ItemKey.Of(items[i], key), i);
        }

        return places;
    }

    private static JsonArray Interleave(List<(string Key, JsonNode? Item)> named, List<(string Key, JsonNode? Item)> serverOnly, Dictionary<string, int> before)
    {
        var result = new JsonArray();
        var (i, j) = (0, 0);
        while (i < named.Count || j < serverOnly.Count)
        {
            var takeServerOnly = i >= named.Count
                || (j < serverOnly.Count && before.TryGetValue(serverOnly[j].Key, out var left) && before.TryGetValue(named[i].Key, out var right) && left < right);
            result.Add(takeServerOnly ? serverOnly[j++].Item : named[i++].Item);
        }

        return result;
    }
}
