using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class PatchTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    private async Task<string> MapAsync()
    {
        var maps = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/configmaps";
        (await _admin.PostAsync(maps, """{"metadata":{"name":"q"},"data":{"k":"v"}}""")).Expect(201);
        return maps + "/q";
    }

    [Theory]
    [InlineData(ApiClient.JsonPatch, """[{"op":"test","path":"/data/k","value":"x"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData(ApiClient.JsonPatch, """[{"op":"remove","path":"/data/zz"}]""", 422, "the server rejected our request due to an error in our request")]
    [InlineData(ApiClient.JsonPatch, "{}", 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData(ApiClient.MergePatch, "[]", 400, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData(ApiClient.MergePatch, """{"metadata":{"resourceVersion":"1"}}""", 409, "Operation cannot be fulfilled on configmaps \"q\": the object has been modified; please apply your changes to the latest version and try again")]
    [InlineData(ApiClient.MergePatch, """{"metadata":{"name":"r"}}""", 400, "the name of the object (r) does not match the name on the URL (q)")]
    public async Task Patch_Unfit_IsRefusedAsUpstreamDoes(string type, string patch, int code, string message)
    {
        var answer = await _admin.PatchAsync(await MapAsync(), patch, type);
        Assert.Equal((code, message), (answer.Code, answer.Message));
    }

    [Theory]
    [InlineData(ApiClient.JsonPatch, """[{"op":"replace","path":"/type","value":7}]""")]
    [InlineData(ApiClient.JsonPatch, """[{"op":"replace","path":"/data","value":"dGhlIG5ldw=="}]""")]
    [InlineData(ApiClient.MergePatch, """{"data":{"k":"dGhlIG5ldw=="},"foo":"y"}""")]
    [InlineData(ApiClient.StrategicPatch, """{"data":{"k":"dGhlIG5ldw=="},"foo":"y"}""")]
    [InlineData(ApiClient.StrategicPatch, """{"data":"dGhlIG5ldw=="}""")]
    public async Task Patch_OfASecretThatIsRefused_ShowsNothingOfIt(string type, string patch)
    {
        var secrets = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/secrets";
        (await _admin.PostAsync(secrets, """{"metadata":{"name":"q"},"data":{"k":"dGhlIG9sZA=="}}""")).Expect(201);

        var answer = await _admin.PatchAsync(secrets + "/q?fieldValidation=Strict", patch, type);

        Assert.InRange(answer.Code, 400, 422);
        Assert.DoesNotContain("dGhlI", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JsonPatch_OfTooManyOperations_IsTooLarge()
    {
        var operations = string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/data/k","value":"v"}""", 10_001));
        var answer = await _admin.PatchAsync(await MapAsync(), $"[{operations}]", ApiClient.JsonPatch);
        Assert.Equal((413, "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", "RequestEntityTooLarge"), (answer.Code, answer.Message, answer.Reason));
    }

    [Theory]
    [InlineData(ApiClient.MergePatch, """{"foo":"y"}""", "strict decoding error: unknown field \"foo\"")]
    [InlineData(ApiClient.MergePatch, """{"data":{"a":"1","a":"2"},"foo":"y"}""", "strict decoding error: duplicate field \"data.a\", unknown field \"foo\"")]
    [InlineData(ApiClient.StrategicPatch, """{"data":{"a":"1","a":"2"}}""", "patch: Invalid value: \"map[data:map[a:2]]\": strict decoding error: duplicate field \"data.a\"")]
    [InlineData(ApiClient.JsonPatch, """[{"op":"add","path":"/data/a","value":"1","foo":1}]""", "strict decoding error: json patch unknown field \"[0].foo\"")]
    public async Task Patch_WithOddFields_IsRefusedOnlyWhenStrict(string type, string patch, string told)
    {
        var path = await MapAsync();
        var refused = await _admin.PatchAsync(path + "?fieldValidation=Strict", patch, type);
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await _admin.PatchAsync(path, patch, type)).Expect(200).Warnings);
        Assert.Empty((await _admin.PatchAsync(path + "?fieldValidation=Ignore", patch, type)).Expect(200).Warnings);
    }

    [Fact]
    public async Task Patch_OfTheWrongType_IsInvalid()
    {
        var answer = await _admin.PatchAsync(await MapAsync(), """{"data":{"k":1}}""");
        Assert.Equal((422, "Invalid"), (answer.Code, answer.Reason));
        Assert.Equal("patch", answer.At("details.causes.0.field"));
    }

    [Theory]
    [InlineData(ApiClient.MergePatch, """{"data":{"k":"w"}}""")]
    [InlineData(ApiClient.StrategicPatch, """{"data":{"k":"w"}}""")]
    [InlineData(ApiClient.JsonPatch, """[{"op":"replace","path":"/data/k","value":"w"}]""")]
    [InlineData(ApiClient.ApplyPatch, "{apiVersion: v1, kind: ConfigMap, data: {k: w}}")]
    public async Task Patch_DryRun_AnswersAndStoresNothing(string type, string patch)
    {
        var path = await MapAsync();
        var before = (await _admin.GetAsync(path)).Text;
        var shown = (await _admin.PatchAsync(path + "?dryRun=All&force=true&fieldManager=d".Replace(type == ApiClient.ApplyPatch ? "none" : "&force=true", "", StringComparison.Ordinal), patch, type)).Expect(200);
        Assert.Equal("w", shown.At("data.k"));
        Assert.Equal(before, (await _admin.GetAsync(path)).Text);
    }
}
