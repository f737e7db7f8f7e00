using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.CustomKinds;

/// <summary>Definitions and schemas as the API server hands them over: pruned and defaulted.</summary>
internal static class Definitions
{
    private static readonly KindSchema Kind = KubeSchema.Default.FindKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;

    public static JsonObject Read(string json) => JsonText.Parse(Encoding.UTF8.GetBytes(json), []);

    public static SchemaNode Schema(string json) => SchemaCompiler.Compile(Read(json));

    /// <summary>A definition with a schema, changed by a test.</summary>
    public static JsonObject With(string schema, Action<JsonObject>? change = null)
    {
        var obj = Read($$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"tests.ex.com"},
            "spec":{"group":"ex.com","scope":"Namespaced","names":{"plural":"tests","kind":"Test"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{schema}} } }]},
            "status":{"storedVersions":["v1"]} }
            """);
        change?.Invoke(obj);
        Pruner.Prune(obj, KubeSchema.Default.GetType(Kind));
        Defaulter.Default(obj, Kind);
        return obj;
    }

    /// <summary>What is wrong with it, a line each.</summary>
    public static string[] Errors(JsonObject definition) => [.. Validator.ValidateCreate(definition, Kind).Select(e => e.ToString())];

    public static string[] Errors(JsonObject definition, JsonObject old) => [.. Validator.ValidateUpdate(definition, old, Kind).Select(e => e.ToString())];
}
