using System.Globalization;
using System.Text;
using Sealos.ApiServer.Tests.CustomKinds;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>Bodies and queries that are wrong, huge or meant to hurt: each is answered with Kubernetes' status, and soon.</summary>
public sealed class BadInputTests(ApiServerFixture server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Yaml = "application/yaml";
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private readonly ApiClient _admin = server.Admin;

    public static TheoryData<string, string, int> Bodies => new()
    {
        { "application/json", "", 400 },
        { "application/json", "null", 400 },
        { "application/json", "[]", 400 },
        { "application/json", "\"text\"", 400 },
        { "application/json", "{\"metadata\":{\"name\":\"a\"}", 400 },
        { "application/json", "{\"metadata\":{\"name\":\"a\"}}}", 400 },
        { "application/json", "{\"metadata\":{\"name\":\"a\",}}", 400 },
        { "application/json", "{'metadata':{}}", 400 },
        { "application/json", "{\"metadata\":{\"name\":NaN}}", 400 },
        { "application/json", "{\"metadata\":{\"name\":1e999}}", 400 },
        { "application/json", "{\"metadata\":[]}", 400 },
        { "application/json", "{\"metadata\":{\"name\":{\"a\":1}}}", 400 },
        { "application/json", "{\"metadata\":{\"labels\":{\"a\":1}}}", 400 },
        { "application/json", "{\"metadata\":{\"generation\":99999999999999999999}}", 400 },
        { "application/json", "\uFEFF{\"metadata\":{\"name\":\"a\"}}", 400 },
        { "application/json", "{\"metadata\":{\"name\":\"a\"},\"immutable\":\"yes\"}", 400 },
        { "application/json", "{\"kind\":1}", 400 },
        { Yaml, "metadata: [", 400 },
        { Yaml, "- a", 400 },
        { Yaml, "a: *missing", 400 },
        { Yaml, "a: &a [*a]", 400 },
        { Yaml, "\t", 400 },
        { Yaml, "metadata: !!binary x\n? [a]\n: b", 400 },
        { Protobuf, "k8s", 400 },
        { Protobuf, "k8s\0", 400 },
        { Protobuf, "k8s\0\u000a\u007f", 400 },
        { Protobuf, "k8s\0\u0012\u0001\u000a", 400 },
        { "text/plain", "a", 415 },
        { "application/json-patch+json", "[]", 415 },
    };

    public static TheoryData<string, string, int> Patches => new()
    {
        { ApiClient.JsonPatch, "", 400 },
        { ApiClient.JsonPatch, "{}", 400 },
        { ApiClient.JsonPatch, "[1]", 400 },
        { ApiClient.JsonPatch, "[{\"op\":\"add\"}]", 422 },
        { ApiClient.JsonPatch, "[{\"op\":\"explode\",\"path\":\"/data\"}]", 422 },
        { ApiClient.JsonPatch, "[{\"op\":\"remove\",\"path\":\"/data/missing\"}]", 422 },
        { ApiClient.JsonPatch, "[{\"op\":\"test\",\"path\":\"/data/k\",\"value\":\"other\"}]", 422 },
        { ApiClient.MergePatch, "", 400 },
        { ApiClient.MergePatch, "[]", 400 },
        { ApiClient.MergePatch, "{\"data\":1}", 422 },
        { ApiClient.MergePatch, "{\"metadata\":{\"resourceVersion\":\"x\"}}", 500 },
        { ApiClient.StrategicPatch, "{", 400 },
        { ApiClient.StrategicPatch, "{\"data\":{\"$patch\":\"explode\"}}", 400 },
        { ApiClient.ApplyPatch, "a: [", 400 },
        { ApiClient.ApplyPatch, "- a", 400 },
        { "application/vnd.unknown", "{}", 415 },
    };

    public static TheoryData<string, int> Queries => new()
    {
        { "labelSelector=a%20in%20(", 400 },
        { "labelSelector=a%20in%20()%20b", 400 },
        { "labelSelector=%00", 400 },
        { "labelSelector=a%3E", 400 },
        { "labelSelector=-a%3Db", 400 },
        { "fieldSelector=metadata.name", 400 },
        { "fieldSelector=metadata.name%3Da%5C", 400 },
        { "fieldSelector=unknown%3Da", 400 },
        { "limit=x", 400 },
        { "limit=99999999999999999999", 400 },
        { "timeoutSeconds=x", 400 },
        { "continue=%21%21", 400 },
        { "continue=e30", 400 },
        { "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoiYSJ9", 400 },
        { "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IjEiLCJzdGFydCI6ImEifQ", 400 },
        { "resourceVersion=-1", 500 },
        { "resourceVersion=1.5", 500 },
        { "resourceVersion=0x10", 500 },
        { "resourceVersion=99999999999999999999999", 500 },
        { "resourceVersionMatch=Sometimes&resourceVersion=1", 422 },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_ThatIsWrong_IsRefused(string type, string body, int code)
    {
        await RefusedAsync(await _admin.PostAsync(Maps, body, type), code);
        if (code == 400)
        {
            await RefusedAsync(await _admin.SendAsync(HttpMethod.Put, Maps + "/a", body, type), code);
        }
    }

    [Theory]
    [MemberData(nameof(Patches))]
    public async Task Patch_ThatIsWrong_IsRefused(string type, string patch, int code)
    {
        var maps = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/configmaps";
        (await _admin.PostAsync(maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Expect(201);
        await RefusedAsync(await _admin.PatchAsync(maps + "/a?fieldManager=x", patch, type), code);
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_ThatIsWrong_IsRefused(string query, int code) => await RefusedAsync(await _admin.GetAsync(Maps + "?" + query), code);

    [Theory]
    [InlineData(10_000)]
    [InlineData(1_000_000)]
    public async Task Body_NestedDeeply_IsRefusedInEveryForm(int levels)
    {
        var open = string.Concat(Enumerable.Repeat("{\"a\":", levels));
        var nested = levels > 100_000 ? new string('[', levels) : open + "1" + new string('}', levels);
        await RefusedAsync(await _admin.PostAsync(Maps, "{\"metadata\":{\"name\":\"a\"},\"data\":" + nested + "}"), 400);
        await RefusedAsync(await _admin.PostAsync(Maps, "{\"metadata\":{\"name\":\"a\"},\"data\":" + nested + "}", Yaml), 400);
        await RefusedAsync(await _admin.PostAsync(Maps, "data: " + new string('[', Math.Min(levels, 500_000)), Yaml), 400);
        (await _admin.PostAsync(Maps, """{"metadata":{"name":"deep"},"data":{"k":"v"}}""")).Expect(201);
        foreach (var type in (string[])[ApiClient.MergePatch, ApiClient.StrategicPatch, ApiClient.ApplyPatch])
        {
            await RefusedAsync(await _admin.PatchAsync(Maps + "/deep?fieldManager=x", "{\"data\":" + nested + "}", type), 400);
        }

        await RefusedAsync(await _admin.PatchAsync(Maps + "/deep", "[{\"op\":\"add\",\"path\":\"/data\",\"value\":" + nested + "}]", ApiClient.JsonPatch), 400);
        var length = new byte[] { 0x0a };
        await RefusedAsync(await SendAsync([.. "k8s\0"u8, .. Enumerable.Repeat(length, Math.Min(levels, 500_000)).SelectMany(b => (byte[])[b[0], 0x7f])], Protobuf), 400);
        (await _admin.DeleteAsync(Maps + "/deep")).Expect(200);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task Body_InAnotherEncoding_IsRefused(string encoding) =>
        await RefusedAsync(await SendAsync(Encoding.GetEncoding(encoding).GetBytes("""{"metadata":{"name":"a"}}"""), "application/json"), 400);

    [Fact]
    public async Task Body_OfRepeatedAndUnknownFields_IsWarnedOfWithinLimits()
    {
        var ns = await _admin.NewNamespaceAsync();
        var repeated = string.Join(',', Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"d{i}\":\"1\",\"d{i}\":\"2\"")));
        var unknown = string.Join(',', Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"u{i}\":1")));
        var answer = await _admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps?dryRun=All", "{\"metadata\":{\"name\":\"a\"},\"data\":{" + repeated + "}," + unknown + "}");
        Assert.InRange(answer.Code, 201, 422);
        Assert.InRange(answer.Warnings.Sum(w => w.Length), 0, 3 * 4096);

        var few = await _admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps", "{\"metadata\":{\"name\":\"a\"}," + unknown + "}");
        Assert.InRange(few.Expect(201).Warnings.Count, 50, 100);
        Assert.InRange(few.Warnings.Sum(w => w.Length), 1, 3 * 4096);
        var strict = await _admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps?fieldValidation=Strict", "{\"metadata\":{\"name\":\"a\"}," + unknown + "}");
        await RefusedAsync(strict, 400);
        Assert.InRange(strict.Bytes.Length, 1, 8192);
    }

    [Fact]
    public async Task Definition_WhoseSchemaGrowsWithoutEnd_IsRefused()
    {
        // Each line is twice the one before it.
        var yaml = new StringBuilder("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: bombs.test.io}\n");
        yaml.Append("x0: &a0 {type: object}\n");
        for (var i = 1; i < 40; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"x{i}: &a{i} {{type: object, properties: {{a: *a{i - 1}, b: *a{i - 1}}}}}\n");
        }

        yaml.Append("spec: {group: test.io, scope: Namespaced, names: {plural: bombs, kind: Bomb}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: *a39}}]}\n");
        var answer = await _admin.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", yaml.ToString(), Yaml);
        await RefusedAsync(answer, 400);
        Assert.Contains("excessive aliasing", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definition_WhoseRulesAreManyTimesNested_IsJudgedInBoundedTime()
    {
        // Every level asks twice about the same value: thirty levels would be a thousand million questions.
        var rule = """{"required":["never"]}""";
        for (var i = 0; i < 18; i++)
        {
            rule = $$"""{"anyOf":[{{rule}},{{rule}}] }""";
            if (rule.Length > 900_000)
            {
                break;
            }
        }

        var schema = """{"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"},"n":{"type":"string","pattern":"((a{1,100}){1,100}){1,100}"}},"x-kubernetes-preserve-unknown-fields":true,"anyOf":[RULE]}""".Replace("RULE", rule, StringComparison.Ordinal);
        var definition = Definition.Widget(schema);
        var created = await _admin.PostAsync(Definition.Path, definition.Json.ToJsonString());
        Assert.Contains(created.Code, (int[])[201, 400, 413, 422, 500]);
        if (created.Code == 201)
        {
            var path = definition.In(await _admin.NewNamespaceAsync());
            await Poll.UntilAsync(async () => (await _admin.GetAsync(path)).Code == 200);
            await RefusedAsync(await _admin.PostAsync(path, definition.Object("w", "{\"a\":\"" + new string('a', 50_000) + "!\"}")), 422);
        }
    }

    [Fact]
    public async Task Pattern_ThatIsHardToMatch_IsAnsweredSoon()
    {
        var definition = Definition.Widget("""{"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"},"b":{"type":"array","items":{"type":"string","pattern":"(x+x+)+y"}}}}""");
        (await _admin.PostAsync(Definition.Path, definition.Json.ToJsonString())).Expect(201);
        var path = definition.In(await _admin.NewNamespaceAsync());
        await Poll.UntilAsync(async () => (await _admin.GetAsync(path)).Code == 200);
        await RefusedAsync(await _admin.PostAsync(path, definition.Object("w", "{\"a\":\"" + new string('a', 200_000) + "!\"}")), 422);
        var many = string.Join(',', Enumerable.Repeat("\"" + new string('x', 1000) + "\"", 200));
        await RefusedAsync(await _admin.PostAsync(path, definition.Object("w", "{\"b\":[" + many + "]}")), 422);
    }

    private async Task RefusedAsync(ApiAnswer answer, int code)
    {
        Assert.True(answer.Code == code, $"{answer.Code} {answer.Text[..Math.Min(answer.Text.Length, 500)]}");
        Assert.Equal("Failure", answer.At("status"));
        Assert.Equal("Status", answer.At("kind"));
        Assert.False(string.IsNullOrEmpty(answer.Message));
        (await _admin.GetAsync("/version")).Expect(200);
    }

    private async Task<ApiAnswer> SendAsync(byte[] body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Maps) { Version = _admin.Http.DefaultRequestVersion, VersionPolicy = _admin.Http.DefaultVersionPolicy };
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await _admin.SendAsync(request);
    }
}
