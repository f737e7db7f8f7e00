using System.Text.Json.Nodes;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.StatefulSets;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.StatefulSets;

public sealed class StatefulSetReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Set_New_ComesUpInOrderUpdatesFromTheTopAndShrinksFromTheTop()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Set(ns, 3), Ct);
        await ReadyAsync(ns, 3);
        await cloud.AssertQuietAsync();
        var first = await cloud.ListAsync<Pod>(ns);
        Assert.Equal(["db-0", "db-1", "db-2"], first.OrderBy(p => Version(p.Metadata)).Select(p => p.Metadata.Name));

        await cloud.Client.PatchAsync<StatefulSet>(ns, "db", new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "db", ["version"] = "2" } } } } }, null, Ct);
        await EventuallyAsync(async () => Assert.All(await cloud.ListAsync<Pod>(ns), p => Assert.Equal("2", p.Metadata.Labels!.GetValueOrDefault("version"))));
        await ReadyAsync(ns, 3);
        Assert.Equal(2, (await cloud.ListAsync<ControllerRevision>(ns)).Count);

        await cloud.Client.PatchAsync<StatefulSet>(ns, "db", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 1 } }, null, Ct);
        await EventuallyAsync(async () => Assert.Equal("db-0", Assert.Single(await cloud.ListAsync<Pod>(ns)).Metadata.Name));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Set_WithVolumeClaims_KeepsThemAsItsPolicySays()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.ProvisionAsync(ns);
        var set = Set(ns, 2);
        set.Spec!.VolumeClaimTemplates = [new PersistentVolumeClaim { Metadata = new ObjectMeta { Name = "data" }, Spec = Make.Claim(ns, "x").Spec }];
        set.Spec.PersistentVolumeClaimRetentionPolicy = new StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = "Delete", WhenScaled = "Delete" };
        await cloud.Client.CreateAsync(set, Ct);
        await ReadyAsync(ns, 2);

        var claims = await cloud.ListAsync<PersistentVolumeClaim>(ns);
        Assert.Equal(["data-db-0", "data-db-1"], claims.Select(c => c.Metadata.Name).Order());
        Assert.All(claims, c => Assert.Equal(("StatefulSet", "Bound"), (Assert.Single(c.Metadata.OwnerReferences!).Kind, c.Status!.Phase)));
        Assert.Equal("data-db-0", (await cloud.Client.GetAsync<Pod>(ns, "db-0", Ct)).Spec!.Volumes![0].PersistentVolumeClaim!.ClaimName);

        await cloud.Client.PatchAsync<StatefulSet>(ns, "db", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 1 } }, null, Ct);
        await EventuallyAsync(async () => Assert.Equal("data-db-0", Assert.Single(await cloud.ListAsync<PersistentVolumeClaim>(ns)).Metadata.Name));
        await cloud.AssertQuietAsync();

        await ScaleAsync(ns, 2);
        await ReadyAsync(ns, 2);
        await ScaleAsync(ns, 1);
        await EventuallyAsync(async () => Assert.Equal("db-0", Assert.Single(await cloud.ListAsync<Pod>(ns)).Metadata.Name));
        await ScaleAsync(ns, 2);
        await ReadyAsync(ns, 2);
        Assert.All(await cloud.ListAsync<PersistentVolumeClaim>(ns), c => Assert.Equal((null, "StatefulSet"), (c.Metadata.DeletionTimestamp, Assert.Single(c.Metadata.OwnerReferences!).Kind)));

        await cloud.Client.DeleteAsync<StatefulSet>(ns, "db", null, Ct);
        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<PersistentVolumeClaim>(ns)));
    }

    [Theory]
    [InlineData("v1", "Pod", "db-1", true)]
    [InlineData("v1", "Pod", "db-2", false)]
    [InlineData("apps/v1", "StatefulSet", "db-1", false)]
    public void Claim_OfAPodThatIsGone_IsNotForTheNext(string version, string kind, string name, bool isFormer)
    {
        var claim = Make.Claim("ns", "data-db-1");
        Assert.Null(StatefulClaims.FormerPodOf(claim, "db-1"));
        claim.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = version, Kind = kind, Name = name, Uid = "u" }];

        Assert.Equal(isFormer, StatefulClaims.FormerPodOf(claim, "db-1") is not null);
    }

    private async Task ScaleAsync(string ns, int replicas) =>
        await cloud.Client.PatchAsync<StatefulSet>(ns, "db", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, null, Ct);

    private static StatefulSet Set(string ns, int replicas) => new()
    {
        Metadata = new ObjectMeta { Name = "db", Namespace = ns },
        Spec = new StatefulSetSpec { Replicas = replicas, ServiceName = "db", Selector = new LabelSelector { MatchLabels = new() { ["app"] = "db" } }, Template = Make.Template("db") },
    };

    private static long Version(ObjectMeta metadata) => metadata.CreationTimestamp!.Value.Ticks;

    private Task ReadyAsync(string ns, int replicas) => EventuallyAsync(async () =>
    {
        var status = (await cloud.Client.GetAsync<StatefulSet>(ns, "db", Ct)).Status;
        Assert.Equal((replicas, replicas, replicas, replicas), (status?.Replicas, status?.ReadyReplicas, status?.UpdatedReplicas, status?.CurrentReplicas));
        Assert.Equal(status!.UpdateRevision, status.CurrentRevision);
    });
}
