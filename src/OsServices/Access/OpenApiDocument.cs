using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.Access;

/// <summary>The services' API as an OpenAPI 3.1 document, read off its routes and the records they take and give.</summary>
internal sealed class OpenApiDocument
{
    public const string Path = "/api/v1/openapi.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() };
    private static readonly JsonSchemaExporterOptions Export = new() { TreatNullObliviousAsNonNullable = true };

    private readonly JsonObject _schemas = [];

    /// <summary>The document of these routes.</summary>
    public static JsonObject Create(IEnumerable<RouteEndpoint> routes) => new OpenApiDocument().Build(routes);

    /// <summary>A route's path without what OpenAPI does not know.</summary>
    public static string PathOf(RouteEndpoint route) => route.RoutePattern.RawText is { Length: > 1 } text ? text.TrimEnd('/') : "/";

    private JsonObject Build(IEnumerable<RouteEndpoint> routes)
    {
        var paths = new JsonObject();
        foreach (var route in routes.OrderBy(PathOf, StringComparer.Ordinal))
        {
            var path = PathOf(route);
            var operations = paths[path]?.AsObject() ?? (JsonObject)(paths[path] = new JsonObject());
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                operations[method.ToLowerInvariant()] = Operation(route);
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Sealos services",
                ["version"] = "v1",
                ["description"] = "What cannot be said with Kubernetes objects alone: signing in, workspaces, members, invitations and tokens.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = _schemas,
                ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
    }

    private JsonObject Operation(RouteEndpoint route)
    {
        var operation = new JsonObject();
        if (route.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary is { } summary)
        {
            operation["summary"] = summary;
        }

        if (route.Metadata.GetMetadata<ITagsMetadata>() is { } tags)
        {
            operation["tags"] = new JsonArray([.. tags.Tags.Select(t => (JsonNode)t)]);
        }

        if (route.RoutePattern.Parameters.Count > 0)
        {
            operation["parameters"] = new JsonArray([.. route.RoutePattern.Parameters.Select(p => (JsonNode)new JsonObject
            {
                ["name"] = p.Name,
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = "string" },
            })]);
        }

        if (route.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } request)
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(request) };
        }

        var access = ServicesAccess.Of(route);
        operation["responses"] = Responses(route, access);
        operation["security"] = access == RouteAccess.Everybody ? new JsonArray() : new JsonArray(new JsonObject { ["bearer"] = new JsonArray() });
        operation["x-access"] = access.ToString();
        return operation;
    }

    private JsonObject Responses(RouteEndpoint route, RouteAccess? access)
    {
        var responses = new JsonObject();
        foreach (var produced in route.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>())
        {
            var answer = new JsonObject { ["description"] = produced.StatusCode == StatusCodes.Status204NoContent ? "Done" : "The answer" };
            if (produced.Type is { } type && type != typeof(void))
            {
                answer["content"] = Content(type);
            }

            responses[produced.StatusCode.ToString(CultureInfo.InvariantCulture)] = answer;
        }

        if (responses.Count == 0)
        {
            responses["200"] = new JsonObject { ["description"] = "The answer" };
        }

        responses["default"] = new JsonObject { ["description"] = access == RouteAccess.Everybody ? "A refusal" : "A refusal; 401 where the caller is not signed in", ["content"] = Content(typeof(ServiceError)) };
        return responses;
    }

    private JsonObject Content(Type type) => new() { ["application/json"] = new JsonObject { ["schema"] = Reference(type) } };

    private JsonObject Reference(Type type)
    {
        var name = NameOf(type);
        if (!_schemas.ContainsKey(name))
        {
            _schemas[name] = Json.GetJsonSchemaAsNode(type, Export);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? string.Concat(type.GetGenericArguments().Select(NameOf)) + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]
        : type.Name;
}
