using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Ownership;

/// <summary>
/// The annotation in which kubectl kept what it applied before servers could. What it says does not conflict with
/// kubectl applying on the server, and it is kept up to date so that an older kubectl can go on.
/// </summary>
internal static class LastApplied
{
    /// <summary>The manager that kubectl applies as unless it is told another.</summary>
    public const string Manager = "kubectl";

    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const int MaxAnnotations = 256 * 1024;

    /// <summary>The fields that the annotation names and that still have the value it names; null when there is none that fits.</summary>
    public static FieldSet? OwnFields(JsonObject live, OwnershipContext context)
    {
        if (live.Child("metadata", "annotations").Text(Annotation) is not { Length: > 0 } text || Parse(text) is not { } last || last.Text("apiVersion") != context.ApiVersion)
        {
            return null;
        }

        try
        {
            FieldChecker.Check(last, context.Type);
        }
        catch (FieldTypeException)
        {
            return null;
        }

        var changes = FieldComparer.Compare(last, live, context.Type);
        return FieldExtractor.Extract(last, context.Type).Except(changes.Changed).Except(changes.Removed);
    }

    /// <summary>Writes what is applied now into the annotation, where there is one.</summary>
    public static void Follow(JsonObject merged, JsonObject wanted)
    {
        if (merged.Child("metadata", "annotations") is not { } annotations || annotations.Text(Annotation) is not { Length: > 0 })
        {
            return;
        }

        var copy = (JsonObject)wanted.DeepClone();
        if (copy.Child("metadata", "annotations") is { } own)
        {
            own.Remove(Annotation);
        }

        annotations[Annotation] = Encoding.UTF8.GetString(JsonText.Write(Sorted(copy))) + "\n";
        if (annotations.Sum(p => Encoding.UTF8.GetByteCount(p.Key) + Encoding.UTF8.GetByteCount(p.Value.AsText() ?? "")) > MaxAnnotations)
        {
            annotations.Remove(Annotation);
        }
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonText.ParseNode(Encoding.UTF8.GetBytes(text)) as JsonObject;
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
