using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.CustomKinds;

/// <summary>A story about kinds of its own, in a group named after its namespace. The definitions go with it.</summary>
public abstract class CustomKindStory(CloudFixture fixture) : UpstreamStory(fixture)
{
    protected const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>A schema that takes any field.</summary>
    protected const string Anything = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    /// <summary>The story's own group.</summary>
    protected string Group => Namespace + ".example.com";

    /// <summary>Defines a kind whose versions share one schema, the first stored; it is served when this returns.</summary>
    protected async Task<ApiAnswer> DefineAsync(string plural, string schema, string scope = "Namespaced", string? group = null, params string[] versions)
    {
        var definition = Definition(plural, schema, scope, group ?? Group, versions);
        DeleteAfterwards($"{Definitions}/{definition["metadata"]!["name"]}");
        return (await Api.PostAsync(Definitions, definition.ToJsonString())).Expect(201);
    }

    /// <summary>A definition of kind <c>Tests</c> for plural <c>tests</c>.</summary>
    protected static JsonObject Definition(string plural, string schema, string scope, string group, params string[] versions) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{plural}.{group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = group,
            ["scope"] = scope,
            ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = KindOf(plural) },
            ["versions"] = new JsonArray([.. (versions is [] ? ["v1"] : versions).Select((v, i) => new JsonObject
            {
                ["name"] = v,
                ["served"] = true,
                ["storage"] = i == 0,
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(schema) },
            })]),
        },
    };

    protected static string KindOf(string plural) => char.ToUpperInvariant(plural[0]) + plural[1..];

    /// <summary>Path of the kind's objects in the story's namespace.</summary>
    protected string ObjectsOf(string plural, string version = "v1") => $"/apis/{Group}/{version}/namespaces/{Namespace}/{plural}";

    /// <summary>Path of objects of a kind without namespaces.</summary>
    protected string ClusterObjectsOf(string plural, string version = "v1") => $"/apis/{Group}/{version}/{plural}";

    /// <summary>An object of the story's kind; <paramref name="more"/> are further members, with a comma before each.</summary>
    protected string ObjectOf(string plural, string name, string more = "", string version = "v1") =>
        $$"""{"apiVersion":"{{Group}}/{{version}}","kind":"{{KindOf(plural)}}","metadata":{"name":"{{name}}"}{{more}} }""";
}
