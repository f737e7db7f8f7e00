using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>The revisions that a daemon set keeps are objects like others, and it puts right what others do to them.</summary>
public sealed class ControllerRevisionTests(CloudFixture fixture) : WorkloadStory(fixture)
{
    private string Revisions => $"{Apps}/controllerrevisions";

    private string Selector => $"app=d,story={Namespace}";

    [Fact]
    [Upstream("[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]")]
    public async Task Revision_IsPatchedCopiedUpdatedAndDeleted()
    {
        await StartDaemonAsync();
        var first = Assert.Single(await CountedAsync("/apis/apps/v1/controllerrevisions", 1));
        Assert.Equal("patched", (await Api.PatchAsync($"{Revisions}/{NameOf(first)}", """{"metadata":{"labels":{"first":"patched"}}}""", ApiClient.StrategicPatch)).Expect(200).At("metadata.labels.first"));

        // One of the same content takes the place of the first.
        var copy = (JsonObject)first.DeepClone();
        copy["metadata"] = new JsonObject
        {
            ["name"] = "d-copy",
            ["labels"] = new JsonObject { ["app"] = "d", ["story"] = Namespace, ["controller-revision-hash"] = "copy" },
            ["ownerReferences"] = first["metadata"]!["ownerReferences"]!.DeepClone(),
        };
        copy["revision"] = (int)first["revision"]! + 1;
        (await Api.PostAsync(Revisions, copy.ToJsonString())).Expect(201);
        await CountedAsync(Revisions, 2);
        (await Api.DeleteAsync($"{Revisions}/{NameOf(first)}")).Expect(200);
        var left = Assert.Single(await CountedAsync(Revisions, 1));
        await UpdateAsync($"{Revisions}/{NameOf(left)}", r => r["metadata"]!["labels"]!["left"] = "updated");

        await PatchAsync($"{Apps}/daemonsets/d", """{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}""");
        await CountedAsync(Revisions, 2);
        (await Api.DeleteAsync($"{Revisions}?labelSelector=left%3Dupdated")).Expect(200);
        Assert.Equal(3, (int)Assert.Single(await CountedAsync(Revisions, 1))["revision"]!);
    }

    private async Task StartDaemonAsync()
    {
        var template = JsonNode.Parse(Template("d"))!;
        template["metadata"]!["labels"]!["story"] = Namespace;
        (await Api.PostAsync($"{Apps}/daemonsets", $$"""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"d"} },"template":{{template.ToJsonString()}} } }""")).Expect(201);
        await StatusAsync($"{Apps}/daemonsets/d", ("numberAvailable", "1"));
    }

    private Task<List<JsonObject>> CountedAsync(string path, int count) => Eventually.GetAsync($"{count} revisions", async () =>
        await ListAsync(path, Selector) is var found && found.Count == count ? found : null, ct: Ct);
}
