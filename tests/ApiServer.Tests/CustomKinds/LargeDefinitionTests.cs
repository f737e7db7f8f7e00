using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.CustomKinds;

/// <summary>Definitions of the size and shape of well-known operators', made here: what is hard about them is kept.</summary>
public sealed class LargeDefinitionTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    /// <summary>Half a megabyte: a pod template in every one of many components, as database operators have.</summary>
    [Fact]
    public async Task HalfAMegabyte_IsServedAtOnceAndJudgesDeeply()
    {
        var spec = Node("object", ("components", List(Component(), "name")), ("schedule", Text("^(\\S+\\s+){4}\\S+$")));
        var widget = Definition.Widget(spec.ToJsonString());
        while (widget.Json.ToJsonString().Length < 500_000)
        {
            ((JsonObject)widget.Version["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!)[$"part{widget.Json.ToJsonString().Length}"] = Component();
        }

        await widget.CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        var good = """{"schedule":"0 * * * *","components":[{"name":"db","replicas":3,"template":{"containers":[{"name":"c","ports":[{"containerPort":80}],"probe":{"port":"http"},"resources":{"limits":{"cpu":1,"memory":"1Gi"}}}]},"config":{"any":{"thing":[1]}}}]}""";
        var created = (await _admin.PostAsync(path + "?fieldValidation=Strict", widget.Object("good", good))).Expect(201);
        Assert.Equal("TCP", created.At("spec.components.0.template.containers.0.ports.0.protocol"));
        Assert.Equal("""{"any":{"thing":[1]}}""", created.At("spec.components.0.config"));
        var bad = good.Replace("\"port\":\"http\"", "\"port\":true", StringComparison.Ordinal);
        var refused = (await _admin.PostAsync(path, widget.Object("bad", bad))).Expect(422);
        Assert.Contains("spec.components[0].template.containers[0].probe.port in body must be of type integer,string: \"boolean\"", refused.Message, StringComparison.Ordinal);
        var twice = good.Replace("\"replicas\":3", "\"replicas\":3,\"extra\":1", StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.components[0].extra\"", (await _admin.PostAsync(path + "?fieldValidation=Strict", widget.Object("twice", twice))).Expect(400).Message, StringComparison.Ordinal);
    }

    /// <summary>A kind that holds steps inside steps, forty deep, each one of several things.</summary>
    [Fact]
    public async Task DeepAlternatives_AreJudged()
    {
        var step = Text(null);
        for (var depth = 0; depth < 40; depth++)
        {
            var next = Node("object", ("run", Text(null)), ("image", Text(null)), ("steps", List(step, null)));
            next["oneOf"] = new JsonArray(Required("run"), Required("steps"));
            step = next;
        }

        var widget = await Definition.Widget(step.ToJsonString()).CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        (await _admin.PostAsync(path, widget.Object("good", """{"steps":[{"run":"a"},{"steps":[{"run":"b"}]}]}"""))).Expect(201);
        var refused = (await _admin.PostAsync(path, widget.Object("bad", """{"steps":[{"run":"a"},{"steps":[{"image":"b"}]}]}"""))).Expect(422);
        Assert.Contains("\"spec.steps[1].steps[0]\" must validate one and only one schema (oneOf). Found none valid", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Rules that may be anything at their leaves, and embedded objects.</summary>
    [Fact]
    public async Task EmbeddedObjects_KeepTheirOwnFields()
    {
        var manifest = Node("object");
        manifest["x-kubernetes-embedded-resource"] = true;
        manifest["x-kubernetes-preserve-unknown-fields"] = true;
        var widget = await Definition.Widget(Node("object", ("manifests", List(manifest, null))).ToJsonString()).CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        var created = (await _admin.PostAsync(path, widget.Object("good", """{"manifests":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","nosuch":1},"spec":{"x":[{"y":1}]}}]}"""))).Expect(201);
        Assert.Equal("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"x":[{"y":1}]}}""", created.At("spec.manifests.0"));
        var refused = (await _admin.PostAsync(path, widget.Object("bad", """{"manifests":[{"kind":"Pod","metadata":{"labels":{"a":"-"}}}]}"""))).Expect(422);
        Assert.Contains("spec.manifests[0].apiVersion: Required value", refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.manifests[0].metadata.labels: Invalid value: \"-\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooManyNodes_AreRefused()
    {
        var properties = new JsonObject();
        for (var i = 0; i < 100_000; i++)
        {
            properties[$"p{i}"] = new JsonObject { ["type"] = "string" };
        }

        var half = new JsonObject { ["type"] = "object", ["properties"] = properties }.ToJsonString();
        Assert.Equal(413, (await _admin.PostAsync(Definition.Path, Definition.Widget($$"""{"type":"object","properties":{"a":{{half}},"b":{{half}} } }""").Json.ToJsonString())).Code);
    }

    private static JsonObject Component()
    {
        var quantity = new JsonObject { ["x-kubernetes-int-or-string"] = true, ["anyOf"] = new JsonArray(Node("integer"), Node("string")), ["pattern"] = "^[0-9.]+(m|[KMGT]i?)?$" };
        var protocol = Text(null);
        protocol["default"] = "TCP";
        var port = Node("object", ("containerPort", Node("integer")), ("protocol", protocol), ("name", Text(null)));
        port["required"] = new JsonArray("containerPort");
        var limits = Node("object");
        limits["additionalProperties"] = quantity;
        var open = Node("object");
        open["x-kubernetes-preserve-unknown-fields"] = true;
        var container = Node(
            "object",
            ("name", Text("^[a-z0-9-]+$")),
            ("image", Text(null)),
            ("ports", List(port, "containerPort", "protocol")),
            ("probe", Node("object", ("port", new JsonObject { ["x-kubernetes-int-or-string"] = true, ["anyOf"] = new JsonArray(Node("integer"), Node("string")) }))),
            ("resources", Node("object", ("limits", limits), ("requests", limits.DeepClone()))));
        container["required"] = new JsonArray("name");
        var component = Node("object", ("name", Text(null)), ("replicas", Node("integer")), ("template", Node("object", ("containers", List(container, "name")))), ("config", open));
        component["required"] = new JsonArray("name");
        component["description"] = new string('d', 2_000);
        return component;
    }

    private static JsonObject Node(string type, params (string Name, JsonNode Schema)[] properties)
    {
        var node = new JsonObject { ["type"] = type };
        if (properties.Length > 0)
        {
            node["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.Schema)));
        }

        return node;
    }

    private static JsonObject Text(string? pattern)
    {
        var node = Node("string");
        if (pattern is not null)
        {
            node["pattern"] = pattern;
        }

        return node;
    }

    private static JsonObject List(JsonObject items, params string?[]? keys)
    {
        var node = new JsonObject { ["type"] = "array", ["items"] = items };
        if (keys is [not null, ..])
        {
            node["x-kubernetes-list-type"] = "map";
            node["x-kubernetes-list-map-keys"] = new JsonArray([.. keys.Select(k => (JsonNode)k!)]);
        }

        return node;
    }

    private static JsonObject Required(string name) => new() { ["required"] = new JsonArray(name) };
}
