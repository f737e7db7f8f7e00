using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;

namespace Sealos.Host.Components;

/// <summary>The definition of kind Component. Pure but for <see cref="EnsureAsync"/>.</summary>
internal static class ComponentDefinition
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private const string Schema = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["enabled"],"properties":{
            "enabled":{"type":"boolean","description":"Whether the component is to run. One that an enabled one needs runs all the same."},
            "keepObjects":{"type":"boolean","description":"Whether its own objects stay when it is removed. Objects of people always stay."}}},
          "status":{"type":"object","properties":{
            "state":{"type":"string"},"since":{"type":"string","format":"date-time"},"message":{"type":"string"},"observedGeneration":{"type":"integer","format":"int64"},
            "description":{"type":"string"},"without":{"type":"string"},"process":{"type":"string"},
            "processBytes":{"type":"integer","format":"int64"},"returnedBytes":{"type":"integer","format":"int64"},
            "needs":{"type":"array","items":{"type":"string"}},"neededBy":{"type":"array","items":{"type":"string"}},
            "usedBy":{"type":"array","items":{"type":"object","required":["apiVersion","resource","effect"],"properties":{
              "apiVersion":{"type":"string"},"resource":{"type":"string"},"effect":{"type":"string"}}}}}}}}
        """;

    /// <summary>Creates the definition where it is missing.</summary>
    /// <exception cref="ApiException">The API refused.</exception>
    public static async Task EnsureAsync(KubeClient client, CancellationToken ct)
    {
        try
        {
            await client.PostAsync<JsonObject, JsonObject>(Path, Definition(), ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made at an earlier start.
        }
    }

    internal static JsonObject Definition()
    {
        var kind = CloudComponent.KubeKind;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{kind.Plural}.{kind.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = kind.Group,
                ["names"] = new JsonObject { ["kind"] = "Component", ["listKind"] = "ComponentList", ["plural"] = kind.Plural, ["singular"] = "component" },
                ["scope"] = "Cluster",
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = kind.Version,
                    ["served"] = true,
                    ["storage"] = true,
                    ["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(Schema) },
                    ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                    ["additionalPrinterColumns"] = new JsonArray(
                        Column("Enabled", "boolean", ".spec.enabled"),
                        Column("State", "string", ".status.state"),
                        Column("Since", "date", ".status.since"),
                        Column("Process", "string", ".status.process"),
                        Column("Description", "string", ".status.description")),
                }),
            },
        };
    }

    private static JsonObject Column(string name, string type, string path) => new() { ["name"] = name, ["type"] = type, ["jsonPath"] = path };
}
