using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A deployment moves its pods from one template to the next.</summary>
public sealed class DeploymentTests(CloudFixture fixture) : WorkloadStory(fixture)
{
    private const string AtOnce = ",\"strategy\":{\"rollingUpdate\":{\"maxSurge\":\"100%\",\"maxUnavailable\":\"100%\"}}";

    private string Deployments => $"{Apps}/deployments";

    private string Web => $"{Deployments}/web";

    [Fact]
    [Upstream("[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]")]
    public async Task RollingUpdate_ReplacesThePodsOfAnAdoptedSet()
    {
        // A set that a deployment would have made with another image, and which it takes over as its first revision.
        await CreateSetAsync("replicasets", "web", 1);
        var old = Assert.Single(await PodsAsync("web", 1, IsReady));
        await CreateSetAsync("deployments", "web", 1, template: Template("web", container: ""","env":[{"name":"A","value":"b"}]"""));

        await CompleteAsync(1);

        await GoneAsync(PathOf(NameOf(old)));
        var sets = await SetsAsync();
        Assert.Equal(2, sets.Count);
        var adopted = sets.Single(s => NameOf(s) == "web");
        Assert.Equal((0, "Deployment"), ((int)adopted["spec"]!["replicas"]!, (string?)adopted["metadata"]!["ownerReferences"]![0]!["kind"]));
        Assert.Equal(1, (int)sets.Single(s => NameOf(s) != "web")["spec"]!["replicas"]!);
    }

    [Fact]
    [Upstream("[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]")]
    public async Task Recreate_EndsTheOldPodsBeforeItMakesNewOnes()
    {
        await CreateSetAsync("deployments", "web", 2, ",\"strategy\":{\"type\":\"Recreate\"}");
        await CompleteAsync(2);
        var before = await ReadAsync($"{Core}/pods");

        await ChangeAsync("new");
        await CompleteAsync(2);

        var seen = await ReadAsync($"{Core}/pods?watch=true&timeoutSeconds=1&resourceVersion={before.At("metadata.resourceVersion")}");
        var ends = seen.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["type"]!).Where(t => t != "MODIFIED");
        Assert.Equal(["DELETED", "DELETED", "ADDED", "ADDED"], ends);
    }

    [Fact]
    [Upstream("[sig-apps] Deployment deployment should delete old replica sets [Conformance]")]
    [Upstream("[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]")]
    public async Task History_OfNone_LeavesOnlyTheNewSet_AndScaleIsFollowed()
    {
        await CreateSetAsync("deployments", "web", 1, ",\"revisionHistoryLimit\":0" + AtOnce);
        await CompleteAsync(1);
        await ChangeAsync("new");
        await Eventually.TrueAsync("one set is left", async () => await SetsAsync() is [var only] && Note(only) == "new", Patience, Ct);

        await StatusAsync(Web, ("replicas", "1"));
        await ScaleAsync(Web);
        await CompleteAsync(3);
    }

    [Fact]
    [Upstream("[sig-apps] Deployment deployment should support rollover [Conformance]")]
    public async Task Rollover_LeavesWhatItHadBegun()
    {
        await CreateSetAsync("deployments", "web", 1, ",\"strategy\":{\"rollingUpdate\":{\"maxSurge\":1,\"maxUnavailable\":0}}");
        await CompleteAsync(1);
        await PatchTemplateAsync(Missing);
        await Eventually.TrueAsync("the second set has a pod", async () => (await SetsAsync()).Exists(s => Image(s) == Missing && (int?)s["status"]!["replicas"] == 1), ct: Ct);

        await ChangeAsync("third", CloudFixture.Hello);
        await CompleteAsync(1);

        var sets = await SetsAsync();
        Assert.Equal(3, sets.Count);
        Assert.All(sets, s => Assert.Equal(Note(s) == "third" ? 1 : 0, (int)s["spec"]!["replicas"]!));
        Assert.Single(await PodsAsync("web", 1, IsReady));
    }

    [Fact]
    [Upstream("[sig-apps] Deployment deployment should support proportional scaling [Conformance]")]
    public async Task Scaling_DuringARollout_IsSharedInProportion()
    {
        await CreateSetAsync("deployments", "web", 4, ",\"strategy\":{\"rollingUpdate\":{\"maxSurge\":1,\"maxUnavailable\":1}}");
        await CompleteAsync(4);

        // Three of the old ones must stay, and five may be, so two of the new ones are tried.
        await PatchTemplateAsync(Missing);
        await SizesAsync(3, 2);

        // Nine may be now, of which each set gets its share.
        await PatchAsync(Web, """{"spec":{"replicas":8}}""");
        await SizesAsync(5, 4);
        Assert.All(await SetsAsync(), s => Assert.Equal(("8", "9"), (Annotation(s, "deployment.kubernetes.io/desired-replicas"), Annotation(s, "deployment.kubernetes.io/max-replicas"))));
    }

    [Fact]
    [Upstream("[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]")]
    [Upstream("[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]")]
    public async Task Deployment_FromCreatedToDeleted_IsSeenByAWatch()
    {
        var before = (await ReadAsync(Deployments)).At("metadata.resourceVersion");
        await CreateSetAsync("deployments", "web", 2, AtOnce);
        await CompleteAsync(2);

        (await Api.PatchAsync(Web, $$"""
            {"metadata":{"labels":{"by":"patch"} },"spec":{"replicas":1,"template":{"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}","env":[{"name":"A","value":"b"}]}]} } } }
            """, ApiClient.StrategicPatch)).Expect(200);
        await CompleteAsync(1);
        Assert.Single(await ListAsync("/apis/apps/v1/deployments", $"by=patch,story={Namespace}"));

        await UpdateAsync(Web, d => (d["spec"]!["replicas"], d["metadata"]!["labels"]!["by"], d["spec"]!["template"]!["metadata"]!["annotations"]) = (2, "update", new JsonObject { ["note"] = "updated" }));
        await CompleteAsync(2);
        var status = await ReadAsync($"{Web}/status");
        Assert.Equal(("update", "updated"), (status.At("metadata.labels.by"), status.At("spec.template.metadata.annotations.note")));

        // What the controller knows better it puts right.
        await PatchAsync($"{Web}/status", """{"metadata":{"labels":{"by":"status"}},"status":{"readyReplicas":0,"availableReplicas":0}}""");
        await CompleteAsync(2);
        await StatusIsWrittenAsync(Web);

        (await Api.DeleteAsync($"{Deployments}?labelSelector=story%3D{Namespace}", """{"propagationPolicy":"Background"}""")).Expect(200);
        await GoneAsync(Web);
        await Eventually.TrueAsync("its sets and pods are gone", async () => (await SetsAsync()).Count == 0 && (await PodsAsync("web")).Count == 0, ct: Ct);
        var seen = await ReadAsync($"{Deployments}?watch=true&timeoutSeconds=1&resourceVersion={before}");
        var types = seen.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["type"]!).ToList();
        Assert.Equal(("ADDED", "DELETED"), (types[0], types[^1]));
    }

    [Fact]
    public async Task Kubectl_PausesResumesAndUndoesRollouts()
    {
        await KubectlAsync(null, "create", "deployment", "web", $"--image={CloudFixture.Hello}");
        await CompleteAsync(1);

        await KubectlAsync(null, "rollout", "pause", "deployment/web");
        await ChangeAsync("new");
        await UntilAtAsync(Web, "says that it is paused", d => Progress(d) == "Unknown DeploymentPaused");
        Assert.Single(await SetsAsync());
        await KubectlAsync(null, "rollout", "resume", "deployment/web");
        Assert.Contains("successfully rolled out", await KubectlAsync(null, "rollout", "status", "deployment/web", "--timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("2", Annotation((await ReadAsync(Web)).Json, "deployment.kubernetes.io/revision"));

        await KubectlAsync(null, "rollout", "undo", "deployment/web");
        await CompleteAsync(1);
        Assert.Equal(2, (await SetsAsync()).Count);
        var now = (await SetsAsync()).Single(s => (int)s["spec"]!["replicas"]! == 1);
        Assert.Equal((null, "3", "1"), (Note(now), Annotation(now, "deployment.kubernetes.io/revision"), Annotation(now, "deployment.kubernetes.io/revision-history")));
    }

    private Task<ApiAnswer> CompleteAsync(int replicas) => UntilAtAsync(Web, $"is complete with {replicas}", d =>
        d.At("status.observedGeneration") == d.At("metadata.generation") && Progress(d) == "True NewReplicaSetAvailable"
        && (d.At("status.replicas"), d.At("status.updatedReplicas"), d.At("status.availableReplicas")) == ($"{replicas}", $"{replicas}", $"{replicas}"));

    private static string? Progress(ApiAnswer deployment) =>
        deployment.Json["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "Progressing") is { } c ? $"{c["status"]} {c["reason"]}" : null;

    private Task<ApiAnswer> ChangeAsync(string note, string? image = null) => image is null
        ? PatchAsync(Web, $$"""{"spec":{"template":{"metadata":{"annotations":{"note":"{{note}}"} } } } }""")
        : PatchAsync(Web, $$"""{"spec":{"template":{"metadata":{"annotations":{"note":"{{note}}"} },"spec":{"containers":[{"name":"c","image":"{{image}}"}]} } } }""");

    private Task<ApiAnswer> PatchTemplateAsync(string image) => PatchAsync(Web, $$"""{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"{{image}}"}]} } } }""");

    private Task<List<JsonObject>> SetsAsync() => ListAsync($"{Apps}/replicasets", "app=web");

    private Task SizesAsync(int old, int @new) => Eventually.TrueAsync($"the old set has {old} and the new one {@new}", async () =>
        await SetsAsync() is { Count: 2 } sets && sets.TrueForAll(s => (int)s["spec"]!["replicas"]! == (Image(s) == Missing ? @new : old) && (int?)s["status"]!["replicas"] == (int)s["spec"]!["replicas"]!), Patience, Ct);

    private static string Image(JsonObject set) => (string)set["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!;

    private static string? Note(JsonObject set) => (string?)set["spec"]!["template"]!["metadata"]!["annotations"]?["note"];

    private static string? Annotation(JsonObject set, string name) => (string?)set["metadata"]!["annotations"]?[name];
}
