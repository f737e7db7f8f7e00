using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Watch;

public sealed class WatchTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task ResumeFromRevision_SeesEverythingAfterItInOrder()
    {
        var ns = await _admin.NewNamespaceAsync();
        var start = await ListRevisionAsync(ns);
        await CreateAsync(ns, "w1", "1");
        await _admin.PatchAsync(Path(ns) + "/w1", """{"data":{"a":"b"}}""");
        await _admin.DeleteAsync(Path(ns) + "/w1");
        var seen = await _admin.CollectAsync($"{Path(ns)}?watch=1&resourceVersion={start}", 3);
        Assert.Equal(["ADDED w1", "MODIFIED w1", "DELETED w1"], seen);
    }

    [Fact]
    public async Task Selector_TurnsEnteringAndLeavingIntoAddedAndDeleted()
    {
        var ns = await _admin.NewNamespaceAsync();
        var start = await ListRevisionAsync(ns);
        await CreateAsync(ns, "w1", "1");
        var left = await LabelAsync(ns, "w1", "2");
        await LabelAsync(ns, "w1", "1");
        await _admin.DeleteAsync(Path(ns) + "/w1");
        var seen = await _admin.CollectAsync($"{Path(ns)}?watch=1&labelSelector=l%3D1&resourceVersion={start}", 4, "metadata.labels.l");
        Assert.Equal(["ADDED 1", "DELETED 1", "ADDED 1", "DELETED 1"], seen);

        var revisions = await _admin.CollectAsync($"{Path(ns)}?watch=1&labelSelector=l%3D1&resourceVersion={start}", 2, "metadata.resourceVersion");
        Assert.Equal($"DELETED {left}", revisions[1]);
    }

    [Fact]
    public async Task NoRevision_BeginsWithWhatIsThere()
    {
        var ns = await _admin.NewNamespaceAsync();
        await CreateAsync(ns, "a", "1");
        var collecting = _admin.CollectAsync($"{Path(ns)}?watch=true", 3);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await CreateAsync(ns, "b", "1");
        Assert.Equal(["ADDED a", "ADDED kube-root-ca.crt", "ADDED b"], await collecting);
    }

    [Fact]
    public async Task InitialEvents_EndWithABookmark()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"{Path(ns)}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5";
        var events = new List<JsonObject>();
        await foreach (var change in _admin.WatchAsync(path, cancellationToken: TestContext.Current.CancellationToken))
        {
            events.Add(change);
            if (events.Count == 2)
            {
                break;
            }
        }

        Assert.Equal("ADDED", (string?)events[0]["type"]);
        Assert.Equal("BOOKMARK", (string?)events[1]["type"]);
        Assert.Equal("ConfigMap", (string?)events[1]["object"]!["kind"]);
        Assert.Equal("true", (string?)events[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal(
            "eyJraW5kIjoiQ29uZmlnTWFwTGlzdCIsImFwaVZlcnNpb24iOiJ2MSIsIm1ldGFkYXRhIjp7fSwiaXRlbXMiOm51bGx9Cg==",
            (string?)events[1]["object"]!["metadata"]!["annotations"]!["kubernetes.io/initial-events-list-blueprint"]);
    }

    [Fact]
    public async Task Timeout_EndsTheWatchWithABookmark()
    {
        var ns = await _admin.NewNamespaceAsync();
        var start = await ListRevisionAsync(ns);
        var started = DateTimeOffset.UtcNow;
        var seen = await _admin.CollectAsync($"{Path(ns)}?watch=1&resourceVersion={start}&timeoutSeconds=1&allowWatchBookmarks=true", 10, "kind");
        Assert.Equal(["BOOKMARK ConfigMap"], seen);
        Assert.InRange((DateTimeOffset.UtcNow - started).TotalSeconds, 0.8, 5);
    }

    [Fact]
    public async Task LegacyPath_Watches()
    {
        var ns = await _admin.NewNamespaceAsync();
        await CreateAsync(ns, "q", "1");
        var seen = await _admin.CollectAsync($"/api/v1/watch/namespaces/{ns}/configmaps/q?timeoutSeconds=1", 5);
        Assert.Equal(["ADDED q"], seen);
    }

    [Fact]
    public async Task WatchOnName_IsAGet()
    {
        var answer = await _admin.GetAsync("/api/v1/namespaces/default?watch=1");
        Assert.Equal("Namespace", answer.Expect(200).At("kind"));
    }

    [Fact]
    public async Task ManyWatchers_SeeTheSameOrder()
    {
        var ns = await _admin.NewNamespaceAsync();
        var start = await ListRevisionAsync(ns);
        var watchers = Enumerable.Range(0, 8).Select(_ => _admin.CollectAsync($"{Path(ns)}?watch=1&resourceVersion={start}", 40, "metadata.resourceVersion")).ToList();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CreateAsync(ns, $"c{i}", "1")));
        var seen = await Task.WhenAll(watchers);
        Assert.All(seen, s => Assert.Equal(seen[0], s));
        Assert.Equal(seen[0].Select(s => long.Parse(s.Split(' ')[1])).Order(), seen[0].Select(s => long.Parse(s.Split(' ')[1])));
    }

    [Fact]
    public async Task PartialObjects_AreWatchedAsMetadata()
    {
        var ns = await _admin.NewNamespaceAsync();
        await foreach (var change in _admin.WatchAsync($"{Path(ns)}?watch=1&timeoutSeconds=2", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", TestContext.Current.CancellationToken))
        {
            Assert.Equal("PartialObjectMetadata", (string?)change["object"]!["kind"]);
            Assert.Equal(["kind", "apiVersion", "metadata"], change["object"]!.AsObject().Select(p => p.Key));
            return;
        }

        Assert.Fail("no event came");
    }

    private static string Path(string ns) => $"/api/v1/namespaces/{ns}/configmaps";

    private async Task<string> ListRevisionAsync(string ns) => (await _admin.GetAsync(Path(ns))).At("metadata.resourceVersion")!;

    private async Task CreateAsync(string ns, string name, string label) =>
        (await _admin.PostAsync(Path(ns), $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"l":"{{{{label}}}}"}}}""")).Expect(201);

    private async Task<string> LabelAsync(string ns, string name, string label) =>
        (await _admin.PatchAsync($"{Path(ns)}/{name}", $$$$"""{"metadata":{"labels":{"l":"{{{{label}}}}"}}}""")).Expect(200).At("metadata.resourceVersion")!;
}
