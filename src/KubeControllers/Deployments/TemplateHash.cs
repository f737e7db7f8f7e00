using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Deployments;

/// <summary>A short stable name for a pod template, and equality of templates.</summary>
internal static class TemplateHash
{
    public const string Label = "pod-template-hash";

    // No vowels and no lookalikes, so that no hash spells a word or is misread.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <summary>The hash of a template; <paramref name="collisions"/> makes a new one when the name is taken.</summary>
    public static string Of(PodTemplateSpec template, int? collisions)
    {
        var hash = FnvOffset;
        foreach (var b in Encoding.UTF8.GetBytes(Canonical(ToNode(template))?.ToJsonString() ?? ""))
        {
            hash = (hash ^ b) * FnvPrime;
        }

        if (collisions is { } count)
        {
            foreach (var b in BitConverter.GetBytes(count))
            {
                hash = (hash ^ b) * FnvPrime;
            }
        }

        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Alphabet[digit % Alphabet.Length]));
    }

    /// <summary>Whether two templates make the same pods; the hash label does not count.</summary>
    public static bool AreEqual(PodTemplateSpec? a, PodTemplateSpec? b)
    {
        var left = ToNode(a);
        var right = ToNode(b);
        ((left as JsonObject)?["metadata"]?["labels"] as JsonObject)?.Remove(Label);
        ((right as JsonObject)?["metadata"]?["labels"] as JsonObject)?.Remove(Label);
        return JsonNode.DeepEquals(left, right);
    }

    private static JsonNode? ToNode(PodTemplateSpec? template) => JsonSerializer.SerializeToNode(template, KubeJson.Options);

    private static JsonNode? Canonical(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Canonical(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Canonical)]),
        _ => node?.DeepClone(),
    };
}
