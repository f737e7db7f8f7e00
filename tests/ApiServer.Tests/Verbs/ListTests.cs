using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class ListTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Items_AreInNameOrderWithoutKind()
    {
        var ns = await NamespaceWithAsync("b", "a", "c");
        var list = (await _admin.GetAsync(Path(ns))).Expect(200);
        Assert.Equal("ConfigMapList", list.At("kind"));
        Assert.Equal(["a", "b", "c", "kube-root-ca.crt"], Names(list));
        Assert.Null(list.At("items.0.kind"));
        Assert.NotNull(list.At("items.0.metadata.resourceVersion"));
    }

    [Fact]
    public async Task EmptyList_HasAnEmptyArray()
    {
        var ns = await _admin.NewNamespaceAsync();
        var list = await _admin.GetAsync($"/api/v1/namespaces/{ns}/pods");
        Assert.Equal("[]", list.At("items"));
    }

    [Fact]
    public async Task Selectors_Select()
    {
        var ns = await NamespaceWithAsync("a", "b");
        await _admin.PatchAsync(Path(ns) + "/a", """{"metadata":{"labels":{"x":"1"}}}""");
        Assert.Equal(["a"], Names(await _admin.GetAsync(Path(ns) + "?labelSelector=x%3D1")));
        Assert.Equal(["b", "kube-root-ca.crt"], Names(await _admin.GetAsync(Path(ns) + "?labelSelector=!x")));
        Assert.Equal(["b"], Names(await _admin.GetAsync(Path(ns) + "?fieldSelector=metadata.name%3Db")));
        Assert.Equal(["a", "b"], Names(await _admin.GetAsync(Path(ns) + "?fieldSelector=metadata.name!%3Dkube-root-ca.crt")));
        Assert.Equal([], Names(await _admin.GetAsync(Path(ns) + "?fieldSelector=metadata.name%3Da,metadata.name%3Db")));
    }

    [Fact]
    public async Task Pages_StayInTheStateOfTheFirst()
    {
        var ns = await NamespaceWithAsync("a", "b", "c", "d");
        var first = (await _admin.GetAsync(Path(ns) + "?limit=2")).Expect(200);
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal("3", first.At("metadata.remainingItemCount"));
        await _admin.DeleteAsync(Path(ns) + "/c");
        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"bb"}}""");

        var second = (await _admin.GetAsync($"{Path(ns)}?limit=2&continue={first.At("metadata.continue")}")).Expect(200);
        Assert.Equal(["c", "d"], Names(second));
        Assert.Equal(first.At("metadata.resourceVersion"), second.At("metadata.resourceVersion"));
        var third = (await _admin.GetAsync($"{Path(ns)}?limit=2&continue={second.At("metadata.continue")}")).Expect(200);
        Assert.Equal(["kube-root-ca.crt"], Names(third));
        Assert.Null(third.At("metadata.continue"));
    }

    [Fact]
    public async Task ExactRevision_ListsThePast()
    {
        var ns = await NamespaceWithAsync("a");
        var before = (await _admin.GetAsync(Path(ns))).At("metadata.resourceVersion");
        await _admin.PatchAsync(Path(ns) + "/a", """{"data":{"k":"new"}}""");
        var past = await _admin.GetAsync($"{Path(ns)}?resourceVersion={before}&resourceVersionMatch=Exact");
        Assert.Equal(before, past.Expect(200).At("metadata.resourceVersion"));
        Assert.Null(past.At("items.0.data"));
    }

    [Fact]
    public async Task AllNamespaces_AreListedTogether()
    {
        var one = await NamespaceWithAsync("same-name");
        var two = await NamespaceWithAsync("same-name");
        var list = await _admin.GetAsync("/api/v1/configmaps?fieldSelector=metadata.name%3Dsame-name");
        var found = list.Json["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["namespace"]);
        Assert.Superset(new HashSet<string?> { one, two }, found.ToHashSet());
    }

    [Fact]
    public async Task PartialObjects_AreMetadataOnly()
    {
        var ns = await NamespaceWithAsync("a");
        var list = await _admin.GetAsync(Path(ns), "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        Assert.Equal("PartialObjectMetadataList", list.Expect(200).At("kind"));
        Assert.Equal("meta.k8s.io/v1", list.At("apiVersion"));
        Assert.Null(list.At("items.1.data"));
        Assert.Equal("a", list.At("items.0.metadata.name"));
    }

    [Fact]
    public async Task LongList_IsCompressedForThoseWhoTakeIt()
    {
        var ns = await _admin.NewNamespaceAsync();
        var value = new string('x', 100_000);
        await _admin.PostAsync(Path(ns), $$$"""{"metadata":{"name":"a"},"data":{"k":"{{{value}}}"}}""");
        await _admin.PostAsync(Path(ns), $$$"""{"metadata":{"name":"b"},"data":{"k":"{{{value}}}"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(ns));
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        var answer = await _admin.SendAsync(request);
        Assert.Contains("gzip", answer.ContentHeaders.ContentEncoding);
        using var plain = new StreamReader(new System.IO.Compression.GZipStream(new MemoryStream(answer.Bytes), System.IO.Compression.CompressionMode.Decompress));
        Assert.EndsWith("]}", await plain.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string Path(string ns) => $"/api/v1/namespaces/{ns}/configmaps";

    private static IEnumerable<string?> Names(ApiAnswer list) => list.Expect(200).Json["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]);

    private async Task<string> NamespaceWithAsync(params string[] names)
    {
        var ns = await _admin.NewNamespaceAsync();
        foreach (var name in names)
        {
            (await _admin.PostAsync(Path(ns), $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Expect(201);
        }

        return ns;
    }
}
