using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Node;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A story about something that makes pods. Its pods have label <c>app</c> with its name.</summary>
public abstract class WorkloadStory(CloudFixture fixture) : PodStory(fixture)
{
    /// <summary>An image that nobody has, so that its pods never start.</summary>
    protected const string Missing = "registry.test/missing:1";

    /// <summary>Path of the story's objects of group apps.</summary>
    protected string Apps => $"/apis/apps/v1/namespaces/{Namespace}";

    /// <summary>A pod template of one container; what is more to say of it is JSON that begins with a comma.</summary>
    protected static string Template(string app, string image = CloudFixture.Hello, string container = "", string spec = "") => $$"""
        {"metadata":{"labels":{"app":"{{app}}"} },"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{image}}"{{container}}}]{{spec}} } }
        """;

    /// <summary>An object as it is.</summary>
    protected async Task<ApiAnswer> ReadAsync(string path) => (await Api.GetAsync(path)).Expect(200);

    /// <summary>Creates a Deployment, ReplicaSet or StatefulSet, whose name its pods carry as label <c>app</c>; more of its spec is JSON that begins with a comma.</summary>
    protected async Task<ApiAnswer> CreateSetAsync(string resource, string name, int replicas, string more = "", string? template = null) =>
        (await Api.PostAsync($"{Apps}/{resource}", $$"""
            {"metadata":{"name":"{{name}}","labels":{"app":"{{name}}","story":"{{Namespace}}"} },
             "spec":{"replicas":{{replicas}},"selector":{"matchLabels":{"app":"{{name}}"} },"template":{{template ?? Template(name)}}{{more}} } }
            """)).Expect(201);

    /// <summary>Changes something by what differs.</summary>
    protected async Task<ApiAnswer> PatchAsync(string path, string patch) => (await Api.PatchAsync(path, patch)).Expect(200);

    /// <summary>Reads, changes and writes back, again when somebody else was quicker.</summary>
    protected Task<ApiAnswer> UpdateAsync(string path, Action<JsonObject> change) => Eventually.GetAsync($"{path} is updated", async () =>
    {
        var read = (await ReadAsync(path)).Json;
        change(read);
        var answer = await Api.PutAsync(path, read.ToJsonString());
        return answer.Code == 409 ? null : answer.Expect(200);
    }, ct: Ct);

    /// <summary>Waits until an object is there and as wanted, and returns it.</summary>
    protected Task<ApiAnswer> UntilAtAsync(string path, string what, Func<ApiAnswer, bool> isSo) =>
        Eventually.GetAsync($"{path} {what}", async () => await Api.GetAsync(path) is { Code: 200 } answer && isSo(answer) ? answer : null, Patience, Ct);

    /// <summary>Waits until an object's status, in full or in part, has these values.</summary>
    protected Task<ApiAnswer> StatusAsync(string path, params (string Field, string Value)[] wanted) =>
        UntilAtAsync(path, $"has {string.Join(", ", wanted)}", a => Array.TrueForAll(wanted, w => a.At("status." + w.Field) == w.Value));

    /// <summary>The pods whose label <c>app</c> has this value.</summary>
    protected async Task<List<JsonObject>> PodsAsync(string app) => await ListAsync($"{Core}/pods", $"app={app}");

    /// <summary>What a label selector selects.</summary>
    protected async Task<List<JsonObject>> ListAsync(string path, string selector) =>
        [.. (await ReadAsync($"{path}?labelSelector={Uri.EscapeDataString(selector)}")).Json["items"]!.AsArray().Select(o => (JsonObject)o!)];

    /// <summary>Waits until there are so many pods, none of them leaving and each as wanted.</summary>
    protected Task<List<JsonObject>> PodsAsync(string app, int count, Func<JsonObject, bool>? isSo = null) => Eventually.GetAsync($"{count} pods of {app}", async () =>
        await PodsAsync(app) is var pods && pods.Count == count && pods.TrueForAll(p => p["metadata"]!["deletionTimestamp"] is null && isSo?.Invoke(p) != false) ? pods : null, Patience, Ct);

    /// <summary>Whether a pod of a list is ready.</summary>
    protected static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") == true;

    /// <summary>An object's name.</summary>
    protected static string NameOf(JsonObject item) => (string)item["metadata"]!["name"]!;

    /// <summary>An object's uid.</summary>
    protected static string UidOf(JsonObject item) => (string)item["metadata"]!["uid"]!;

    /// <summary>The uid of what controls an object, or null.</summary>
    protected static string? OwnerOf(ApiAnswer item) => item.At("metadata.ownerReferences") is null ? null : item.At("metadata.ownerReferences.0.uid");

    /// <summary>Each of the pods answers with its own name when the API server is asked to pass a request on.</summary>
    protected async Task EachAnswersAsync(IEnumerable<JsonObject> pods)
    {
        foreach (var pod in pods.Select(NameOf))
        {
            Assert.StartsWith($"Hello from {pod}, ", (await Api.GetAsync($"{Core}/pods/{pod}:8080/proxy/")).Expect(200).Text, StringComparison.Ordinal);
        }
    }

    /// <summary>A pod that nobody controls is taken by a set that selects it, and let go when its labels change.</summary>
    protected async Task<string> AdoptedAsync(string app, string set)
    {
        var uid = (await ReadAsync(set)).At("metadata.uid");
        await UntilAtAsync(PathOf("orphan"), "is adopted", p => OwnerOf(p) == uid);
        Assert.Equal(["orphan"], (await PodsAsync(app, 1)).Select(NameOf));
        await StatusAsync(set, ("replicas", "1"));
        return uid!;
    }

    /// <summary>A pod that belongs to nobody yet.</summary>
    protected Task OrphanAsync(string app) => CreateAsync($$"""
        {"metadata":{"name":"orphan","labels":{"app":"{{app}}"} },"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"}]} }
        """);

    /// <summary>What scale says of a set is read, updated without a version, and patched.</summary>
    protected async Task ScaleAsync(string set)
    {
        var scale = await ReadAsync($"{set}/scale");
        Assert.Equal(("autoscaling/v1", "Scale", "1", "1"), (scale.At("apiVersion"), scale.At("kind"), scale.At("spec.replicas"), scale.At("status.replicas")));

        var changed = scale.Json;
        changed["metadata"]!.AsObject().Remove("resourceVersion");
        changed["spec"]!["replicas"] = 2;
        Assert.Equal("2", (await Api.PutAsync($"{set}/scale", changed.ToJsonString())).Expect(200).At("spec.replicas"));
        Assert.Equal("2", (await ReadAsync(set)).At("spec.replicas"));
        await StatusAsync(set, ("replicas", "2"));

        Assert.Equal("3", (await Api.PatchAsync($"{set}/scale", """{"spec":{"replicas":3}}""", ApiClient.StrategicPatch)).Expect(200).At("spec.replicas"));
        await StatusAsync(set, ("replicas", "3"));
    }

    /// <summary>A set's status is updated and patched by its own path, where its controller leaves what is not its own, and a watch sees it.</summary>
    protected async Task StatusIsWrittenAsync(string set)
    {
        var before = await ReadAsync($"{set}/status");
        var spec = before.At("spec");
        await UpdateAsync($"{set}/status", read =>
        {
            var condition = new JsonObject { ["type"] = "StatusUpdate", ["status"] = "True", ["reason"] = "E2E", ["message"] = "Set from a story" };
            read["status"]!["conditions"] = new JsonArray([.. (read["status"]!["conditions"] as JsonArray ?? []).Select(c => c!.DeepClone()), condition]);
            read["spec"]!["replicas"] = 9;
        });
        var updated = (await ReadAsync(set)).Json["status"]!["conditions"]!.AsArray();
        Assert.Contains(updated, c => (string?)c!["type"] == "StatusUpdate" && (string?)c["reason"] == "E2E");

        await PatchAsync($"{set}/status", """{"status":{"conditions":[{"type":"StatusPatched","status":"True"}]}}""");
        var name = set[(set.LastIndexOf('/') + 1)..];
        var seen = await ReadAsync($"{set[..set.LastIndexOf('/')]}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3D{name}&resourceVersion={before.At("metadata.resourceVersion")}");
        Assert.Contains("\"type\":\"StatusUpdate\"", seen.Text, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"StatusPatched\"", seen.Text, StringComparison.Ordinal);
        Assert.Equal(spec, (await ReadAsync(set)).At("spec"));
    }
}
