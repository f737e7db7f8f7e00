using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class DeploymentReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deployment_New_BecomesAvailableAndThenNothingIsWritten()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 3), Ct);

        await EventuallyAsync(async () =>
        {
            var deployment = await cloud.Client.GetAsync<Deployment>(ns, "web", Ct);
            Assert.Equal(3, deployment.Status?.AvailableReplicas);
            Assert.Equal(deployment.Metadata.Generation, deployment.Status!.ObservedGeneration);
            Assert.Equal("1", deployment.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
            Assert.Equal("NewReplicaSetAvailable", deployment.Status.Conditions!.Find(c => c.Type == "Progressing")!.Reason);
            Assert.Equal("True", deployment.Status.Conditions.Find(c => c.Type == "Available")!.Status);
        });
        var set = Assert.Single(await cloud.ListAsync<ReplicaSet>(ns));
        Assert.Equal("3", set.Metadata.Annotations!["deployment.kubernetes.io/desired-replicas"]);
        Assert.Equal("4", set.Metadata.Annotations["deployment.kubernetes.io/max-replicas"]);
        Assert.StartsWith("web-", set.Metadata.Name, StringComparison.Ordinal);
        await cloud.AssertQuietAsync();
        var events = await cloud.ListAsync<Event>(ns);
        Assert.Contains(events, e => e.Reason == "ScalingReplicaSet" && e.Message == $"Scaled up replica set {set.Metadata.Name} from 0 to 3" && e.Source?.Component == "deployment-controller");
        Assert.Equal(3, events.Count(e => e.Reason == "SuccessfulCreate"));
    }

    [Fact]
    public async Task Deployment_NewTemplate_RollsWithoutFallingBelowItsMinimum()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 4), Ct);
        await AvailableAsync(ns, 4);
        var fewest = int.MaxValue;
        await cloud.Client.PatchAsync<Deployment>(ns, "web", Image("hello:2"), null, Ct);

        await EventuallyAsync(async () =>
        {
            var pods = await cloud.ListAsync<Pod>(ns);
            fewest = Math.Min(fewest, pods.Count(p => p.Metadata.DeletionTimestamp is null && p.Status?.Conditions?.Exists(c => c is { Type: "Ready", Status: "True" }) == true));
            Assert.All(pods, p => Assert.Equal("hello:2", p.Spec!.Containers![0].Image));
            Assert.Equal(4, pods.Count);
        });
        Assert.InRange(fewest, 3, 4);
        var sets = await cloud.ListAsync<ReplicaSet>(ns);
        Assert.Equal([0, 4], sets.Select(s => s.Spec!.Replicas!.Value).Order());
        await EventuallyAsync(async () => Assert.Equal("2", (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Metadata.Annotations!["deployment.kubernetes.io/revision"]));

        await cloud.Client.PatchAsync<Deployment>(ns, "web", Image("hello:1"), null, Ct);
        await EventuallyAsync(async () =>
        {
            var back = (await cloud.ListAsync<ReplicaSet>(ns)).Find(s => s.Spec!.Template!.Spec!.Containers![0].Image == "hello:1")!;
            Assert.Equal(4, back.Status?.AvailableReplicas);
            Assert.Equal("3", back.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
            Assert.Equal("1", back.Metadata.Annotations["deployment.kubernetes.io/revision-history"]);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Deployment_Scaled_FollowsInBothDirections()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 1), Ct);
        await AvailableAsync(ns, 1);

        await cloud.Client.PatchAsync<Deployment>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 5 } }, null, Ct);
        await AvailableAsync(ns, 5);
        await cloud.Client.PatchAsync<Deployment>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 0 } }, null, Ct);

        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<Pod>(ns)));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Deployment_Recreate_NeverRunsOldAndNewTogether()
    {
        var ns = await cloud.NamespaceAsync();
        var deployment = Make.Deployment(ns, "web", 2);
        deployment.Spec!.Strategy = new DeploymentStrategy { Type = "Recreate" };
        await cloud.Client.CreateAsync(deployment, Ct);
        await AvailableAsync(ns, 2);
        await cloud.Client.PatchAsync<Deployment>(ns, "web", Image("hello:2"), null, Ct);

        var wereTogether = false;
        await EventuallyAsync(async () =>
        {
            var pods = await cloud.ListAsync<Pod>(ns);
            wereTogether |= pods.Select(p => p.Spec!.Containers![0].Image).Distinct().Count() > 1;
            Assert.Equal(2, pods.Count(p => p.Spec!.Containers![0].Image == "hello:2"));
        });
        Assert.False(wereTogether);
        await AvailableAsync(ns, 2);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Deployment_Paused_DoesNotRollUntilResumed()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 1), Ct);
        await AvailableAsync(ns, 1);
        var patch = Image("hello:2");
        patch["spec"]!["paused"] = true;
        await cloud.Client.PatchAsync<Deployment>(ns, "web", patch, null, Ct);

        await EventuallyAsync(async () => Assert.Equal("DeploymentPaused", (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Status!.Conditions!.Find(c => c.Type == "Progressing")!.Reason));
        await cloud.AssertQuietAsync();
        Assert.Single(await cloud.ListAsync<ReplicaSet>(ns));

        await cloud.Client.PatchAsync<Deployment>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["paused"] = null } }, null, Ct);
        await EventuallyAsync(async () => Assert.Equal(2, (await cloud.ListAsync<ReplicaSet>(ns)).Count));
        await AvailableAsync(ns, 1);
    }

    [Fact]
    public async Task Deployment_DeletedInForeground_GoesAfterItsPods()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);
        await AvailableAsync(ns, 2);

        await cloud.Client.DeleteAsync<Deployment>(ns, "web", new DeleteOptions { PropagationPolicy = "Foreground" }, Ct);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Deployment>(ns, "web", Ct)));
        Assert.Empty(await cloud.ListAsync<Pod>(ns));
        Assert.Empty(await cloud.ListAsync<ReplicaSet>(ns));
    }

    [Fact]
    public async Task Deployment_MadeAgainAfterOrphaning_TakesItsSetBack()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);
        await AvailableAsync(ns, 2);
        var pods = (await cloud.ListAsync<Pod>(ns)).Select(p => p.Metadata.Uid).Order().ToList();
        await cloud.Client.DeleteAsync<Deployment>(ns, "web", new DeleteOptions { PropagationPolicy = "Orphan" }, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Deployment>(ns, "web", Ct)));
        Assert.Null(Assert.Single(await cloud.ListAsync<ReplicaSet>(ns)).Metadata.OwnerReferences);

        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);

        await AvailableAsync(ns, 2);
        Assert.NotNull(Assert.Single(await cloud.ListAsync<ReplicaSet>(ns)).Metadata.OwnerReferences);
        Assert.Equal(pods, (await cloud.ListAsync<Pod>(ns)).Select(p => p.Metadata.Uid).Order());
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Deployment_NameOfItsSetTaken_TakesAnother()
    {
        var ns = await cloud.NamespaceAsync();
        var deployment = Make.Deployment(ns, "web", 1);
        deployment.Spec!.Paused = true;
        var created = await cloud.Client.CreateAsync(deployment, Ct);
        var taken = $"web-{TemplateHash.Of(created.Spec!.Template!, null)}";
        await cloud.Client.CreateAsync(new ReplicaSet { Metadata = new ObjectMeta { Name = taken, Namespace = ns }, Spec = new ReplicaSetSpec { Replicas = 0, Selector = new LabelSelector { MatchLabels = new() { ["app"] = "other" } }, Template = Make.Template("other") } }, Ct);

        await cloud.Client.PatchAsync<Deployment>(ns, "web", new JsonObject { ["spec"] = new JsonObject { ["paused"] = null } }, null, Ct);

        await AvailableAsync(ns, 1);
        Assert.Equal(1, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Status!.CollisionCount);
        await cloud.AssertQuietAsync();
    }

    private static JsonObject Image(string image) => new()
    {
        ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = JsonSerializer.SerializeToNode(Make.PodSpec(image).Containers, KubeJson.Options) } } },
    };

    private Task AvailableAsync(string ns, int replicas) => EventuallyAsync(async () =>
    {
        var deployment = await cloud.Client.GetAsync<Deployment>(ns, "web", Ct);
        Assert.Equal(replicas, deployment.Status?.AvailableReplicas);
        Assert.Equal(replicas, deployment.Status!.Replicas);
        Assert.Equal("NewReplicaSetAvailable", deployment.Status.Conditions!.Find(c => c.Type == "Progressing")!.Reason);
    });
}
