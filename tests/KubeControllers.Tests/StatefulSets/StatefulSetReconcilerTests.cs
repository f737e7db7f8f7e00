using System.Text.Json.Nodes;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
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
    public async Task Set_WithVolumeClaims_IsRefusedByAnEvent()
    {
        var ns = await cloud.NamespaceAsync();
        var set = Set(ns, 1);
        set.Spec!.VolumeClaimTemplates = [new PersistentVolumeClaim { Metadata = new ObjectMeta { Name = "data" }, Spec = new PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], Resources = new VolumeResourceRequirements { Requests = new() { ["storage"] = Sealos.Objects.Meta.Quantity.Parse("1Gi") } } } }];
        await cloud.Client.CreateAsync(set, Ct);

        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Message == "spec.volumeClaimTemplates is not supported yet; no pods are made"));
        Assert.Empty(await cloud.ListAsync<Pod>(ns));
    }

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
