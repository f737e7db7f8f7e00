using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Patches;

/// <summary>One strategic merge: walks document and patch side by side along the schema.</summary>
internal sealed class StrategicMerger(KubeSchema schema)
{
    /// <summary>Merges into <paramref name="target"/>, which must be a copy, and returns it or what replaces it.</summary>
    public JsonObject Merge(JsonObject target, JsonObject patch, TypeSchema? type)
    {
        switch (patch.Text(StrategicMergePatch.Directive))
        {
            case "replace":
                return (JsonObject)StrategicMergePatch.WithoutDirectives(patch)!;
            case "delete":
                return [];
            case null or "merge":
                break;
            case var unknown:
                throw new PatchException($"unknown patch type \"{unknown}\" found in map; $patch is replace, merge or delete", isMalformed: true);
        }

        if (patch[StrategicMergePatch.RetainKeys] is { } retain)
        {
            ApplyRetainKeys(target, patch, retain);
        }

        ApplyPrimitiveDeletions(target, patch);
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$'))
            {
                MergeField(target, name, value, type?.Find(name), OrderOf(patch, name));
            }
        }

        ApplyOrderAlone(target, patch, type);
        return target;
    }

    private void MergeField(JsonObject target, string name, JsonNode? value, FieldSchema? field, JsonArray? order)
    {
        if (value is null)
        {
            target.Remove(name);
            return;
        }

        switch (target[name], value)
        {
            case (JsonObject existing, JsonObject nested) when field is not { IsReplaced: true }:
                var merged = Merge(existing, nested, ElementType(field?.Shape));
                if (!ReferenceEquals(merged, existing))
                {
                    target[name] = merged;
                }

                break;
            case (JsonArray existing, JsonArray items) when field is { IsMerged: true }:
                target[name] = MergeList(existing, items, field, order);
                break;
            case (null, JsonArray items) when field is { IsMerged: true }:
                CheckKeys(items, field);
                target[name] = StrategicMergePatch.WithoutDirectives(items);
                break;
            default:
                target[name] = StrategicMergePatch.WithoutDirectives(value);
                break;
        }
    }

    private JsonArray MergeList(JsonArray existing, JsonArray items, FieldSchema field, JsonArray? order)
    {
        CheckKeys(items, field);
        if (field.MergeKey is not null && items.OfType<JsonObject>().Any(i => i.Text(StrategicMergePatch.Directive) == "replace"))
        {
            return (JsonArray)StrategicMergePatch.WithoutDirectives(items)!;
        }

        if (order is not null)
        {
            ElementOrder.Check(items, order, field.MergeKey);
        }

        var merged = field.MergeKey is { } key ? MergeItems(existing, items, key, field) : Union(existing, items);
        return ElementOrder.Apply(existing, merged, order ?? items, field.MergeKey);
    }

    private static IEnumerable<JsonNode?> Union(JsonArray existing, JsonArray items) =>
        existing.Concat(items).DistinctBy(i => ItemKey.Of(i, null), StringComparer.Ordinal).Select(i => i?.DeepClone());

    private IEnumerable<JsonNode?> MergeItems(JsonArray existing, JsonArray items, string key, FieldSchema field)
    {
        // Stored lists may hold a key twice: a patch merges into the first and deletes all.
        var result = existing.Select(i => i?.DeepClone()).ToList();
        var places = Enumerable.Range(0, result.Count).Where(i => result[i] is JsonObject).ToLookup(i => ItemKey.Of(result[i], key), StringComparer.Ordinal);
        var added = new Dictionary<string, int>(StringComparer.Ordinal);
        var gone = new HashSet<int>();
        foreach (var item in items.OfType<JsonObject>())
        {
            var text = ItemKey.Of(item, key);
            int[] at = [.. places[text].Where(i => !gone.Contains(i)), .. added.TryGetValue(text, out var last) && !gone.Contains(last) ? new[] { last } : []];
            if (item.Text(StrategicMergePatch.Directive) == "delete")
            {
                gone.UnionWith(at);
            }
            else if (at.Length == 0)
            {
                added[text] = result.Count;
                result.Add(StrategicMergePatch.WithoutDirectives(item));
            }
            else
            {
                result[at[0]] = Merge((JsonObject)result[at[0]]!, item, ElementType(field.Shape));
            }
        }

        return result.Where((_, i) => !gone.Contains(i));
    }

    private static void CheckKeys(JsonArray items, FieldSchema field)
    {
        if (field.MergeKey is not { } key)
        {
            return;
        }

        foreach (var item in items)
        {
            if (item is not JsonObject obj)
            {
                throw new PatchException($"each item of {field.Name} in the patch must be an object", isMalformed: true);
            }

            if (obj[key] is null && obj.Text(StrategicMergePatch.Directive) != "replace")
            {
                throw new PatchException($"map: {obj.ToJsonString()} does not contain declared merge key: {key}", isMalformed: true);
            }
        }
    }

    private static void ApplyRetainKeys(JsonObject target, JsonObject patch, JsonNode retain)
    {
        var keys = retain is JsonArray array ? array.Select(k => k.AsText()).ToHashSet() : throw new PatchException("$retainKeys must be a list of names", isMalformed: true);
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$') && value is not null && !keys.Contains(name))
            {
                throw new PatchException($"the patch sets {name}, which its $retainKeys does not name");
            }
        }

        foreach (var name in target.Select(p => p.Key).Where(n => !keys.Contains(n)).ToList())
        {
            target.Remove(name);
        }
    }

    private static void ApplyPrimitiveDeletions(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith(StrategicMergePatch.DeletePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var gone = value as JsonArray ?? throw new PatchException($"{name} must be a list", isMalformed: true);
            var field = name[StrategicMergePatch.DeletePrefix.Length..];
            if (target[field] is JsonArray list)
            {
                var keys = gone.Select(g => ItemKey.Of(g, null)).ToHashSet(StringComparer.Ordinal);
                target[field] = new JsonArray([.. list.Where(i => !keys.Contains(ItemKey.Of(i, null))).Select(i => i?.DeepClone())]);
            }
        }
    }

    /// <summary>An order without its list only rearranges what is there.</summary>
    private static void ApplyOrderAlone(JsonObject target, JsonObject patch, TypeSchema? type)
    {
        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith(StrategicMergePatch.OrderPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var field = name[StrategicMergePatch.OrderPrefix.Length..];
            if (value is JsonArray order && !patch.ContainsKey(field) && target[field] is JsonArray list)
            {
                target[field] = ElementOrder.Apply(list, list.Select(i => i?.DeepClone()), order, type?.Find(field)?.MergeKey);
            }
        }
    }

    private static JsonArray? OrderOf(JsonObject patch, string field) => patch[StrategicMergePatch.OrderPrefix + field] as JsonArray;

    private TypeSchema? ElementType(ValueShape? shape) => shape switch
    {
        { Kind: ValueKind.Object } => schema.GetType(shape.Object!) is { IsUnion: false } type ? type : null,
        { Kind: ValueKind.List or ValueKind.Map } => ElementType(shape.Element),
        _ => null,
    };
}
