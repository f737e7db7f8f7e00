using Sealos.ApiServer.Tests.CustomKinds;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Bootstrap;

/// <summary>What a restart keeps; on a server of its own.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly ApiServerFixture _server = new();

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WatchFromLongAgo_IsExpiredInsideTheStream()
    {
        var ns = await _server.Admin.NewNamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await Task.WhenAll(Enumerable.Range(0, 1100).Select(async i => (await _server.Admin.PostAsync(path, $$$"""{"metadata":{"name":"c{{{i}}}"} }""")).Expect(201)));
        Assert.Equal(1101, (await _server.Admin.CollectAsync(path + "?watch=1&resourceVersion=1&timeoutSeconds=2", 2000, "kind")).Count);

        await _server.RestartAsync();
        Assert.Equal(["ERROR Expired"], await _server.Admin.CollectAsync(path + "?watch=1&resourceVersion=1", 10, "reason"));
        Assert.Equal(1101, (await _server.Admin.GetAsync(path)).Json["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task CustomKinds_AreServedAgainAndGoOnGoing()
    {
        const string Open = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";
        var kept = await Definition.Widget(Open).CreateAsync(_server.Admin);
        var going = await Definition.Widget(Open).CreateAsync(_server.Admin);
        var ns = await _server.Admin.NewNamespaceAsync();
        var created = (await _server.Admin.PostAsync(kept.In(ns), kept.Object("w", """{"a":1}"""))).Expect(201);
        (await _server.Admin.PostAsync(going.In(ns), going.Object("w", "{}").Replace("\"name\":\"w\"", "\"name\":\"w\",\"finalizers\":[\"test.io/hold\"]", StringComparison.Ordinal))).Expect(201);
        (await _server.Admin.DeleteAsync(going.OwnPath)).Expect(200);

        await _server.RestartAsync();
        Assert.Equal(created.Text, (await _server.Admin.GetAsync(kept.In(ns) + "/w")).Expect(200).Text);
        (await _server.Admin.PostAsync(kept.In(ns), kept.Object("v", "{}"))).Expect(201);
        Assert.Equal(405, (await _server.Admin.PostAsync(going.In(ns), going.Object("v", "{}"))).Code);
        (await _server.Admin.PatchAsync(going.In(ns) + "/w", """{"metadata":{"finalizers":null}}""")).Expect(200);
        for (var i = 0; i < 500 && (await _server.Admin.GetAsync(going.OwnPath)).Code != 404; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(404, (await _server.Admin.GetAsync(going.OwnPath)).Code);
    }

    [Fact]
    public async Task Restart_KeepsObjectsRevisionsTokensAndPools()
    {
        var ns = await _server.Admin.NewNamespaceAsync();
        var cm = (await _server.Admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Expect(201);
        var service = (await _server.Admin.PostAsync($"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""")).Expect(201);
        var token = (await _server.Admin.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default/token", "{}")).Expect(201).At("status.token");
        var list = await _server.Admin.GetAsync($"/api/v1/namespaces/{ns}/configmaps");
        await _server.Admin.PatchAsync($"/api/v1/namespaces/{ns}/configmaps/a", """{"data":{"k":"w"}}""");

        await _server.RestartAsync();
        var admin = _server.Admin;
        var after = (await admin.GetAsync($"/api/v1/namespaces/{ns}/configmaps/a")).Expect(200);
        Assert.Equal("w", after.At("data.k"));
        Assert.Equal(cm.At("metadata.uid"), after.At("metadata.uid"));

        // A watch from before the restart goes on where it was.
        var seen = await admin.CollectAsync($"/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=2&resourceVersion={list.At("metadata.resourceVersion")}", 1, "data.k");
        Assert.Equal(["MODIFIED w"], seen);

        var taken = await admin.PostAsync($"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"t"},"spec":{"clusterIP":"ADDRESS","ports":[{"port":80}]}}""".Replace("ADDRESS", service.At("spec.clusterIP"), StringComparison.Ordinal));
        Assert.Equal(422, taken.Code);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/version");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var anonymous = _server.Anonymous();
        Assert.Equal(200, (await anonymous.SendAsync(request)).Code);
    }
}
