using System.Text.Json.Nodes;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Nodes as objects, and what their taints do to pods.</summary>
[Collection(AloneCollection.Name)]
public sealed class TaintsTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string NodePath = "/api/v1/nodes/node-1";

    [Fact]
    [Upstream("[sig-node] NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive] [Conformance]")]
    [Upstream("[sig-node] NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive] [Conformance]")]
    public async Task Pods_AreEvicted_WhenTheyHaveToleratedATaintLongEnough_ButNotOnceItIsGone()
    {
        // Every pod tolerates the other taint for ever, so that only one of them counts for it.
        await StartAsync(Tolerating("short", "stays", 1, "goes"), Tolerating("longer", "stays", 4, "goes"), Tolerating("spared", "goes", 2, "stays"));
        foreach (var pod in new[] { "short", "longer", "spared" })
        {
            await PhaseAsync(pod, "Running");
        }

        try
        {
            await TaintAsync("stays", "goes");
            await TaintAsync("stays");
            await GoneAsync(PathOf("short"));
            await PhaseAsync("longer", "Running");
            await GoneAsync(PathOf("longer"));
            await PhaseAsync("spared", "Running");
            Assert.Null((await PodAsync("spared")).At("metadata.deletionTimestamp"));
        }
        finally
        {
            await TaintAsync();
        }
    }

    [Fact]
    [Upstream("[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]")]
    public async Task Node_IsCreatedPatchedUpdatedAndDeleted()
    {
        const string Fake = "/api/v1/nodes/story-fake-node";
        (await Api.PostAsync("/api/v1/nodes", """
            {"metadata":{"name":"story-fake-node"},"spec":{"unschedulable":true},
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","reason":"E2E","message":"Set by a test"}]}}
            """)).Expect(201);
        (await Api.PatchAsync(Fake, """{"metadata":{"labels":{"story-fake-node":"patched"}}}""", "application/strategic-merge-patch+json")).Expect(200);
        Assert.Single((await Api.GetAsync("/api/v1/nodes?labelSelector=story-fake-node=patched")).Json["items"]!.AsArray());
        await Eventually.TrueAsync("the node is updated", async () =>
        {
            var read = (await Api.GetAsync(Fake)).Expect(200).Json;
            read["metadata"]!["labels"]!["story-fake-node"] = "updated";
            var updated = await Api.PutAsync(Fake, read.ToJsonString());
            return updated.Code == 200 && updated.At("metadata.labels.story-fake-node") == "updated";
        }, ct: Ct);
        (await Api.DeleteAsync(Fake)).Expect(200);
        await GoneAsync(Fake);
    }

    private static ShellPod Tolerating(string name, string taint, int seconds, string other) => new(name, "sleep 1000")
    {
        Spec = $$$""","tolerations":[{"key":"story/{{{taint}}}","operator":"Exists","effect":"NoExecute","tolerationSeconds":{{{seconds}}}},{"key":"story/{{{other}}}","operator":"Exists"}]""",
    };

    // Gives the node exactly these taints of the story.
    private Task TaintAsync(params string[] taints) => Eventually.TrueAsync("the node is tainted", async () =>
    {
        var node = (await Api.GetAsync(NodePath)).Expect(200).Json;
        var others = (node["spec"]!["taints"] as JsonArray ?? []).Where(t => !((string)t!["key"]!).StartsWith("story/", StringComparison.Ordinal)).Select(t => t!.DeepClone());
        node["spec"]!["taints"] = new JsonArray([.. others, .. taints.Select(t => new JsonObject { ["key"] = "story/" + t, ["effect"] = "NoExecute" })]);
        return (await Api.PutAsync(NodePath, node.ToJsonString())).Code == 200;
    }, ct: Ct);
}
