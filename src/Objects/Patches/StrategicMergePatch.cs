using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Patches;

/// <summary>Kubernetes' own merge: like a merge patch, but lists with a merge key merge item by item, and <c>$patch</c> directives steer it.</summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string DeletePrefix = "$deleteFromPrimitiveList/";
    internal const string OrderPrefix = "$setElementOrder/";

    /// <summary>Returns the patched copy of a document.</summary>
    /// <exception cref="PatchException">The patch does not fit the document.</exception>
    public static JsonObject Apply(JsonObject doc, JsonObject patch, TypeSchema type, KubeSchema schema) =>
        new StrategicMerger(schema).Merge((JsonObject)doc.DeepClone(), patch, type);

    /// <summary>A copy without directives and nulls, for what the document does not have yet.</summary>
    internal static JsonNode? WithoutDirectives(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject obj:
                var plain = new JsonObject();
                foreach (var (name, nested) in obj)
                {
                    if (nested is not null && !name.StartsWith('$'))
                    {
                        plain[name] = WithoutDirectives(nested);
                    }
                }

                return plain;
            case JsonArray array:
                return new JsonArray([.. array
                    .Where(i => i is not JsonObject item || item.Text(Directive) is not ("delete" or "replace"))
                    .Select(WithoutDirectives)]);
            default:
                return value?.DeepClone();
        }
    }
}
