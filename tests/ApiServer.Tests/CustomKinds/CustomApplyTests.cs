using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.CustomKinds;

public sealed class CustomApplyTests(ApiServerFixture server)
{
    private const string Spec = """
        {"type":"object","properties":{
          "size":{"type":"integer"},
          "replicas":{"type":"integer"},
          "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
          "tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
          "plain":{"type":"array","items":{"type":"string"}},
          "whole":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"} },
          "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
                   "items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"},"name":{"type":"string"} } } } } }
        """;

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ApiClient _admin = server.Admin;

    private static string[] Owners(ApiAnswer answer) => [.. (answer.Json["metadata"]?["managedFields"]?.AsArray() ?? []).Select(e =>
        $"{e!["manager"]} {e["operation"]}{(e["subresource"] is { } part ? "/" + part : "")} {e["fieldsV1"]!.ToJsonString(Relaxed)}")];

    private Task<ApiAnswer> ApplyAsync(string path, string manager, string body, string options = "") =>
        _admin.PatchAsync($"{path}?fieldManager={manager}{options}", body, ApiClient.ApplyPatch);

    private async Task<(string Path, string Head)> NewAsync()
    {
        var widget = await Definition.Widget(Spec, """{"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}}}""").CreateAsync(_admin);
        return ($"{widget.In(await _admin.NewNamespaceAsync())}/a", $"apiVersion: {widget.Group}/v1, kind: Widget");
    }

    [Fact]
    public async Task Apply_FollowsTheSchemaOfTheDefinition()
    {
        var (path, head) = await NewAsync();
        var created = (await ApplyAsync(path, "A", $"{{{head}, spec: {{size: 1, any: {{x: 1, l: [1]}}, tags: [a], plain: [p], whole: {{w: v}}, ports: [{{port: 80}}]}}}}")).Expect(201);
        Assert.Equal(
            ["""A Apply {"f:spec":{"f:any":{"f:l":{},"f:x":{}},"f:plain":{},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}},"f:size":{},"f:tags":{"v:\"a\"":{}},"f:whole":{}}}"""],
            Owners(created).Select(o => o.Replace("\"f:any\":{\".\":{},", "\"f:any\":{", StringComparison.Ordinal)));

        var both = (await ApplyAsync(path, "B", $"{{{head}, spec: {{any: {{z: 2}}, tags: [b], ports: [{{port: 80, protocol: UDP, name: dns}}]}}}}")).Expect(200);
        Assert.Equal("[\"a\",\"b\"]", both.Json["spec"]!["tags"]!.ToJsonString());
        Assert.Equal(2, both.Json["spec"]!["ports"]!.AsArray().Count);
        Assert.Equal(409, (await ApplyAsync(path, "B", $"{{{head}, spec: {{plain: [q]}}}}")).Code);

        var left = (await ApplyAsync(path, "A", $"{{{head}, spec: {{size: 1}}}}")).Expect(200);
        Assert.Equal("""{"any":{"z":2},"ports":[{"name":"dns","port":80,"protocol":"UDP"}],"size":1,"tags":["b"]}""", Sorted(left.Json["spec"]!).ToJsonString());
    }

    [Fact]
    public async Task Apply_OfUndeclaredFields_IsRefusedByName()
    {
        var (path, head) = await NewAsync();
        var answer = await ApplyAsync(path, "A", $"{{{head}, spec: {{size: 1}}, unknownField: x}}", "&fieldValidation=Strict");
        Assert.Equal(500, answer.Code);
        Assert.Contains(".unknownField: field not declared in schema", answer.Message, StringComparison.Ordinal);
        Assert.Contains(".metadata.unknownMeta: field not declared in schema", (await ApplyAsync(path, "A", $"{{{head}, metadata: {{unknownMeta: x}}}}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_StatusAndScale_AreOwnedThroughTheirSubresources()
    {
        var (path, head) = await NewAsync();
        (await ApplyAsync(path, "A", $"{{{head}, spec: {{size: 1, replicas: 1}}}}")).Expect(201);
        (await _admin.PatchAsync(path + "/status?fieldManager=s", """{"status":{"phase":"Up"}}""")).Expect(200);
        (await _admin.PatchAsync(path + "/scale?fieldManager=h", """{"spec":{"replicas":3}}""")).Expect(200);
        var now = await _admin.GetAsync(path);
        Assert.Equal(
            ["""A Apply {"f:spec":{"f:size":{}}}""", """h Update/scale {"f:spec":{"f:replicas":{}}}""", """s Update/status {"f:status":{".":{},"f:phase":{}}}"""],
            Owners(now).Order(StringComparer.Ordinal));
        Assert.Equal(now.Text, (await _admin.PatchAsync(path + "?fieldManager=z", """{"spec":{"size":1}}""")).Expect(200).Text);
        Assert.Empty(Owners((await _admin.PatchAsync(path, """{"metadata":{"managedFields":[]}}""")).Expect(200)));
    }

    private static System.Text.Json.Nodes.JsonNode Sorted(System.Text.Json.Nodes.JsonNode node) => node switch
    {
        System.Text.Json.Nodes.JsonObject map => new System.Text.Json.Nodes.JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, (System.Text.Json.Nodes.JsonNode?)Sorted(p.Value!)))),
        System.Text.Json.Nodes.JsonArray list => new System.Text.Json.Nodes.JsonArray([.. list.Select(i => Sorted(i!))]),
        _ => node.DeepClone(),
    };
}
