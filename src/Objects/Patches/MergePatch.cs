using System.Text.Json.Nodes;

namespace Sealos.Objects.Patches;

/// <summary>RFC 7386: objects merge, null removes, everything else replaces.</summary>
public static class MergePatch
{
    /// <summary>Returns the patched copy of a document.</summary>
    public static JsonObject Apply(JsonObject doc, JsonObject patch)
    {
        var result = (JsonObject)doc.DeepClone();
        Merge(result, patch);
        return result;
    }

    /// <summary>The smallest patch that turns one document into another.</summary>
    public static JsonObject Create(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, value) in to)
        {
            if (from[name] is JsonObject before && value is JsonObject after)
            {
                var nested = Create(before, after);
                if (nested.Count > 0)
                {
                    patch[name] = nested;
                }
            }
            else if (value is not null && !JsonNode.DeepEquals(from[name], value))
            {
                patch[name] = value.DeepClone();
            }
        }

        return patch;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject nested:
                    if (target[name] is not JsonObject existing)
                    {
                        target[name] = existing = [];
                    }

                    Merge(existing, nested);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
