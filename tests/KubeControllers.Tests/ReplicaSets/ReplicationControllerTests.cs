using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.ReplicaSets;

/// <summary>What Kubernetes' own tests of the garbage collector and of ReplicationControllers do, with fewer pods.</summary>
public sealed class ReplicationControllerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Controller_MatchingOrphan_IsAdoptedAndReleasedWhenItNoLongerMatches()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Pod(ns, "orphan", "web"), Ct);
        await CreateAsync(ns, "web", 1);
        await EventuallyAsync(async () =>
        {
            var owner = Assert.Single((await cloud.Client.GetAsync<Pod>(ns, "orphan", Ct)).Metadata.OwnerReferences ?? []);
            Assert.Equal(("v1", "ReplicationController", "web", true), (owner.ApiVersion, owner.Kind, owner.Name, owner.Controller));
        });

        await cloud.Client.PatchAsync<Pod>(ns, "orphan", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "other" } } }, null, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Null((await cloud.Client.GetAsync<Pod>(ns, "orphan", Ct)).Metadata.OwnerReferences);
            Assert.Equal(1, (await cloud.Client.GetAsync<ReplicationController>(ns, "web", Ct)).Status?.ReadyReplicas);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Controller_PodsRefused_TellsOfItUntilTheyAreNot()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "web", 1, rc => rc.Spec!.Template!.Spec!.ServiceAccountName = "late");
        await EventuallyAsync(async () =>
        {
            var condition = Assert.Single((await cloud.Client.GetAsync<ReplicationController>(ns, "web", Ct)).Status?.Conditions ?? []);
            Assert.Equal(("ReplicaFailure", "True", "FailedCreate"), (condition.Type, condition.Status, condition.Reason));
        });

        await cloud.Client.PatchAsync<ReplicationController>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 0 } }, null, Ct);

        await EventuallyAsync(async () => Assert.Null((await cloud.Client.GetAsync<ReplicationController>(ns, "web", Ct)).Status?.Conditions));
    }

    [Fact]
    public async Task Controller_Scaled_KeepsThatMany()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "web", 3);
        await ReadyAsync(ns, "web", 3);

        await cloud.Client.PatchAsync<ReplicationController>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 1 } }, "scale", Ct);

        await EventuallyAsync(async () => Assert.Single(await cloud.ListAsync<Pod>(ns)));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Controller_DeletedInBackground_TakesItsPodsAlong()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "web", 3);
        await ReadyAsync(ns, "web", 3);

        await DeleteAsync(ns, "web", "Background");

        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<Pod>(ns)));
    }

    [Theory]
    [InlineData("Orphan")]
    [InlineData(null)]
    public async Task Controller_DeletedWithOrphanOrNothingSaid_LeavesItsPods(string? policy)
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "web", 3);
        await ReadyAsync(ns, "web", 3);

        await DeleteAsync(ns, "web", policy);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ReplicationController>(ns, "web", Ct)));
        await cloud.AssertQuietAsync();
        var pods = await cloud.ListAsync<Pod>(ns);
        Assert.Equal(3, pods.Count);
        Assert.All(pods, p => Assert.Null(p.Metadata.OwnerReferences));
    }

    [Fact]
    public async Task Controller_DeletedInForeground_StaysUntilTheLastPodIsGone()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "web", 2);
        await ReadyAsync(ns, "web", 2);
        var held = (await cloud.ListAsync<Pod>(ns))[0].Metadata.Name!;
        await SetFinalizersAsync(ns, held, "ex.com/held");

        await DeleteAsync(ns, "web", "Foreground");

        await EventuallyAsync(async () => Assert.Equal(held, Assert.Single(await cloud.ListAsync<Pod>(ns)).Metadata.Name));
        await cloud.AssertQuietAsync();
        var waiting = await cloud.Client.GetAsync<ReplicationController>(ns, "web", Ct);
        Assert.Equal(["foregroundDeletion"], waiting.Metadata.Finalizers!);
        await SetFinalizersAsync(ns, held);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ReplicationController>(ns, "web", Ct)));
    }

    [Fact]
    public async Task Pods_WithAnotherOwnerThatStays_OutliveTheOneThatWaitsForThem()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "goes", 4);
        var stays = await CreateAsync(ns, "stays", 0);
        await ReadyAsync(ns, "goes", 4);
        var shared = (await cloud.ListAsync<Pod>(ns)).Take(2).Select(p => p.Metadata.Name!).Order().ToList();
        foreach (var name in shared)
        {
            await AddOwnerAsync(ns, name, new OwnerReference { ApiVersion = "v1", Kind = "ReplicationController", Name = "stays", Uid = stays.Metadata.Uid });
        }

        await DeleteAsync(ns, "goes", "Foreground");

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ReplicationController>(ns, "goes", Ct)));
        await cloud.AssertQuietAsync();
        var left = await cloud.ListAsync<Pod>(ns);
        Assert.Equal(shared, left.Select(p => p.Metadata.Name!).Order());
        Assert.All(left, p => Assert.Equal("stays", Assert.Single(p.Metadata.OwnerReferences!).Name));
    }

    [Fact]
    public async Task Pods_InACircleOfOwners_GoWhenOneIsDeleted()
    {
        var ns = await cloud.NamespaceAsync();
        var pods = new List<Pod>();
        for (var i = 1; i <= 3; i++)
        {
            pods.Add(await cloud.Client.CreateAsync(Make.Pod(ns, $"pod{i}"), Ct));
        }

        for (var i = 0; i < 3; i++)
        {
            var owner = pods[(i + 2) % 3].Metadata;
            await AddOwnerAsync(ns, pods[i].Metadata.Name!, new OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = owner.Name, Uid = owner.Uid, Controller = true, BlockOwnerDeletion = true });
        }

        await cloud.Client.DeleteAsync<Pod>(ns, "pod1", new DeleteOptions { PropagationPolicy = "Foreground" }, Ct);

        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<Pod>(ns)));
    }

    private Task<ReplicationController> CreateAsync(string ns, string name, int replicas, Action<ReplicationController>? change = null)
    {
        var rc = new ReplicationController
        {
            Metadata = new ObjectMeta { Name = name, Namespace = ns },
            Spec = new ReplicationControllerSpec { Replicas = replicas, Selector = new() { ["app"] = name }, Template = Make.Template(name) },
        };
        change?.Invoke(rc);
        return cloud.Client.CreateAsync(rc, Ct);
    }

    private Task ReadyAsync(string ns, string name, int count) =>
        EventuallyAsync(async () => Assert.Equal(count, (await cloud.Client.GetAsync<ReplicationController>(ns, name, Ct)).Status?.ReadyReplicas));

    private Task DeleteAsync(string ns, string name, string? policy) =>
        cloud.Client.DeleteAsync<ReplicationController>(ns, name, policy is null ? null : new DeleteOptions { PropagationPolicy = policy }, Ct);

    private Task SetFinalizersAsync(string ns, string pod, params string[] finalizers) =>
        cloud.Client.PatchAsync<Pod>(ns, pod, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]) } }, null, Ct);

    private async Task AddOwnerAsync(string ns, string pod, OwnerReference owner)
    {
        var known = (await cloud.Client.GetAsync<Pod>(ns, pod, Ct)).Metadata.OwnerReferences ?? [];
        var owners = JsonSerializer.SerializeToNode<List<OwnerReference>>([.. known, owner], KubeJson.Options);
        await cloud.Client.PatchAsync<Pod>(ns, pod, new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = owners } }, null, Ct);
    }
}
