using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Tests.CustomKinds;
using Sealos.ApiServer.Tests.Support;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Sealos.ApiServer.Tests.Registry;

/// <summary>However deeply clients nest what they send, caches, lists and watches go on.</summary>
public sealed class DepthTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    private static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    [Theory]
    [InlineData(60)]
    [InlineData(480)]
    public async Task ManagedFields_ThatAreDeep_AreIgnored(int steps)
    {
        var maps = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/configmaps";
        var set = string.Concat(Enumerable.Repeat("{\"f:a\":", steps)) + "{}" + new string('}', steps);
        var given = "\"managedFields\":[{\"manager\":\"deep\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":" + set + "}]";
        var created = (await _admin.PostAsync(maps + "?fieldManager=me", "{\"metadata\":{\"name\":\"a\"," + given + "},\"data\":{\"k\":\"v\"}}")).Expect(201);
        Assert.Equal("me", Assert.Single(created.Json["metadata"]!["managedFields"]!.AsArray())!["manager"]!.GetValue<string>());

        var updated = (await _admin.PutAsync(maps + "/a?fieldManager=me", "{\"metadata\":{\"name\":\"a\"," + given + "},\"data\":{\"k\":\"w\"}}")).Expect(200);
        Assert.Equal("me", Assert.Single(updated.Json["metadata"]!["managedFields"]!.AsArray())!["manager"]!.GetValue<string>());

        var patch = "[{\"op\":\"replace\",\"path\":\"/metadata/managedFields/0/fieldsV1\",\"value\":" + set + "}]";
        (await _admin.PatchAsync(maps + "/a?fieldManager=me", patch, ApiClient.JsonPatch)).Expect(200);
        Assert.Equal("w", (await _admin.GetAsync(maps + "/a")).Expect(200).At("data.k"));
    }

    [Fact]
    public async Task Objects_ThatAreDeep_AreServedAndOwnedInParts()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path + "?fieldManager=me", widget.Object("w", Nested(490)))).Expect(201);
        var changed = (await _admin.PatchAsync(path + "/w?fieldManager=b", "{\"spec\":{\"b\":" + Nested(480) + "}}")).Expect(200);
        Assert.Equal(2, changed.Json["metadata"]!["managedFields"]!.AsArray().Count);
        var applied = "{\"apiVersion\":\"" + widget.Group + "/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"w\"},\"spec\":{\"c\":" + Nested(200) + "}}";
        (await _admin.PatchAsync(path + "/w?fieldManager=c", applied, ApiClient.ApplyPatch)).Expect(200);

        Assert.Contains(Nested(480), (await _admin.GetAsync(path)).Expect(200).Text, StringComparison.Ordinal);
        foreach (var entry in (await _admin.GetAsync(path + "/w")).Json["metadata"]!["managedFields"]!.AsArray())
        {
            JsonDocument.Parse(entry!["fieldsV1"]!.ToJsonString(new JsonSerializerOptions { MaxDepth = 600 })).Dispose();
        }
    }

    [Fact]
    public async Task Patch_ThatStacksLevels_IsRefusedAndTheServerGoesOn()
    {
        var (widget, path) = await NewAsync();
        (await _admin.PostAsync(path, widget.Object("w", Nested(400)))).Expect(201);
        var at = "/spec" + string.Concat(Enumerable.Repeat("/a", 399));
        Assert.Equal(422, (await _admin.PatchAsync(path + "/w", "[{\"op\":\"add\",\"path\":\"" + at + "/b\",\"value\":" + Nested(400) + "}]", ApiClient.JsonPatch)).Code);
        Assert.Equal(422, (await _admin.PatchAsync(path + "/w", "[{\"op\":\"copy\",\"from\":\"/spec\",\"path\":\"" + at + "\"}]", ApiClient.JsonPatch)).Code);
        (await _admin.PatchAsync(path + "/w", "[{\"op\":\"add\",\"path\":\"/spec/b\",\"value\":" + Nested(400) + "}]", ApiClient.JsonPatch)).Expect(200);
        (await _admin.PatchAsync(path + "/w", "{\"spec\":{\"z\":1}}")).Expect(200);
    }

    [Fact]
    public void Write_OfAnObjectThatIsTooDeep_IsRefused()
    {
        var obj = new JsonObject();
        for (var i = 0; i < 600; i++)
        {
            obj = new JsonObject { ["a"] = obj };
        }

        Assert.Equal(400, Assert.Throws<ApiException>(() => ObjectBytes.Write(obj)).Code);
    }

    private async Task<(Definition Widget, string Path)> NewAsync()
    {
        var widget = await Definition.Widget("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""").CreateAsync(_admin);
        var path = widget.In(await _admin.NewNamespaceAsync());
        await Poll.UntilAsync(async () => (await _admin.GetAsync(path)).Code == 200);
        return (widget, path);
    }
}
