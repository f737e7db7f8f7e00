using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class WriteTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Create_SetsWhatOnlyTheServerSets()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = (await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a","uid":"mine","creationTimestamp":"2001-01-01T00:00:00Z","deletionTimestamp":"2001-01-01T00:00:00Z"},"data":{"k":"v"}}""")).Expect(201);
        Assert.True(Guid.TryParse(created.At("metadata.uid"), out _));
        Assert.StartsWith("20", created.At("metadata.creationTimestamp"), StringComparison.Ordinal);
        Assert.False(created.At("metadata.creationTimestamp")!.StartsWith("2001", StringComparison.Ordinal));
        Assert.Null(created.At("metadata.deletionTimestamp"));
        Assert.StartsWith("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\",\"namespace\":", created.Text, StringComparison.Ordinal);
        Assert.Equal(created.Text, (await _admin.GetAsync(Path(ns) + "/a")).Text);
    }

    [Fact]
    public async Task GenerateName_AddsFiveCharacters()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), """{"metadata":{"generateName":"gen-"}}""");
        Assert.Matches("^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$", created.Expect(201).At("metadata.name"));
    }

    [Fact]
    public async Task DryRun_AnswersButDoesNotStore()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = (await _admin.PostAsync(Path(ns) + "?dryRun=All", """{"metadata":{"name":"a"}}""")).Expect(201);
        Assert.NotNull(created.At("metadata.uid"));
        Assert.Null(created.At("metadata.resourceVersion"));
        Assert.Equal(404, (await _admin.GetAsync(Path(ns) + "/a")).Code);

        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"b"}}""");
        (await _admin.PatchAsync(Path(ns) + "/b?dryRun=All", """{"data":{"k":"v"}}""")).Expect(200);
        (await _admin.DeleteAsync(Path(ns) + "/b?dryRun=All")).Expect(200);
        Assert.Null((await _admin.GetAsync(Path(ns) + "/b")).Expect(200).At("data"));
    }

    [Fact]
    public async Task Update_WithOldRevision_Conflicts()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a"}}""");
        var answer = await _admin.PutAsync(Path(ns) + "/a", """{"metadata":{"name":"a","resourceVersion":"1"}}""");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"name":"a","kind":"configmaps"},"code":409}""", answer.Text);
    }

    [Fact]
    public async Task Update_WithoutRevision_IsUnconditional()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a"},"data":{"k":"v"}}""");
        var updated = (await _admin.PutAsync(Path(ns) + "/a", """{"metadata":{"name":"a"},"data":{"k":"v2"}}""")).Expect(200);
        Assert.Equal(created.At("metadata.uid"), updated.At("metadata.uid"));
        Assert.Equal(created.At("metadata.creationTimestamp"), updated.At("metadata.creationTimestamp"));
        Assert.Equal("v2", updated.At("data.k"));
    }

    [Fact]
    public async Task Update_WithOtherUid_Conflicts()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a"}}""");
        var answer = await _admin.PutAsync(Path(ns) + "/a", """{"metadata":{"name":"a","uid":"zzz"}}""");
        Assert.Equal(409, answer.Code);
        Assert.Equal($"Operation cannot be fulfilled on configmaps \"a\": StorageError: invalid object, Code: 4, Key: /registry/configmaps/{ns}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: zzz, UID in object meta: {created.At("metadata.uid")}", answer.Message);
    }

    [Fact]
    public async Task Update_OfNothing_IsNotFound() =>
        Assert.Equal("""configmaps "zz" not found""", (await _admin.PutAsync("/api/v1/namespaces/default/configmaps/zz", """{"metadata":{"name":"zz","resourceVersion":"5"}}""")).Message);

    [Fact]
    public async Task Update_OfOtherName_IsBadRequest() =>
        Assert.Equal("the name of the object (b) does not match the name on the URL (a)", (await _admin.PutAsync("/api/v1/namespaces/default/configmaps/a", """{"metadata":{"name":"b"}}""")).Message);

    [Fact]
    public async Task Lease_IsCreatedByPutAndNeedsARevisionAfterwards()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l";
        (await _admin.PutAsync(path, """{"metadata":{"name":"l"}}""")).Expect(201);
        var answer = await _admin.PutAsync(path, """{"metadata":{"name":"l"},"spec":{"holderIdentity":"x"}}""");
        Assert.Equal("""leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update""", answer.Message);
    }

    [Fact]
    public async Task Lease_IsNotCreatedByPut_WithoutTheRightToCreate()
    {
        var ns = await _admin.NewNamespaceAsync();
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/";
        (await _admin.PostAsync($"{Rbac}{ns}/roles", """{"metadata":{"name":"updates"},"rules":[{"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["update"]}]}""")).Expect(201);
        (await _admin.PostAsync($"{Rbac}{ns}/rolebindings", """{"metadata":{"name":"updates"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"updates"},"subjects":[{"kind":"User","name":"updater"}]}""")).Expect(201);
        using var updater = server.ClientFor("updater");
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l";
        var refused = (await updater.PutAsync(path, """{"metadata":{"name":"l"}}""")).Expect(403);
        Assert.Contains("cannot create resource \"leases\"", refused.Message, StringComparison.Ordinal);

        var lease = (await _admin.PutAsync(path, """{"metadata":{"name":"l"}}""")).Expect(201);
        (await updater.PutAsync(path, lease.Text)).Expect(200);
    }

    [Fact]
    public async Task NoChange_KeepsTheRevision()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("web"));
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        var body = created.Expect(201).Json;
        Assert.Equal(created.At("metadata.resourceVersion"), (await _admin.PutAsync(path, body.ToJsonString())).Expect(200).At("metadata.resourceVersion"));
        Assert.Equal(created.At("metadata.resourceVersion"), (await _admin.PatchAsync(path, "{}")).Expect(200).At("metadata.resourceVersion"));
        Assert.Equal(created.At("metadata.resourceVersion"), (await _admin.PutAsync(path, Samples.Deployment("web"))).Expect(200).At("metadata.resourceVersion"));
    }

    [Fact]
    public async Task Generation_CountsChangesOfTheSpecOnly()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("web"));
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        Assert.Equal("1", (await _admin.PatchAsync(path, """{"metadata":{"labels":{"x":"y"}}}""")).At("metadata.generation"));
        Assert.Equal("2", (await _admin.PatchAsync(path, """{"spec":{"replicas":7}}""")).At("metadata.generation"));
        Assert.Equal("2", (await _admin.PatchAsync(path + "/status", """{"status":{"replicas":7}}""")).At("metadata.generation"));
    }

    [Fact]
    public async Task Status_IsWrittenOnlyThroughItsOwnPath()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("web"));
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        Assert.Null((await _admin.PatchAsync(path, """{"status":{"replicas":3}}""")).Expect(200).At("status.replicas"));
        var patched = (await _admin.PatchAsync(path + "/status", """{"spec":{"replicas":9},"status":{"replicas":3},"metadata":{"annotations":{"a":"b"}}}""")).Expect(200);
        Assert.Equal("3", patched.At("status.replicas"));
        Assert.Equal("1", patched.At("spec.replicas"));
        Assert.Equal("b", patched.At("metadata.annotations.a"));
        Assert.Equal("3", (await _admin.PutAsync(path, Samples.Deployment("web"))).Expect(200).At("status.replicas"));
    }

    [Fact]
    public async Task Patches_OfThreeKinds_Work()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("web"));
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        var merged = await _admin.PatchAsync(path, """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s"}]}}}}""", ApiClient.StrategicPatch);
        Assert.Equal("""["side","c"]""", new JsonArray([.. merged.Expect(200).Json["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(c => (JsonNode)(string)c!["name"]!)]).ToJsonString());
        Assert.Equal("5", (await _admin.PatchAsync(path, """[{"op":"replace","path":"/spec/replicas","value":5}]""", ApiClient.JsonPatch)).Expect(200).At("spec.replicas"));
        Assert.Equal("6", (await _admin.PatchAsync(path, """{"spec":{"replicas":6}}""")).Expect(200).At("spec.replicas"));
    }

    [Fact]
    public async Task Patch_ThatDoesNotFit_IsInvalid()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"q"},"data":{"k":"v"}}""");
        var failed = await _admin.PatchAsync(Path(ns) + "/q", """[{"op":"test","path":"/data/k","value":"x"}]""", ApiClient.JsonPatch);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server rejected our request due to an error in our request","reason":"Invalid","details":{},"code":422}""", failed.Text);
        Assert.Equal("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp", (await _admin.PatchAsync(Path(ns) + "/q", "{}", ApiClient.JsonPatch)).Message);
        Assert.Equal(409, (await _admin.PatchAsync(Path(ns) + "/q", """{"metadata":{"resourceVersion":"1"}}""")).Code);
        Assert.Equal("""configmaps "none" not found""", (await _admin.PatchAsync(Path(ns) + "/none", "{}")).Message);
        var strict = await _admin.PatchAsync(Path(ns) + "/q?fieldValidation=Strict", """{"foo":"y"}""");
        Assert.Equal(422, strict.Code);
        Assert.EndsWith("strict decoding error: unknown field \"foo\"", strict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConcurrentPatches_AllArrive()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"q"}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => _admin.PatchAsync(Path(ns) + "/q", $$$"""{"data":{"k{{{i}}}":"v"}}""")));
        Assert.All(answers, a => a.Expect(200));
        Assert.Equal(5, (await _admin.GetAsync(Path(ns) + "/q")).Json["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Secret_TakesPlainText()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync($"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"b"}}""");
        Assert.Equal("Yg==", created.Expect(201).At("data.a"));
        Assert.Null(created.At("stringData"));
        Assert.Equal("Opaque", created.At("type"));
    }

    [Fact]
    public async Task Yaml_IsTaken()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), "metadata:\n  name: yam\ndata:\n  k: v\n", "application/yaml");
        Assert.Equal("v", created.Expect(201).At("data.k"));
    }

    private static string Path(string ns) => $"/api/v1/namespaces/{ns}/configmaps";
}
