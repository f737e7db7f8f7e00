using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.GarbageCollector;

/// <summary>What becomes of the things that an object owns when it is deleted.</summary>
public sealed class GarbageCollectorTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const int Replicas = 6;

    // No node fits, so that pods go as soon as they are deleted and none costs a container.
    private const string PodSpec = """{"nodeSelector":{"nowhere":"yes"},"containers":[{"name":"c","image":"i"}]}""";

    private string Pods => $"{Core}/pods";

    private string Controllers => $"{Core}/replicationcontrollers";

    private string Apps => $"/apis/apps/v1/namespaces/{Namespace}";

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]")]
    public async Task PodsGo_WhenTheirControllerIsDeletedInTheBackground()
    {
        var uid = await ControlAsync("mine", 2);
        await DeleteAsync($"{Controllers}/mine", uid, "Background");
        await CountAsync(Controllers, 0);
        await CountAsync(Pods, 0);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Conformance]")]
    public async Task PodsStay_WithoutAnOwner_WhenTheirControllerIsDeletedAsOrphaning()
    {
        var uid = await ControlAsync("mine", Replicas);
        await DeleteAsync($"{Controllers}/mine", uid, "Orphan");
        await GoneAsync($"{Controllers}/mine");
        await StayAsync(Pods, Replicas);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Conformance]")]
    public async Task ControllerStays_UntilItsPodsAreGone_WhenDeletedInTheForeground()
    {
        var uid = await ControlAsync("mine", Replicas);
        var held = (await Api.GetAsync(Pods)).At("items.0.metadata.name");
        (await Api.PatchAsync($"{Pods}/{held}", """{"metadata":{"finalizers":["example.com/held"]} }""")).Expect(200);
        await DeleteAsync($"{Controllers}/mine", uid, "Foreground");
        await CountAsync(Pods, 1);

        var controller = (await Api.GetAsync($"{Controllers}/mine")).Expect(200);
        Assert.NotNull(controller.At("metadata.deletionTimestamp"));
        Assert.Equal("foregroundDeletion", controller.At("metadata.finalizers.0"));
        Assert.NotNull((await Api.GetAsync($"{Pods}/{held}")).At("metadata.deletionTimestamp"));
        (await Api.PatchAsync($"{Pods}/{held}", """{"metadata":{"finalizers":null} }""")).Expect(200);
        await GoneAsync($"{Controllers}/mine");
        await CountAsync(Pods, 0);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Conformance]")]
    public async Task PodsWithASecondOwner_StayWithThat_WhenTheFirstWaitsForItsOwn()
    {
        var going = await ControlAsync("going", Replicas);
        var staying = await ControlAsync("staying", 0);
        var pods = (await Api.GetAsync(Pods)).Json["items"]!.AsArray().Select(p => (string)p!["metadata"]!["name"]!).ToList();
        foreach (var pod in pods.Take(Replicas / 2))
        {
            var owner = $$"""{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ReplicationController","name":"staying","uid":"{{staying}}"}]} }""";
            (await Api.PatchAsync($"{Pods}/{pod}", owner, ApiClient.StrategicPatch)).Expect(200);
        }

        await DeleteAsync($"{Controllers}/going", going, "Foreground");
        await GoneAsync($"{Controllers}/going");
        var left = (await Api.GetAsync(Pods)).Json["items"]!.AsArray();
        Assert.Equal(pods.Take(Replicas / 2).Order(StringComparer.Ordinal), left.Select(p => (string)p!["metadata"]!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(left, p => Assert.Null(p!["metadata"]!["deletionTimestamp"]));
        Assert.All(left, p => Assert.Equal("staying", (string?)Assert.Single(p!["metadata"]!["ownerReferences"]!.AsArray())!["name"]));
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]")]
    public async Task PodsThatOwnEachOtherInACircle_AllGo()
    {
        var uids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            uids.Add((await Api.PostAsync(Pods, $$"""{"metadata":{"name":"pod{{i}}"},"spec":{{PodSpec}} }""")).Expect(201).At("metadata.uid")!);
        }

        for (var i = 0; i < 3; i++)
        {
            var owner = (i + 2) % 3;
            var patch = $$"""{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"pod{{owner}}","uid":"{{uids[owner]}}","controller":true,"blockOwnerDeletion":true}]} }""";
            (await Api.PatchAsync($"{Pods}/pod{i}", patch, ApiClient.StrategicPatch)).Expect(200);
        }

        await DeleteAsync($"{Pods}/pod0", uids[0], "Foreground");
        await CountAsync(Pods, 0);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]")]
    public async Task ReplicaSetAndPodsGo_WithTheirDeployment()
    {
        var uid = await DeployAsync();
        await DeleteAsync($"{Apps}/deployments/mine", uid, "Background");
        await CountAsync($"{Apps}/deployments", 0);
        await CountAsync($"{Apps}/replicasets", 0);
        await CountAsync(Pods, 0);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]")]
    public async Task ReplicaSetStays_WithItsPods_WhenItsDeploymentIsDeletedAsOrphaning()
    {
        var uid = await DeployAsync();
        await DeleteAsync($"{Apps}/deployments/mine", uid, "Orphan");
        await GoneAsync($"{Apps}/deployments/mine");
        await StayAsync($"{Apps}/replicasets", 1);
        var pods = (await Api.GetAsync(Pods)).Json["items"]!.AsArray();
        Assert.Equal(2, pods.Count);
        Assert.All(pods, p => Assert.Null(p!["metadata"]!["deletionTimestamp"]));
    }

    private async Task<string> ControlAsync(string name, int replicas)
    {
        var created = (await Api.PostAsync(Controllers, $$"""
            {"metadata":{"name":"{{name}}"},"spec":{"replicas":{{replicas}},"selector":{"of":"{{name}}"},"template":{"metadata":{"labels":{"of":"{{name}}"} },"spec":{{PodSpec}} } } }
            """)).Expect(201);
        await SettledAsync($"{Controllers}/{name}", replicas);
        return created.At("metadata.uid")!;
    }

    private async Task<string> DeployAsync()
    {
        var created = (await Api.PostAsync($"{Apps}/deployments", $$"""
            {"metadata":{"name":"mine"},"spec":{"replicas":2,"selector":{"matchLabels":{"of":"mine"} },"template":{"metadata":{"labels":{"of":"mine"} },"spec":{{PodSpec}} } } }
            """)).Expect(201);
        await CountAsync($"{Apps}/replicasets", 1);
        await SettledAsync($"{Apps}/replicasets/{(await Api.GetAsync($"{Apps}/replicasets")).At("items.0.metadata.name")}", 2);
        return created.At("metadata.uid")!;
    }

    private Task SettledAsync(string path, int replicas) =>
        Eventually.TrueAsync($"{path} has {replicas} pods", async () => (await Api.GetAsync(path)).Expect(200).At("status") is { } status
            && JsonNode.Parse(status) is { } s && (int?)s["observedGeneration"] >= 1 && ((int?)s["replicas"] ?? 0) == replicas, ct: Ct);

    private async Task DeleteAsync(string path, string uid, string policy) =>
        (await Api.DeleteAsync(path, $$"""{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"{{policy}}","preconditions":{"uid":"{{uid}}"} }""")).Expect(200);

    private Task CountAsync(string path, int count) =>
        Eventually.TrueAsync($"{count} of {path}", async () => (await Api.GetAsync(path)).Json["items"]!.AsArray().Count == count, ct: Ct);

    /// <summary>
    /// They must still be there, unowned, when the collector has done what came after the deletion: an object whose owner never was
    /// goes through the same queue, so once that is gone these would be too.
    /// </summary>
    private async Task StayAsync(string path, int count)
    {
        const string Lost = """{"metadata":{"name":"lost","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"never","uid":"00000000-0000-0000-0000-000000000000"}]} }""";
        (await Api.PostAsync($"{Core}/configmaps", Lost)).Expect(201);
        await GoneAsync($"{Core}/configmaps/lost");
        var left = (await Api.GetAsync(path)).Json["items"]!.AsArray();
        Assert.Equal(count, left.Count);
        Assert.All(left, i => Assert.Null(i!["metadata"]!["ownerReferences"]));
        Assert.All(left, i => Assert.Null(i!["metadata"]!["deletionTimestamp"]));
    }
}
