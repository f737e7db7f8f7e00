using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Patches;

/// <summary>RFC 6902: a list of operations, applied all or none.</summary>
public static class JsonPatch
{
    /// <summary>More operations than this are refused.</summary>
    public const int MaxOperations = 10_000;

    private const long MaxCopied = 3 * 1024 * 1024;

    /// <summary>Returns the patched copy of a document.</summary>
    /// <exception cref="PatchException">An operation is malformed or does not fit.</exception>
    public static JsonNode? Apply(JsonNode doc, JsonArray ops)
    {
        if (ops.Count > MaxOperations)
        {
            throw new PatchException($"The allowed maximum operations in a JSON patch is {MaxOperations}, got {ops.Count}", isMalformed: true);
        }

        var root = new JsonObject { ["root"] = doc.DeepClone() };
        var (copied, depth) = (0L, new PatchDepth(root));
        foreach (var op in ops)
        {
            ApplyOne(root, op as JsonObject ?? throw new PatchException("each operation of a JSON patch is an object", isMalformed: true), depth, ref copied);
            depth.Check();
        }

        var result = root["root"];
        root.Remove("root");
        return result;
    }

    private static void ApplyOne(JsonObject root, JsonObject op, PatchDepth depth, ref long copied)
    {
        var verb = op.Text("op") ?? "unknown";
        if (verb is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
        {
            throw new PatchException($"Unexpected kind: {verb}");
        }

        var path = JsonPointer.Parse(op.Text("path") ?? throw new PatchException($"{verb} operation failed to decode path: missing value"));
        switch (verb)
        {
            case "add":
                Add(root, path, depth.Checked(Value(op, verb), path.Count));
                break;
            case "remove":
                Remove(root, path, verb);
                break;
            case "replace":
                Get(root, path, verb);
                Replace(root, path, depth.Checked(Value(op, verb), path.Count));
                break;
            case "move":
                var from = From(op, verb);
                if (path.StartsWith(from) && path.Count > from.Count)
                {
                    throw new PatchException($"move operation cannot move {from} into itself");
                }

                depth.Moved(path.Count - from.Count);
                Add(root, path, Remove(root, from, verb));
                break;
            case "copy":
                var source = From(op, verb);
                depth.Moved(path.Count - source.Count);
                var copy = Get(root, source, verb)?.DeepClone();
                copied += copy is null ? 4 : JsonText.Write(copy).Length;
                if (copied > MaxCopied)
                {
                    throw new PatchException($"the JSON patch copies more than {MaxCopied} bytes");
                }

                Add(root, path, copy);
                break;
            default:
                if (!JsonNode.DeepEquals(Find(root, path), op["value"]))
                {
                    throw new PatchException($"testing value {path} failed");
                }

                break;
        }
    }

    private static JsonNode? Value(JsonObject op, string verb) =>
        op.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw new PatchException($"{verb} operation has no \"value\"", isMalformed: true);

    private static JsonPointer From(JsonObject op, string verb) =>
        JsonPointer.Parse(op.Text("from") ?? throw new PatchException($"{verb} operation has no \"from\"", isMalformed: true));

    private static void Add(JsonObject root, JsonPointer path, JsonNode? value)
    {
        switch (Parent(root, path, "add"))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array:
                array.Insert(path.Last == "-" ? array.Count : Index(path, array.Count, "add"), value);
                break;
        }
    }

    private static JsonNode? Remove(JsonObject root, JsonPointer path, string verb)
    {
        var value = Get(root, path, verb);
        switch (Parent(root, path, verb))
        {
            case JsonObject obj:
                obj.Remove(path.Last);
                break;
            case JsonArray array:
                array.RemoveAt(Index(path, array.Count - 1, verb));
                break;
        }

        return value;
    }

    private static void Replace(JsonObject root, JsonPointer path, JsonNode? value)
    {
        switch (Parent(root, path, "replace"))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array:
                array[Index(path, array.Count - 1, "replace")] = value;
                break;
        }
    }

    private static JsonNode? Get(JsonObject root, JsonPointer path, string verb)
    {
        var parent = Parent(root, path, verb);
        return parent switch
        {
            JsonObject obj when obj.TryGetPropertyValue(path.Last, out var value) => value,
            JsonArray array => array[Index(path, array.Count - 1, verb)],
            _ => throw Missing(path, verb),
        };
    }

    /// <summary>The value tested; a missing one equals null.</summary>
    private static JsonNode? Find(JsonObject root, JsonPointer path) => Parent(root, path, "test") switch
    {
        JsonObject obj => obj[path.Last],
        JsonArray array => array[Index(path, array.Count - 1, "test")],
        _ => null,
    };

    private static JsonNode Parent(JsonObject root, JsonPointer path, string verb)
    {
        JsonNode? node = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            node = node switch
            {
                JsonObject obj => obj[path[i]],
                JsonArray array when JsonPointer.TryIndex(path[i], array.Count - 1, out var index) => array[index],
                _ => null,
            };
        }

        return node is JsonObject or JsonArray ? node : throw Missing(path, verb);
    }

    private static int Index(JsonPointer path, int max, string verb) =>
        JsonPointer.TryIndex(path.Last, max, out var index) ? index : throw Missing(path, verb);

    private static PatchException Missing(JsonPointer path, string verb) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{verb} operation does not apply: doc is missing path: {path}"));
}
