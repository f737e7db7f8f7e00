using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Patches;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Verbs;

/// <summary>A patch that was read: what it does to objects, and what is odd about its text.</summary>
internal sealed class PatchBody
{
    private const string Unfit = "the server rejected our request due to an error in our request";

    private readonly string _mediaType;
    private readonly JsonNode _patch;
    private readonly IReadOnlyList<string> _problems;

    private PatchBody(string mediaType, JsonNode patch, IReadOnlyList<string> problems, bool speaksOfManagedFields)
    {
        _mediaType = mediaType;
        _patch = patch;
        _problems = problems;
        SpeaksOfManagedFields = speaksOfManagedFields;
    }

    /// <summary>Whether the object must have its managedFields for the patch to find them.</summary>
    public bool SpeaksOfManagedFields { get; }

    public static PatchBody Parse(string mediaType, ReadOnlyMemory<byte> body)
    {
        var duplicates = new List<string>();
        var patch = ParseJson(body, duplicates);
        var isOperations = mediaType == Patch.JsonPatchType;
        if (isOperations ? patch is not JsonArray : patch is not JsonObject)
        {
            throw ApiException.BadRequest(isOperations
                ? $"error decoding patch: json: cannot unmarshal {Describe(patch)} into Go value of type []handlers.jsonPatchOp"
                : $"error decoding patch: json: cannot unmarshal {Describe(patch)} into Go value of type map[string]interface {{}}");
        }

        if (patch is JsonArray { Count: > JsonPatch.MaxOperations } operations)
        {
            throw new ApiException(413, "RequestEntityTooLarge", string.Create(CultureInfo.InvariantCulture, $"Request entity too large: The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {operations.Count}"));
        }

        var problems = isOperations
            ? duplicates.Select(d => $"json patch duplicate field \"{d}\"").Concat(UnknownParts((JsonArray)patch!))
            : duplicates.Select(d => $"duplicate field \"{d}\"");
        return new PatchBody(mediaType, patch!, [.. problems], body.Span.IndexOf("managedFields"u8) >= 0);
    }

    /// <summary>The patched copy of an object.</summary>
    public JsonObject Apply(JsonObject obj, TypeSchema type)
    {
        try
        {
            return _mediaType switch
            {
                Patch.JsonPatchType => JsonPatch.Apply(obj, (JsonArray)_patch) as JsonObject ?? throw new PatchException("the whole object is gone"),
                Patch.MergePatchType => MergePatch.Apply(obj, (JsonObject)_patch),
                _ => StrategicMergePatch.Apply(obj, (JsonObject)_patch, type, KubeSchema.Default),
            };
        }
        catch (PatchException e) when (e.IsMalformed)
        {
            throw ApiException.BadRequest(e.Message);
        }
        catch (PatchException)
        {
            throw new ApiException(422, "Invalid", Unfit) { Details = new StatusDetails() };
        }
    }

    /// <summary>Checks and completes a patched object: unknown fields go, types are checked, defaults are filled in.</summary>
    public JsonObject Complete(JsonObject patched, Resource resource, FieldValidation validation, List<string> warnings)
    {
        if (resource.Custom is null && TypeChecker.Check(patched, resource.Type) is { } mismatch)
        {
            throw Refuse(Shown(patched, resource), mismatch);
        }

        var shown = validation == FieldValidation.Strict ? Shown(patched, resource) : "";
        var found = new List<string>(_problems);
        var obj = ObjectDecoder.Complete(new DecodedBody(patched, []), resource, FieldValidation.Warn, found);
        if (found.Count > 0 && validation == FieldValidation.Strict)
        {
            throw Refuse(shown, $"strict decoding error: {string.Join(", ", found)}");
        }

        if (validation == FieldValidation.Warn)
        {
            warnings.AddRange(found);
        }

        return obj;
    }

    private static ApiException Refuse(string shown, string why) =>
        ApiException.Invalid("", "", "", new FieldError(FieldErrorType.Invalid, "patch", $"\"{shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"", why));

    /// <summary>What refusals show: of a strategic patch itself, as Go prints maps; of the others the patched object.</summary>
    private string Shown(JsonObject patched, Resource resource)
    {
        // Who may change a Secret may not therefore read it, and what is refused stands in the audit log.
        if (resource is { Group: "", Plural: "secrets" })
        {
            return "";
        }

        if (_mediaType == Patch.StrategicPatchType)
        {
            return Go(_patch);
        }

        var sorted = new JsonObject(patched.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        return Encoding.UTF8.GetString(JsonText.Write(sorted));
    }

    private static string Go(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(" ", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Go(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(" ", list.Select(Go))}]",
        _ => node.AsText() ?? node.ToJsonString(),
    };

    private static IEnumerable<string> UnknownParts(JsonArray operations) =>
        from i in Enumerable.Range(0, operations.Count)
        from part in operations[i] as JsonObject ?? []
        where part.Key is not ("op" or "path" or "from" or "value")
        select string.Create(CultureInfo.InvariantCulture, $"json patch unknown field \"[{i}].{part.Key}\"");

    private static string Describe(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch { System.Text.Json.JsonValueKind.String => "string", System.Text.Json.JsonValueKind.Number => "number", _ => "bool" },
    };

    private static JsonNode? ParseJson(ReadOnlyMemory<byte> body, List<string> duplicates)
    {
        try
        {
            return JsonText.ParseNode(body, duplicates);
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest($"error decoding patch: {e.Message}");
        }
    }
}
