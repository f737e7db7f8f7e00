using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A stateful set's pods have names and an order.</summary>
public sealed class StatefulSetTests(CloudFixture fixture) : WorkloadStory(fixture)
{
    private const int ConflictingPort = 21017;

    private string Sets => $"{Apps}/statefulsets";

    private string Db => $"{Sets}/db";

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow] [Conformance]")]
    public async Task Scaling_GoesByOrder_AndHaltsWhileOneIsUnhealthy()
    {
        await StartBreakableAsync(1);
        var start = await VersionAsync();
        await BreakAsync("db-0");
        await PatchAsync(Db, """{"spec":{"replicas":3}}""");
        await SyncedAsync();
        Assert.Equal(["db-0"], (await PodsAsync("db")).Select(NameOf));

        await MendAsync("db-0");
        await StatusAsync(Db, ("readyReplicas", "3"));
        Assert.Equal(["ADDED db-1", "ADDED db-2"], await ChangesAsync(start));

        start = await VersionAsync();
        await BreakAsync("db-0", "db-1", "db-2");
        await PatchAsync(Db, """{"spec":{"replicas":0}}""");
        await SyncedAsync();
        Assert.Equal(3, (await PodsAsync("db", 3)).Count);

        await MendAsync("db-0", "db-1", "db-2");
        await Eventually.TrueAsync("none is left", async () => (await PodsAsync("db")).Count == 0, Patience, Ct);
        Assert.Equal(["DELETED db-2", "DELETED db-1", "DELETED db-0"], await ChangesAsync(start));
    }

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods [Slow] [Conformance]")]
    public async Task Burst_WaitsForNobody()
    {
        await StartBreakableAsync(1, ",\"podManagementPolicy\":\"Parallel\"");
        await BreakAsync("db-0");
        await PatchAsync(Db, """{"spec":{"replicas":3}}""");
        await PodsAsync("db", 3);
        await MendAsync("db-0");
        await StatusAsync(Db, ("readyReplicas", "3"));

        await BreakAsync("db-0", "db-1", "db-2");
        await PatchAsync(Db, """{"spec":{"replicas":0}}""");
        await Eventually.TrueAsync("none is left", async () => (await PodsAsync("db")).Count == 0, Patience, Ct);
        await UntilAtAsync(Db, "has none", s => s.At("status.replicas") == "0");
    }

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications [Conformance]")]
    public async Task Update_GoesFromTheLastToTheFirst_AndBack()
    {
        await StartAsync(3);
        var first = (await ReadAsync(Db)).At("status.currentRevision");
        await UpdateRollsAsync("new");
        Assert.NotEqual(first, (await ReadAsync(Db)).At("status.currentRevision"));

        // One that cannot start stands in the way, until it is made again from what can.
        await PatchAsync(Db, $$"""{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"{{Missing}}"}]} } } }""");
        await UntilAtAsync(PathOf("db-2"), "cannot start", p => p.At("spec.containers.0.image") == Missing);
        await KubectlAsync(null, "rollout", "undo", "statefulset/db", "--to-revision=1");
        (await Api.DeleteAsync(PathOf("db-2"), """{"gracePeriodSeconds":0}""")).Expect(200);

        await StatusAsync(Db, ("currentRevision", first!), ("updateRevision", first!), ("readyReplicas", "3"));
        await PodsAsync("db", 3, p => IsReady(p) && Note(p) is null && Revision(p) == first);
    }

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications [Conformance]")]
    public async Task Partition_KeepsThePodsBelowIt()
    {
        await StartAsync(3, Partition(3));
        var old = (await ReadAsync(Db)).At("status.currentRevision");
        var uids = (await PodsAsync("db", 3, IsReady)).ToDictionary(NameOf, UidOf);
        await ChangeAsync("new");
        var updated = (await UntilAtAsync(Db, "has another revision", s => s.At("status.updateRevision") != old)).At("status.updateRevision");
        Assert.Equal(uids, (await PodsAsync("db", 3)).ToDictionary(NameOf, UidOf));

        // The canary.
        await PatchAsync(Db, $$"""{"spec":{{{Partition(2)[1..]}}} }""");
        await NotesAsync(null, null, "new");

        // Those that go come back as what they are to be.
        foreach (var pod in new[] { "db-0", "db-2" })
        {
            (await Api.DeleteAsync(PathOf(pod), """{"gracePeriodSeconds":0}""")).Expect(200);
        }

        await NotesAsync(null, null, "new");
        Assert.Equal((old, old, updated), (await RevisionAsync("db-0"), await RevisionAsync("db-1"), await RevisionAsync("db-2")));

        foreach (var (partition, second) in new[] { (1, (string?)null), (0, "new") })
        {
            await PatchAsync(Db, $$"""{"spec":{{{Partition(partition)[1..]}}} }""");
            await NotesAsync(second, "new", "new");
        }

        await StatusAsync(Db, ("currentRevision", updated!), ("updatedReplicas", "3"));
    }

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset [Conformance]")]
    public async Task Pod_ThatTheNodeRefuses_IsMadeAgain()
    {
        var port = $$""","ports":[{"name":"conflict","containerPort":{{ConflictingPort}},"hostPort":{{ConflictingPort}}}]""";
        await CreateAsync($$"""
            {"metadata":{"name":"first"},"spec":{"nodeName":"node-1","terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"{{port}}}]} }
            """);
        await PhaseAsync("first", "Running");
        var start = await VersionAsync();
        await CreateSetAsync("statefulsets", "db", 1, ",\"serviceName\":\"db\"", Template("db", container: port, spec: ",\"nodeName\":\"node-1\""));
        await Eventually.TrueAsync("it was made, refused and deleted", async () => (await ChangesAsync(start)).Contains("DELETED db-0"), Patience, Ct);

        (await Api.DeleteAsync(PathOf("first"), """{"gracePeriodSeconds":0}""")).Expect(200);
        await PodsAsync("db", 1, IsReady);
    }

    [Fact]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]")]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints [Conformance]")]
    [Upstream("[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets [Conformance]")]
    public async Task Set_IsScaledListedPatchedAndDeleted_AndStatusHasItsOwnPath()
    {
        await StartAsync(1);
        await StatusIsWrittenAsync(Db);
        await ScaleAsync(Db);

        (await Api.PatchAsync(Db, $$"""
            {"metadata":{"labels":{"by":"patch"} },"spec":{"replicas":2,"template":{"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}","env":[{"name":"A","value":"b"}]}]} } } }
            """, ApiClient.StrategicPatch)).Expect(200);
        await PodsAsync("db", 2, p => IsReady(p) && (string?)p["spec"]!["containers"]![0]!["env"]?[0]!["value"] == "b");
        Assert.Single(await ListAsync("/apis/apps/v1/statefulsets", $"by=patch,story={Namespace}"));

        (await Api.DeleteAsync($"{Sets}?labelSelector=by%3Dpatch")).Expect(200);
        Assert.Empty(await ListAsync(Sets, "by=patch"));
        await Eventually.TrueAsync("its pods are gone", async () => (await PodsAsync("db")).Count == 0, Patience, Ct);
    }

    private static string Partition(int partition) => $$""","updateStrategy":{"rollingUpdate":{"partition":{{partition}} } }""";

    private async Task StartAsync(int replicas, string more = "")
    {
        (await Api.PostAsync($"{Core}/services", """{"metadata":{"name":"db"},"spec":{"clusterIP":"None","selector":{"app":"db"},"ports":[{"port":8080}]}}""")).Expect(201);
        await CreateSetAsync("statefulsets", "db", replicas, ",\"serviceName\":\"db\"" + more);
        await StatusAsync(Db, ("replicas", $"{replicas}"), ("readyReplicas", $"{replicas}"));
    }

    // A server that is ready while it has a page, which a story takes away and gives back.
    private async Task StartBreakableAsync(int replicas, string more = "")
    {
        await Fixture.LoadToolsAsync();
        const string Serve = """
            ,"command":["sh","-c","mkdir /tmp/w; echo > /tmp/w/page; exec httpd -f -p 8080 -h /tmp/w"],"readinessProbe":{"httpGet":{"path":"/page","port":8080},"periodSeconds":1,"failureThreshold":1}
            """;
        await CreateSetAsync("statefulsets", "db", replicas, ",\"serviceName\":\"db\"" + more, Template("db", CloudFixture.Tools, Serve));
        await StatusAsync(Db, ("readyReplicas", $"{replicas}"));
    }

    private async Task BreakAsync(params string[] pods)
    {
        foreach (var pod in pods)
        {
            await ExecAsync(pod, "c", "rm", "/tmp/w/page");
        }

        foreach (var pod in pods)
        {
            await UntilAsync(pod, "is not ready", p => !IsTrue(p, "Ready"));
        }

        await UntilAtAsync(Db, "has none ready", s => s.At("status.readyReplicas") is null or "0");
    }

    // Of those that are to go the last may be gone before it is its turn to be mended.
    private async Task MendAsync(params string[] pods)
    {
        foreach (var pod in pods)
        {
            await Cloud.KubectlAsync(["exec", "-n", Namespace, pod, "-c", "c", "--", "touch", "/tmp/w/page"], Ct);
        }
    }

    // The controller has seen what is wanted of it, and still does nothing.
    private Task SyncedAsync() => UntilAtAsync(Db, "is looked at", s => s.At("status.observedGeneration") == s.At("metadata.generation"));

    private async Task<string> VersionAsync() => (await ReadAsync($"{Core}/pods")).At("metadata.resourceVersion")!;

    private async Task<List<string>> ChangesAsync(string since)
    {
        var seen = await ReadAsync($"{Core}/pods?watch=true&timeoutSeconds=1&labelSelector=app%3Ddb&resourceVersion={since}");
        return [.. seen.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Where(e => (string?)e["type"] is "ADDED" or "DELETED").Select(e => $"{e["type"]} {e["object"]!["metadata"]!["name"]}")];
    }

    private async Task UpdateRollsAsync(string note)
    {
        var start = await VersionAsync();
        await ChangeAsync(note);
        await PodsAsync("db", 3, p => IsReady(p) && Note(p) == note);
        await UntilAtAsync(Db, "has only the new revision", s => s.At("status.observedGeneration") == s.At("metadata.generation") && s.At("status.currentRevision") == s.At("status.updateRevision"));
        Assert.Equal(["DELETED db-2", "ADDED db-2", "DELETED db-1", "ADDED db-1", "DELETED db-0", "ADDED db-0"], await ChangesAsync(start));
    }

    private Task<ApiAnswer> ChangeAsync(string note) => PatchAsync(Db, $$"""{"spec":{"template":{"metadata":{"annotations":{"note":"{{note}}"} } } } }""");

    private Task NotesAsync(params string?[] notes) =>
        Eventually.TrueAsync($"pods of {string.Join(", ", notes)}", async () => await PodsAsync("db") is { Count: 3 } pods && pods.TrueForAll(IsReady) && pods.OrderBy(NameOf, StringComparer.Ordinal).Select(Note).SequenceEqual(notes), Patience, Ct);

    private async Task<string?> RevisionAsync(string pod) => Revision((await PodAsync(pod)).Json);

    private static string? Revision(JsonObject pod) => (string?)pod["metadata"]!["labels"]!["controller-revision-hash"];

    private static string? Note(JsonObject pod) => (string?)pod["metadata"]!["annotations"]?["note"];
}
