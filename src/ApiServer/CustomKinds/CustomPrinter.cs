using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Printing;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>Tables of custom kinds: the name, then the columns the definition asks for.</summary>
internal static class CustomPrinter
{
    public static KindPrinter For(CustomVersion version)
    {
        // Without columns of its own a kind shows its age.
        var columns = version.Columns.Count > 0
            ? version.Columns.Select(c => (Column: Definition(c), Path: JsonPath.Parse(c.Text("jsonPath") ?? ""))).ToList()
            : [(Definition(new JsonObject { ["name"] = "Age", ["type"] = "date", ["jsonPath"] = ".metadata.creationTimestamp" }), JsonPath.Parse(".metadata.creationTimestamp"))];
        return new KindPrinter(
            [.. TableColumn.Parse("Name:name"), .. columns.Select(c => c.Column)],
            (obj, now) => [Cell.Name(obj), .. columns.Select(c => Show(c.Path?.First(obj), c.Column.Type, now))]);
    }

    private static TableColumn Definition(JsonObject column) => new(column.Text("name") ?? "", column.Text("type") ?? "", column.Text("format") ?? "", (int)(column.Number("priority") ?? 0))
    {
        Description = column.Text("description") is { Length: > 0 } text ? text : $"Custom resource definition column (in JSONPath format): {column.Text("jsonPath")}",
    };

    private static JsonNode? Show(JsonNode? value, string type, DateTimeOffset now)
    {
        if (value is null)
        {
            return null;
        }

        var kind = value.GetValueKind();
        return type switch
        {
            "integer" when kind == JsonValueKind.Number => value.AsNumber() ?? (long)value.AsValue().GetValue<double>(),
            "number" when kind == JsonValueKind.Number => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
            "boolean" when kind is JsonValueKind.True or JsonValueKind.False => value.DeepClone(),
            "date" when kind == JsonValueKind.String => KubeTime.TryParse(value.AsText(), out _) ? HumanDuration.Since(value, now) : "<invalid>",
            "string" => value.AsText() ?? value.ToJsonString(),
            _ => null,
        };
    }
}

/// <summary>The part of JSONPath that definitions use: fields, indexes, all items, and filters for equality.</summary>
internal sealed class JsonPath
{
    private readonly List<Func<JsonNode, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(List<Func<JsonNode, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    /// <summary>Reads a path; null when it is of a form that is not known, which shows nothing.</summary>
    public static JsonPath? Parse(string text)
    {
        var steps = new List<Func<JsonNode, IEnumerable<JsonNode?>>>();
        for (var at = 0; at < text.Length;)
        {
            var step = text[at] == '[' ? Bracket(text, ref at) : text[at] == '.' ? Field(text, ref at) : null;
            if (step is null)
            {
                return null;
            }

            steps.Add(step);
        }

        return new JsonPath(steps);
    }

    /// <summary>The first value there is, or null.</summary>
    public JsonNode? First(JsonNode obj)
    {
        IEnumerable<JsonNode?> found = [obj];
        foreach (var step in _steps)
        {
            found = found.OfType<JsonNode>().SelectMany(step);
        }

        return found.FirstOrDefault();
    }

    private static Func<JsonNode, IEnumerable<JsonNode?>>? Field(string text, ref int at)
    {
        at++;
        var name = new System.Text.StringBuilder();
        while (at < text.Length && text[at] is not ('.' or '['))
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            name.Append(text[at++]);
        }

        var field = name.ToString();
        return field.Length == 0 ? node => [node] : field == "*" ? All : node => Named(node, field);
    }

    private static Func<JsonNode, IEnumerable<JsonNode?>>? Bracket(string text, ref int at)
    {
        var end = text.IndexOf(']', at);
        if (end < 0)
        {
            return null;
        }

        var inner = text[(at + 1)..end].Trim();
        if (inner.StartsWith("?(", StringComparison.Ordinal))
        {
            end = text.IndexOf(")]", at, StringComparison.Ordinal);
            if (end < 0)
            {
                return null;
            }

            var condition = text[(at + 3)..end];
            at = end + 2;
            return Filter(condition);
        }

        at = end + 1;
        return inner switch
        {
            "*" => All,
            _ when inner.Length > 1 && inner[0] is '\'' or '"' => node => Named(node, inner[1..^1]),
            _ when int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => node => Item(node, index),
            _ => null,
        };
    }

    /// <summary><c>@.type=="Ready"</c>, with any comparison of equality.</summary>
    private static Func<JsonNode, IEnumerable<JsonNode?>>? Filter(string condition)
    {
        foreach (var sign in (ReadOnlySpan<string>)["==", "!="])
        {
            var split = condition.IndexOf(sign, StringComparison.Ordinal);
            if (split < 0 || !condition.TrimStart().StartsWith('@'))
            {
                continue;
            }

            var path = Parse(condition[..split].Trim()[1..]);
            var value = condition[(split + 2)..].Trim();
            var wanted = value.Length > 1 && value[0] is '\'' or '"' ? value[1..^1] : value;
            return path is null ? null : node => (node as JsonArray ?? []).Where(item => item is not null
                && path.First(item) is { } found && ((found.AsText() ?? found.ToJsonString()) == wanted) == (sign == "=="));
        }

        return null;
    }

    private static IEnumerable<JsonNode?> All(JsonNode node) => node switch
    {
        JsonArray array => array,
        JsonObject obj => obj.Select(p => p.Value),
        _ => [],
    };

    private static IEnumerable<JsonNode?> Named(JsonNode node, string field) => node is JsonObject obj && obj.TryGetPropertyValue(field, out var value) ? [value] : [];

    private static IEnumerable<JsonNode?> Item(JsonNode node, int index) =>
        node is JsonArray array && (index < 0 ? array.Count + index : index) is >= 0 and var at && at < array.Count ? [array[at]] : [];
}
