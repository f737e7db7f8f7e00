using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Ownership;

/// <summary>Whether an object that is to be applied has only declared fields of the right shapes, and lists without repeated items.</summary>
public static class FieldChecker
{
    /// <summary>Checks an object.</summary>
    /// <exception cref="FieldTypeException">Something is wrong with it; all of it is said.</exception>
    public static void Check(JsonObject obj, FieldType type)
    {
        var errors = new List<string>();
        Check(obj, type, "", errors);
        if (errors.Count > 0)
        {
            throw new FieldTypeException(errors.Count == 1 ? errors[0] : "errors:\n" + string.Join('\n', errors.Select(e => $"  {e}")));
        }
    }

    private static void Check(JsonNode? value, FieldType type, string path, List<string> errors)
    {
        if (value is null)
        {
            return;
        }

        switch (type.Shape)
        {
            case FieldShape.Any:
                break;
            case FieldShape.Scalar:
                if (ScalarProblem(value, type.Scalar) is { } problem)
                {
                    Add(errors, path, problem);
                }

                break;
            case FieldShape.Map when value is JsonObject map:
                CheckMap(map, type, path, errors);
                break;
            case FieldShape.List when value is JsonArray list:
                CheckList(list, type, path, errors);
                break;
            default:
                Add(errors, path, $"expected {(type.Shape == FieldShape.Map ? "map" : "list")}, got &{{{Shown(value)}}}");
                break;
        }
    }

    private static void CheckMap(JsonObject map, FieldType type, string path, List<string> errors)
    {
        foreach (var (name, value) in map)
        {
            if (type.Child(name) is not { } child)
            {
                Add(errors, $"{path}.{name}", "field not declared in schema");
            }
            else
            {
                Check(value, child, $"{path}.{name}", errors);
            }
        }
    }

    private static void CheckList(JsonArray list, FieldType type, string path, List<string> errors)
    {
        var seen = new HashSet<PathElement>();
        for (var i = 0; i < list.Count; i++)
        {
            var step = PathElement.Index(i);
            if (!type.IsAtomic)
            {
                if (ListIndex.StepTo(type, list[i], out var problem) is not { } found)
                {
                    Add(errors, path, $"element {i}: {problem}");
                    return;
                }

                step = found;
                if (!seen.Add(found))
                {
                    Add(errors, path, $"duplicate entries for key {found}");
                }
            }

            Check(list[i], type.Element ?? FieldType.Any, path + step, errors);
        }
    }

    private static string? ScalarProblem(JsonNode value, ScalarShape scalar)
    {
        var kind = value.GetValueKind();
        return scalar switch
        {
            ScalarShape.Text when kind != JsonValueKind.String => $"expected string, got &value.valueUnstructured{{Value:{Shown(value)}}}",
            ScalarShape.Number when kind != JsonValueKind.Number => $"expected numeric (int or float), got {GoType(kind)}",
            ScalarShape.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False) => $"expected boolean, got &{{{Shown(value)}}}",
            ScalarShape.Any when kind is JsonValueKind.Object or JsonValueKind.Array => $"expected any scalar, got &{{{Shown(value)}}}",
            _ => null,
        };
    }

    private static string GoType(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "[]interface {}",
        _ => "map[string]interface {}",
    };

    private static string Shown(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(" ", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Shown(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(" ", list.Select(Shown))}]",
        _ => value.AsText() ?? value.ToJsonString(),
    };

    private static void Add(List<string> errors, string path, string problem) => errors.Add(path.Length == 0 ? problem : $"{path}: {problem}");
}
