using System.Text.Json.Nodes;

namespace Sealos.Objects.Patches;

/// <summary>
/// The order of a merged list: items that the patch names follow its order (that of <c>$setElementOrder</c> where it gives
/// one, else that of its items); items only the server has keep their place relative to those that stood there before, and
/// come after what is new.
/// </summary>
internal static class ElementOrder
{
    public static JsonArray Apply(JsonArray before, List<JsonNode?> merged, JsonArray order, string? key)
    {
        var wanted = order.Select(i => KeyOf(i, key)).ToList();
        var named = merged.Where(i => IndexIn(wanted, KeyOf(i, key)) >= 0).OrderBy(i => IndexIn(wanted, KeyOf(i, key))).ToList();
        var serverOnly = merged.Where(i => IndexIn(wanted, KeyOf(i, key)) < 0).ToList();
        var old = before.Select(i => KeyOf(i, key)).ToList();
        return Interleave(named, serverOnly, i => IndexIn(old, KeyOf(i, key)));
    }

    /// <summary>An order that the patch states must name every item of the patch.</summary>
    public static void Check(JsonArray patched, JsonArray order, string? key)
    {
        var wanted = order.Select(i => KeyOf(i, key)).ToList();
        foreach (var item in patched)
        {
            if (item is not JsonObject { } obj || obj[StrategicMergePatch.Directive] is null)
            {
                if (!wanted.Exists(w => JsonNode.DeepEquals(w, KeyOf(item, key))))
                {
                    throw new PatchException($"the order in the patch list does not match its $setElementOrder list: {KeyOf(item, key)?.ToJsonString()} is missing", isMalformed: true);
                }
            }
        }
    }

    private static JsonArray Interleave(List<JsonNode?> named, List<JsonNode?> serverOnly, Func<JsonNode?, int> placeBefore)
    {
        var result = new JsonArray();
        var (i, j) = (0, 0);
        while (i < named.Count || j < serverOnly.Count)
        {
            var takeServerOnly = i >= named.Count
                || (j < serverOnly.Count && placeBefore(serverOnly[j]) is >= 0 and var left && placeBefore(named[i]) is >= 0 and var right && left < right);
            result.Add(takeServerOnly ? serverOnly[j++] : named[i++]);
        }

        return result;
    }

    private static int IndexIn(List<JsonNode?> keys, JsonNode? key) => keys.FindIndex(k => JsonNode.DeepEquals(k, key));

    private static JsonNode? KeyOf(JsonNode? item, string? key) => key is not null && item is JsonObject obj ? obj[key] : item;
}
