using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class ManagedFieldsTests(ApiServerFixture server)
{
    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ApiClient _admin = server.Admin;

    private static string[] Owners(ApiAnswer answer) => [.. (answer.Json["metadata"]?["managedFields"]?.AsArray() ?? []).Select(e =>
        $"{e!["manager"]} {e["operation"]}{(e["subresource"] is { } part ? "/" + part : "")} {e["fieldsV1"]!.ToJsonString(Relaxed)}")];

    private async Task<string> MapsAsync() => $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/configmaps";

    [Fact]
    public async Task Writes_ByTwoManagers_AreTold()
    {
        var maps = await MapsAsync();
        var created = (await _admin.PostAsync(maps + "?fieldManager=me", """{"metadata":{"name":"p","finalizers":["ex.com/f"]},"data":{"k":"v"}}""")).Expect(201);
        Assert.Equal(["""me Update {"f:data":{".":{},"f:k":{}},"f:metadata":{"f:finalizers":{".":{},"v:\"ex.com/f\"":{}}}}"""], Owners(created));

        var patched = (await _admin.PatchAsync(maps + "/p?fieldManager=goldentest", """{"data":{"k":"z"}}""")).Expect(200);
        Assert.Equal(
            ["""goldentest Update {"f:data":{"f:k":{}}}""", """me Update {"f:data":{},"f:metadata":{"f:finalizers":{".":{},"v:\"ex.com/f\"":{}}}}"""],
            Owners(patched).Order(StringComparer.Ordinal));

        var released = (await _admin.PatchAsync(maps + "/p?fieldManager=goldentest", """{"metadata":{"finalizers":null}}""")).Expect(200);
        Assert.Equal(["""goldentest Update {"f:data":{"f:k":{}}}""", """me Update {"f:data":{}}"""], Owners(released).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Create_WithoutManager_IsInTheClientsName()
    {
        var maps = await MapsAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, maps) { Version = _admin.Http.DefaultRequestVersion, VersionPolicy = _admin.Http.DefaultVersionPolicy };
        request.Content = new StringContent("""{"metadata":{"name":"ua"},"data":{"k":"v"}}""", System.Text.Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "kubectl-create/v1.32 (linux/amd64)");
        Assert.Equal(["""kubectl-create Update {"f:data":{".":{},"f:k":{}}}"""], Owners((await _admin.SendAsync(request)).Expect(201)));
        Assert.StartsWith("unknown Update", Owners((await _admin.PostAsync(maps, """{"metadata":{"name":"none"},"data":{"k":"v"}}""")).Expect(201))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Deployment_OwnsDefaultsAsUpstream()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = (await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments?fieldManager=kubectl-create", """{"metadata":{"name":"d","labels":{"app":"d"}},"spec":{"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}""")).Expect(201);
        Assert.Equal(
            ["""kubectl-create Update {"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}}}"""],
            Owners(created));
    }

    [Fact]
    public async Task Update_ThatChangesNothing_KeepsVersionAndTimes()
    {
        var maps = await MapsAsync();
        var created = (await _admin.PostAsync(maps + "?fieldManager=a", """{"metadata":{"name":"n"},"data":{"k":"v"}}""")).Expect(201);
        Assert.Equal(created.Text, (await _admin.PutAsync(maps + "/n?fieldManager=b", """{"metadata":{"name":"n"},"data":{"k":"v"}}""")).Expect(200).Text);
        Assert.Equal(created.Text, (await _admin.PatchAsync(maps + "/n?fieldManager=b", """{"data":{"k":"v"}}""")).Expect(200).Text);
        Assert.Equal(created.Text, (await _admin.PutAsync(maps + "/n?fieldManager=b", created.Text)).Expect(200).Text);
    }

    [Theory]
    [InlineData(ApiClient.MergePatch, """{"metadata":{"managedFields":[{}]}}""")]
    [InlineData(ApiClient.MergePatch, """{"metadata":{"managedFields":[]}}""")]
    [InlineData(ApiClient.StrategicPatch, """{"metadata":{"managedFields":[{}]}}""")]
    [InlineData(ApiClient.JsonPatch, """[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]""")]
    public async Task Patch_WithAnEmptyEntry_ForgetsTheAccounts(string type, string patch)
    {
        var maps = await MapsAsync();
        (await _admin.PostAsync(maps + "?fieldManager=a", """{"metadata":{"name":"n"},"data":{"k":"v"}}""")).Expect(201);
        Assert.Empty(Owners((await _admin.PatchAsync(maps + "/n", patch, type)).Expect(200)));
        var again = (await _admin.PatchAsync(maps + "/n?fieldManager=b", """{"data":{"k":"w"}}""")).Expect(200);
        Assert.Empty(Owners(again));

        var applied = (await _admin.PatchAsync(maps + "/n?fieldManager=c", "{apiVersion: v1, kind: ConfigMap, data: {k: w}}", ApiClient.ApplyPatch)).Expect(200);
        Assert.Equal(["""c Apply {"f:data":{"f:k":{}}}""", """before-first-apply Update {"f:data":{".":{},"f:k":{}}}"""], Owners(applied));
    }

    [Fact]
    public async Task Patch_OfManagedFields_MovesOwnership()
    {
        var maps = await MapsAsync();
        (await _admin.PostAsync(maps + "?fieldManager=a", """{"metadata":{"name":"n"},"data":{"k":"v"}}""")).Expect(201);
        var moved = (await _admin.PatchAsync(maps + "/n", """[{"op":"replace","path":"/metadata/managedFields/0/manager","value":"z"}]""", ApiClient.JsonPatch)).Expect(200);
        Assert.Equal(["""z Update {"f:data":{".":{},"f:k":{}}}"""], Owners(moved));
    }

    [Fact]
    public async Task Update_WithUnreadableManagedFields_KeepsThoseStored()
    {
        var maps = await MapsAsync();
        (await _admin.PostAsync(maps + "?fieldManager=a", """{"metadata":{"name":"n"},"data":{"k":"v"}}""")).Expect(201);
        var updated = (await _admin.PutAsync(maps + "/n?fieldManager=b", """{"metadata":{"name":"n","managedFields":[{"manager":"x","operation":"Steal"}]},"data":{"k":"v","l":"w"}}""")).Expect(200);
        Assert.Equal(["""a Update {"f:data":{".":{},"f:k":{}}}""", """b Update {"f:data":{"f:l":{}}}"""], Owners(updated).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Updates_ByManyManagers_AreJoinedBeyondTen()
    {
        var maps = await MapsAsync();
        (await _admin.PostAsync(maps + "?fieldManager=m00", """{"metadata":{"name":"n"},"data":{"k00":"v"}}""")).Expect(201);
        ApiAnswer? last = null;
        for (var i = 1; i < 14; i++)
        {
            last = (await _admin.PatchAsync($"{maps}/n?fieldManager=m{i:00}", $"{{\"data\":{{\"k{i:00}\":\"v\"}}}}")).Expect(200);
        }

        var owners = Owners(last!);
        Assert.Equal(10, owners.Length);
        Assert.Contains(owners, o => o.StartsWith("ancient-changes Update", StringComparison.Ordinal) && o.Contains("f:k00", StringComparison.Ordinal) && o.Contains("f:k03", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Status_IsOwnedThroughItsSubresource()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}";
        var answer = (await _admin.PatchAsync(path + "/status?fieldManager=s", """{"status":{"conditions":[{"type":"T","status":"True"}]}}""")).Expect(200);
        Assert.Contains("""s Update/status {"f:status":{"f:conditions":{".":{},"k:{\"type\":\"T\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}}}}""", Owners(answer));
        var main = (await _admin.PatchAsync(path + "?fieldManager=m", """{"status":{"phase":"Wrong"},"metadata":{"labels":{"a":"b"}}}""")).Expect(200);
        Assert.Contains("""m Update {"f:metadata":{"f:labels":{"f:a":{}}}}""", Owners(main));
    }
}
