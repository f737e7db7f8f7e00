using System.Text.Json.Nodes;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.ReplicaSets;

public sealed class ReplicaSetReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Set_MatchingOrphan_IsAdoptedAndCounts()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Pod(ns, "orphan", "web"), Ct);
        await cloud.Client.CreateAsync(Set(ns, 2), Ct);

        await EventuallyAsync(async () =>
        {
            var orphan = await cloud.Client.GetAsync<Pod>(ns, "orphan", Ct);
            var owner = Assert.Single(orphan.Metadata.OwnerReferences ?? []);
            Assert.Equal(("ReplicaSet", "web", true, true), (owner.Kind, owner.Name, owner.Controller, owner.BlockOwnerDeletion));
            Assert.Equal(2, (await cloud.ListAsync<Pod>(ns)).Count);
            Assert.Equal(2, (await cloud.Client.GetAsync<ReplicaSet>(ns, "web", Ct)).Status?.ReadyReplicas);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Set_PodThatNoLongerMatches_IsReleasedAndReplaced()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns, 1), Ct);
        await EventuallyAsync(async () => Assert.Single(await cloud.ListAsync<Pod>(ns)));
        var pod = (await cloud.ListAsync<Pod>(ns))[0];

        await cloud.Client.PatchAsync<Pod>(ns, pod.Metadata.Name!, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "debug" } } }, null, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Null((await cloud.Client.GetAsync<Pod>(ns, pod.Metadata.Name!, Ct)).Metadata.OwnerReferences);
            Assert.Equal(2, (await cloud.ListAsync<Pod>(ns)).Count);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Set_HundredReplicas_AreMadeOnceAndNoMore()
    {
        var ns = await cloud.NamespaceAsync();
        var (made, gone) = (0, 0);
        await using var informers = new InformerFactory(cloud.Client, cloud.Server.Loggers);
        informers.For<Pod>($"metadata.namespace={ns}").OnChange((old, now) =>
        {
            made += old is null ? 1 : 0;
            gone += now is null ? 1 : 0;
        });
        informers.Start();
        await cloud.Client.CreateAsync(Set(ns, 100), Ct);

        await EventuallyAsync(async () => Assert.Equal(100, (await cloud.Client.GetAsync<ReplicaSet>(ns, "web", Ct)).Status?.ReadyReplicas));

        await cloud.AssertQuietAsync();
        Assert.Equal((100, 0), (made, gone));

        // Of what is much the same the store keeps a part.
        Assert.Equal(25, (await cloud.ListAsync<Event>(ns)).Count(e => e.Reason == "SuccessfulCreate"));
    }

    [Fact]
    public async Task Set_PodsRefused_TellsOfItInStatusAndEvent()
    {
        var ns = await cloud.NamespaceAsync();
        var set = Set(ns, 1);
        set.Spec!.Template!.Spec!.ServiceAccountName = "missing";
        await cloud.Client.CreateAsync(set, Ct);

        await EventuallyAsync(async () =>
        {
            var condition = Assert.Single((await cloud.Client.GetAsync<ReplicaSet>(ns, "web", Ct)).Status?.Conditions ?? []);
            Assert.Equal(("ReplicaFailure", "True", "FailedCreate"), (condition.Type, condition.Status, condition.Reason));
            Assert.Contains("serviceaccount \"missing\" not found", condition.Message, StringComparison.Ordinal);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "FailedCreate", Type: "Warning" });
        });
    }

    [Fact]
    public async Task Set_DeletedWithOrphan_LeavesItsPods()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns, 2), Ct);
        await EventuallyAsync(async () => Assert.Equal(2, (await cloud.ListAsync<Pod>(ns)).Count));

        await cloud.Client.DeleteAsync<ReplicaSet>(ns, "web", new DeleteOptions { PropagationPolicy = "Orphan" }, Ct);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ReplicaSet>(ns, "web", Ct)));
        Assert.All(await cloud.ListAsync<Pod>(ns), p => Assert.Null(p.Metadata.OwnerReferences));
        Assert.Equal(2, (await cloud.ListAsync<Pod>(ns)).Count);
        await cloud.AssertQuietAsync();
    }

    private static ReplicaSet Set(string ns, int replicas) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = ns },
        Spec = new ReplicaSetSpec { Replicas = replicas, Selector = new LabelSelector { MatchLabels = new() { ["app"] = "web" } }, Template = Make.Template("web") },
    };
}
