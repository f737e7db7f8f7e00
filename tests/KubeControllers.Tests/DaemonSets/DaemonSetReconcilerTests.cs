using System.Text.Json.Nodes;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.DaemonSets;

public sealed class DaemonSetReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Set_RunsOnTheNodeUpdatesAndGoesBack()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns), Ct);
        var first = await ReadyAsync(ns);
        Assert.Equal("n1", first.Spec!.NodeName);
        await cloud.AssertQuietAsync();

        await PatchAsync(ns, "metadata", Note("2"));
        await EventuallyAsync(async () => Assert.Equal("2", NoteOf(Assert.Single(await cloud.ListAsync<Pod>(ns)))));
        var second = await ReadyAsync(ns);
        Assert.Equal("2", second.Metadata.Labels!["pod-template-generation"]);

        await PatchAsync(ns, "metadata", Note(null));
        await EventuallyAsync(async () => Assert.Null(NoteOf(Assert.Single(await cloud.ListAsync<Pod>(ns)))));
        await ReadyAsync(ns);
        var revisions = await cloud.ListAsync<ControllerRevision>(ns);
        Assert.Equal([2, 3], revisions.Select(r => r.Revision).Order());
        Assert.Equal(first.Metadata.Labels!["controller-revision-hash"], revisions.MaxBy(r => r.Revision)!.Metadata.Labels!["controller-revision-hash"]);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Set_WhoseNodesAreElsewhere_TakesItsPodAway()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns), Ct);
        await ReadyAsync(ns);

        await PatchAsync(ns, "spec", new JsonObject { ["nodeSelector"] = new JsonObject { ["color"] = ns } });
        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<Pod>(ns)));

        await cloud.Client.PatchAsync<Node>(null, "n1", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["color"] = ns } } }, null, Ct);
        await ReadyAsync(ns);
    }

    [Fact]
    public async Task Set_WhosePodFails_MakesAnother()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns), Ct);
        var pod = await ReadyAsync(ns);
        await cloud.Client.PatchAsync<Pod>(ns, pod.Metadata.Name!, new JsonObject { ["status"] = new JsonObject { ["phase"] = "Failed" } }, "status", Ct);

        await EventuallyAsync(async () => Assert.NotEqual(pod.Metadata.Uid, Assert.Single(await cloud.ListAsync<Pod>(ns)).Metadata.Uid));
        await ReadyAsync(ns);
        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == "FailedDaemonPod" && e.Message == $"Found failed daemon pod {ns}/{pod.Metadata.Name} on node n1, will try to kill it"));
    }

    [Fact]
    public async Task Set_DeletedAndMadeAgain_TakesPodsAndRevisionsBack()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns), Ct);
        var pod = await ReadyAsync(ns);
        await cloud.AssertQuietAsync();
        await cloud.Client.DeleteAsync<DaemonSet>(ns, "d", new() { PropagationPolicy = "Orphan" }, Ct);
        await EventuallyAsync(async () =>
        {
            Assert.Null(await cloud.Client.FindAsync<DaemonSet>(ns, "d", Ct));
            Assert.All(await cloud.ListAsync<ControllerRevision>(ns), r => Assert.Empty(r.Metadata.OwnerReferences ?? []));
        });

        var set = await cloud.Client.CreateAsync(Set(ns), Ct);
        Assert.Equal(pod.Metadata.Uid, (await ReadyAsync(ns)).Metadata.Uid);
        Assert.Equal(set.Metadata.Uid, Assert.Single(Assert.Single(await cloud.ListAsync<ControllerRevision>(ns)).Metadata.OwnerReferences!).Uid);
    }

    private static DaemonSet Set(string ns) => new()
    {
        Metadata = new ObjectMeta { Name = "d", Namespace = ns },
        Spec = new DaemonSetSpec { Selector = new LabelSelector { MatchLabels = new() { ["app"] = "d" } }, Template = Make.Template("d") },
    };

    private static JsonObject Note(string? text) => new() { ["annotations"] = new JsonObject { ["note"] = text } };

    private static string? NoteOf(Pod pod) => pod.Metadata.Annotations?.GetValueOrDefault("note");

    private Task PatchAsync(string ns, string part, JsonObject change) =>
        cloud.Client.PatchAsync<DaemonSet>(ns, "d", new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { [part] = change } } }, null, Ct);

    private async Task<Pod> ReadyAsync(string ns)
    {
        Pod? pod = null;
        await EventuallyAsync(async () =>
        {
            var set = await cloud.Client.GetAsync<DaemonSet>(ns, "d", Ct);
            Assert.Equal((set.Metadata.Generation, 1, 1, 1, 1), (set.Status?.ObservedGeneration, set.Status?.DesiredNumberScheduled, set.Status?.NumberReady, set.Status?.UpdatedNumberScheduled ?? 0, set.Status?.NumberAvailable ?? 0));
            pod = Assert.Single(await cloud.ListAsync<Pod>(ns));
        });
        return pod!;
    }
}
