using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests;

/// <summary>Objects for tests, written as YAML and taken along the path of a request.</summary>
internal static class Sample
{
    public const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: ns}
        spec:
          containers:
          - {name: c, image: "nginx:1"}
        """;

    public const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: d, namespace: ns}
        spec:
          selector: {matchLabels: {app: d}}
          template:
            metadata: {labels: {app: d}}
            spec:
              containers:
              - {name: c, image: nginx}
        """;

    public const string Service = """
        apiVersion: v1
        kind: Service
        metadata: {name: s, namespace: ns}
        spec:
          selector: {app: d}
          ports:
          - {port: 80}
        """;

    public const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: i, namespace: ns}
        spec:
          rules:
          - host: a.example.com
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}
        """;

    public static JsonObject Yaml(string yaml) => (JsonObject)YamlText.Parse(yaml);

    public static KindSchema KindOf(JsonObject obj) => KubeSchema.Default.FindKind(obj.Text("apiVersion")!, obj.Text("kind")!)!;

    /// <summary>Reads, prunes and defaults an object.</summary>
    public static JsonObject Ready(string yaml) => Ready(Yaml(yaml));

    public static JsonObject Ready(JsonObject obj)
    {
        var kind = KindOf(obj);
        var type = KubeSchema.Default.GetType(kind);
        Assert.Null(TypeChecker.Check(obj, type));
        Assert.Empty(Pruner.Prune(obj, type));
        Defaulter.Default(obj, kind);
        return obj;
    }

    /// <summary>A ready object with one value changed by a path such as <c>spec.containers[0].name</c>; null removes it.</summary>
    public static JsonObject With(string yaml, params (string Path, string? Yaml)[] changes)
    {
        var obj = Yaml(yaml);
        foreach (var (path, value) in changes)
        {
            Set(obj, path, value);
        }

        return Ready(obj);
    }

    public static void Set(JsonObject obj, string path, string? yaml)
    {
        var parts = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        JsonNode node = obj;
        foreach (var part in parts[..^1])
        {
            node = part[0] == '[' ? node[int.Parse(part[1..^1])]! : node[part] ??= new JsonObject();
        }

        var value = yaml is null ? null : yaml.Length == 0 ? JsonValue.Create("") : YamlText.Parse(yaml);
        if (parts[^1][0] == '[')
        {
            ((JsonArray)node)[int.Parse(parts[^1][1..^1])] = value;
        }
        else if (value is null)
        {
            ((JsonObject)node).Remove(parts[^1]);
        }
        else
        {
            node[parts[^1]] = value;
        }
    }

    public static JsonNode? Get(JsonNode? node, string path)
    {
        foreach (var part in path.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            node = part[0] == '[' ? node?[int.Parse(part[1..^1])] : node?[part];
        }

        return node;
    }

    public static List<string> CreateErrors(JsonObject obj) => [.. Validator.ValidateCreate(obj, KindOf(obj)).Select(e => e.ToString())];

    public static List<string> UpdateErrors(JsonObject obj, JsonObject old) => [.. Validator.ValidateUpdate(obj, old, KindOf(obj)).Select(e => e.ToString())];
}
