using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Http;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Registry;

/// <summary>Makes of a decoded body an object of the endpoint's kind: right kind, right types, no unknown fields, defaults set.</summary>
internal static class ObjectDecoder
{
    // As many as Kubernetes names.
    private const int MaxProblems = 100;

    /// <summary>Checks and completes a body for a resource.</summary>
    public static JsonObject Complete(DecodedBody body, Resource resource, FieldValidation validation, List<string> warnings) => resource.Custom is { } custom
        ? CustomModel.Complete(body, resource.Schema, custom, validation, warnings)
        : Complete(body, resource.Schema, validation, warnings);

    /// <summary>Checks and completes a body of a built-in kind.</summary>
    public static JsonObject Complete(DecodedBody body, KindSchema kind, FieldValidation validation, List<string> warnings)
    {
        var obj = body.Object;
        CheckKind(obj, kind);
        KeepReset(obj);
        var schema = KubeSchema.Default;
        var type = schema.GetType(kind);
        if (TypeChecker.Check(obj, type) is { } mismatch)
        {
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {mismatch}");
        }

        Report(Problems(Pruner.Prune(obj, type, schema), body.Duplicates), kind, validation, warnings);

        Defaulter.Default(obj, kind);
        return obj;
    }

    /// <summary>An empty list says that managedFields are to be forgotten, and would not outlive pruning.</summary>
    public static void KeepReset(JsonObject obj)
    {
        if (obj.Child("metadata")?["managedFields"] is JsonArray { Count: 0 } forget)
        {
            forget.Add((JsonNode)new JsonObject());
        }
    }

    /// <summary>Tells of fields that were ignored, in the way the client asked for.</summary>
    public static void Report(List<string> problems, KindSchema kind, FieldValidation validation, List<string> warnings)
    {
        if (problems.Count > 0 && validation == FieldValidation.Strict)
        {
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", problems)}");
        }

        if (validation == FieldValidation.Warn)
        {
            warnings.AddRange(problems);
        }
    }

    /// <summary>The texts about unknown and repeated fields.</summary>
    public static List<string> Problems(IReadOnlyList<string> unknown, IReadOnlyList<string> duplicates) =>
        [.. unknown.Select(u => $"unknown field \"{u}\"").Concat(duplicates.Select(d => $"duplicate field \"{d}\"")).Take(MaxProblems)];

    /// <summary>Kind and apiVersion may be left out, but not be another's.</summary>
    public static void CheckKind(JsonObject obj, KindSchema kind)
    {
        RequireText(obj, "apiVersion", kind);
        RequireText(obj, "kind", kind);
        var givenKind = obj.Text("kind");
        var givenVersion = obj.Text("apiVersion");
        if (!string.IsNullOrEmpty(givenKind) && givenKind != kind.Kind)
        {
            throw ApiException.BadRequest($"{givenKind} in version \"{VersionOf(givenVersion ?? kind.GroupVersion)}\" cannot be handled as a {kind.Kind}: converting ({Go(givenVersion ?? kind.GroupVersion, givenKind)}) to ({GoInternal(kind)}): unknown conversion");
        }

        if (!string.IsNullOrEmpty(givenVersion) && givenVersion != kind.GroupVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({givenVersion}) does not match the expected API version ({kind.GroupVersion})");
        }

        obj["kind"] = kind.Kind;
        obj["apiVersion"] = kind.GroupVersion;
    }

    private static void RequireText(JsonObject obj, string field, KindSchema kind)
    {
        if (obj[field] is { } given && given.GetValueKind() is not JsonValueKind.String and var found)
        {
            var shown = found switch { JsonValueKind.Object => "object", JsonValueKind.Array => "array", JsonValueKind.Number => "number", _ => "bool" };
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind}): couldn't get version/kind; json parse error: json: cannot unmarshal {shown} into Go struct field .{field} of type string");
        }
    }

    private static string VersionOf(string groupVersion) => groupVersion[(groupVersion.IndexOf('/') + 1)..];

    private static string Go(string groupVersion, string kind) => $"{VersionOf(groupVersion)}.{kind}";

    private static string GoInternal(KindSchema kind) => kind.Group.Length == 0 ? $"core.{kind.Kind}" : $"{kind.Group.Split('.')[0]}.{kind.Kind}";
}
