using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>What the path of a write asks of an object's model: of the schema for built-in kinds, of its definition for custom ones.</summary>
internal static class CustomModel
{
    /// <summary>What is refused, or warned of, before a request for a custom kind is looked at.</summary>
    public static void Admit(HttpContext http, RequestInfo info, CustomVersion version)
    {
        if (info.Verb == "create" && version.Definition.IsTerminating)
        {
            throw Terminating(version.Definition);
        }

        if (version.Deprecation is { } warning)
        {
            Answer.Warn(http, [warning]);
        }
    }

    /// <summary>
    /// Why no object of a kind can be created any more, or null. A definition can go while a create waits for a webhook, and what is
    /// stored after its objects were taken away would come back with the next definition of that name.
    /// </summary>
    public static ApiException? WhyNoMore(Resource resource, ResourceRegistry registry)
    {
        if (resource.Custom is not { } version)
        {
            return null;
        }

        var now = registry.Find(resource.Group, resource.Version, resource.Plural)?.Custom?.Definition;
        return now is null || now.Source.Uid != version.Definition.Source.Uid ? ApiException.PathNotFound() : now.IsTerminating ? Terminating(now) : null;
    }

    private static ApiException Terminating(CustomDefinition definition) =>
        new(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating")
        {
            Details = new StatusDetails { Group = definition.Group, Kind = definition.Plural },
        };

    /// <summary>Checks and completes a body of a custom kind.</summary>
    public static JsonObject Complete(DecodedBody body, KindSchema kind, CustomVersion version, FieldValidation validation, List<string> warnings)
    {
        var obj = body.Object;
        foreach (var field in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (string.IsNullOrEmpty(obj.Text(field)))
            {
                var shown = obj.ToJsonString();
                var name = field == "kind" ? "Kind" : field;
                throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind}): Object '{name}' is missing in '{shown}' ({(shown.Length > 30 ? shown[..30] + " ..." : shown)})");
            }
        }

        ObjectDecoder.CheckKind(obj, kind);
        ObjectDecoder.KeepReset(obj);
        var completion = Complete(obj, version.Schema);
        if (completion.Mismatch is { } mismatch)
        {
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {mismatch}");
        }

        ObjectDecoder.Report(ObjectDecoder.Problems(completion.Unknown, body.Duplicates), kind, validation, warnings);
        return obj;
    }

    /// <summary>Brings an object of any kind into its one form after it was changed.</summary>
    public static void Prune(JsonObject obj, Resource resource)
    {
        if (resource.Custom is { } custom)
        {
            Complete(obj, custom.Schema);
        }
        else
        {
            Pruner.Prune(obj, resource.Type);
        }
    }

    /// <summary>What is wrong with an object that is to be created.</summary>
    public static IReadOnlyList<FieldError> ValidateCreate(JsonObject obj, Resource resource) => resource.Custom is { } custom
        ? CustomObjects.ValidateCreate(obj, resource.Schema, custom.Schema, custom.Scale)
        : Validator.ValidateCreate(obj, resource.Schema);

    /// <summary>What is wrong with an object that is to replace another.</summary>
    public static IReadOnlyList<FieldError> ValidateUpdate(JsonObject obj, JsonObject old, Resource resource, string? subresource) => resource.Custom is { } custom
        ? CustomObjects.ValidateUpdate(obj, old, custom.Schema, custom.Scale, subresource == "status")
        : Validator.ValidateUpdate(obj, old, resource.Schema, subresource);

    /// <summary>Adds what a client is to be warned of.</summary>
    public static void Warn(JsonObject obj, JsonObject? old, Resource resource, WriteContext context)
    {
        if (resource.Custom is not null)
        {
            context.Warnings.AddRange(CustomObjects.Warnings(obj, old));
        }
    }

    private static Completion Complete(JsonObject obj, SchemaNode schema)
    {
        try
        {
            return CustomObjects.Complete(obj, schema);
        }
        catch (OverflowException e)
        {
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: {e.Message}");
        }
    }
}
