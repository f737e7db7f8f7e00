using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>What printers share: common cells, and the words for what is absent.</summary>
internal static class Cell
{
    public const string None = "<none>";
    public const string Unset = "<unset>";

    public static string Name(JsonObject obj) => obj.Child("metadata").Text("name") ?? "";

    public static string Age(JsonObject obj, DateTimeOffset now) => HumanDuration.Since(obj.Child("metadata")?["creationTimestamp"], now);

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    public static long Count(JsonNode? node) => node switch { JsonArray list => list.Count, JsonObject map => map.Count, _ => 0 };

    /// <summary>Labels as text, by key.</summary>
    public static string Labels(JsonObject? labels) => labels is not { Count: > 0 }
        ? None
        : string.Join(',', labels.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value.AsText()}"));

    /// <summary>A label selector as text.</summary>
    public static string Selector(JsonObject? selector)
    {
        try
        {
            return selector is null ? None : OrNone(LabelSelector.FromObject(selector).ToString());
        }
        catch (SelectorException)
        {
            return "<error>";
        }
    }

    /// <summary>The names of a pod spec's containers.</summary>
    public static string Containers(JsonObject? podSpec) => Joined(podSpec.Objects("containers").Select(c => c.Text("name")));

    /// <summary>The images of a pod spec's containers.</summary>
    public static string Images(JsonObject? podSpec) => Joined(podSpec.Objects("containers").Select(c => c.Text("image")));

    /// <summary>The first few of a list, and how many more there are.</summary>
    public static string FirstOf(IReadOnlyList<string> items, int max) => items.Count <= max
        ? string.Join(',', items)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', items.Take(max))} + {items.Count - max} more...");

    /// <summary>The abbreviations of access modes.</summary>
    public static string AccessModes(JsonObject? holder) => string.Join(',', holder.Texts("accessModes").Distinct().Select(m => m switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => m,
    }));

    /// <summary>A number or percentage as it was written.</summary>
    public static string? Amount(JsonNode? value) => value.AsText() ?? value?.ToJsonString();

    /// <summary>The condition of that type.</summary>
    public static JsonObject? Condition(JsonObject obj, string type) =>
        obj.Child("status").Objects("conditions").FirstOrDefault(c => c.Text("type") == type);

    public static bool IsTrue(JsonObject obj, string condition) => Condition(obj, condition).Text("status") == "True";

    private static string Joined(IEnumerable<string?> texts) => string.Join(',', texts);
}
