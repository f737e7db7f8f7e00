using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Values as Kubernetes' messages print them: in Go's notation.</summary>
internal static class GoText
{
    /// <summary>A quoted string.</summary>
    public static string Quote(string value) => GoString.Quote(value);

    /// <summary>A scalar, or the JSON of anything else; what is not there is a word in quotes.</summary>
    public static string Value(JsonNode? node) => node switch
    {
        null => "\"null\"",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Quote(value.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    /// <summary>A list of strings.</summary>
    public static string Strings(IEnumerable<string> values) => $"[]string{{{string.Join(", ", values.Select(Quote))}}}";

    /// <summary>A map of strings.</summary>
    public static string Map(JsonObject? map) => map is null
        ? "map[string]string(nil)"
        : $"map[string]string{{{string.Join(", ", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Quote(p.Key)}:{Quote(p.Value.AsText() ?? "")}"))}}}";

    /// <summary>A label selector.</summary>
    public static string Selector(JsonObject? selector)
    {
        var expressions = selector.Array("matchExpressions") is { } list
            ? $"[]v1.LabelSelectorRequirement{{{string.Join(", ", list.OfType<JsonObject>().Select(Requirement))}}}"
            : "[]v1.LabelSelectorRequirement(nil)";
        return $"v1.LabelSelector{{MatchLabels:{Map(selector.Child("matchLabels"))}, MatchExpressions:{expressions}}}";
    }

    private static string Requirement(JsonObject requirement)
    {
        var values = requirement.Array("values") is null ? "[]string(nil)" : Strings(requirement.Texts("values"));
        return $"v1.LabelSelectorRequirement{{Key:{Quote(requirement.Text("key") ?? "")}, Operator:{Quote(requirement.Text("operator") ?? "")}, Values:{values}}}";
    }
}
