using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;

namespace Sealos.ApiServer.Tests.CustomKinds;

/// <summary>Definitions for tests, each in a group of its own so that tests do not meet.</summary>
internal sealed record Definition(string Group, string Plural, JsonObject Json)
{
    public const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    public string Name => $"{Plural}.{Group}";

    public string OwnPath => $"{Path}/{Name}";

    public JsonObject Spec => (JsonObject)Json["spec"]!;

    public JsonObject Version => (JsonObject)Spec["versions"]![0]!;

    /// <summary>A namespaced kind Widget with a version v1 and the schema of its spec.</summary>
    public static Definition Widget(string spec, string more = "{}")
    {
        var group = $"g{Guid.NewGuid():n}"[..12] + ".test";
        var version = (JsonObject)JsonNode.Parse(more)!;
        version["name"] = "v1";
        version["served"] = true;
        version["storage"] = true;
        version["schema"] = JsonNode.Parse($$"""{"openAPIV3Schema":{"type":"object","properties":{"spec":{{spec}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } } }""", documentOptions: new System.Text.Json.JsonDocumentOptions { MaxDepth = 500 });
        var json = (JsonObject)JsonNode.Parse($$$"""{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget","shortNames":["wd"],"categories":["all"]},"versions":[]}}""")!;
        ((JsonArray)json["spec"]!["versions"]!).Add(version);
        return new Definition(group, "widgets", json);
    }

    /// <summary>Adds a version like the first, by another name.</summary>
    public JsonObject AddVersion(string name)
    {
        var version = (JsonObject)Version.DeepClone();
        version["name"] = name;
        version["storage"] = false;
        ((JsonArray)Spec["versions"]!).Add(version);
        return version;
    }

    public async Task<Definition> CreateAsync(ApiClient client)
    {
        (await client.PostAsync(Path, Json.ToJsonString())).Expect(201);
        return this;
    }

    /// <summary>The path of the objects.</summary>
    public string In(string ns, string version = "v1") => $"/apis/{Group}/{version}/namespaces/{ns}/{Plural}";

    /// <summary>An object of the kind.</summary>
    public string Object(string name, string spec, string version = "v1", string rest = "") =>
        $$"""{"apiVersion":"{{Group}}/{{version}}","kind":"Widget","metadata":{"name":"{{name}}"},"spec":{{spec}}{{rest}} }""";
}
