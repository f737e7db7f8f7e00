using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.GarbageCollector;

public sealed class GarbageReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    // Well before the kinds are looked at again, so that only what was seen to change can have brought it about.
    private const int Soon = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Owner_Deleted_TakesADependentOfAnotherKindAlongAtOnce()
    {
        var ns = await cloud.NamespaceAsync();
        var owner = await CreateAsync(ns, "owner");
        await cloud.Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "dependent", Namespace = ns, OwnerReferences = [Reference(owner)] } }, Ct);
        await cloud.AssertQuietAsync();

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "owner", new DeleteOptions { PropagationPolicy = "Background" }, Ct);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Secret>(ns, "dependent", Ct)), seconds: Soon);
    }

    [Fact]
    public async Task Dependent_OfAnOwnerThatNeverWas_Goes()
    {
        var ns = await cloud.NamespaceAsync();
        await CreateAsync(ns, "dependent", new OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "nobody", Uid = "00000000-0000-0000-0000-000000000001" });

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ConfigMap>(ns, "dependent", Ct)), seconds: Soon);
    }

    [Fact]
    public async Task Dependent_WithAnotherOwnerLeft_LosesOnlyTheReference()
    {
        var ns = await cloud.NamespaceAsync();
        var first = await CreateAsync(ns, "first");
        var second = await CreateAsync(ns, "second");
        await CreateAsync(ns, "dependent", Reference(first), Reference(second));

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "first", null, Ct);

        await EventuallyAsync(async () => Assert.Equal("second", Assert.Single((await cloud.Client.GetAsync<ConfigMap>(ns, "dependent", Ct)).Metadata.OwnerReferences!).Name));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Owner_DeletedInForeground_WaitsForABlockingDependentThatIsHeld()
    {
        var ns = await cloud.NamespaceAsync();
        var owner = await CreateAsync(ns, "owner");
        var held = new ConfigMap { Metadata = new ObjectMeta { Name = "held", Namespace = ns, Finalizers = ["ex.com/f"], OwnerReferences = [Reference(owner)] } };
        await cloud.Client.CreateAsync(held, Ct);

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "owner", new DeleteOptions { PropagationPolicy = "Foreground" }, Ct);

        await EventuallyAsync(async () => Assert.NotNull((await cloud.Client.GetAsync<ConfigMap>(ns, "held", Ct)).Metadata.DeletionTimestamp));
        await cloud.AssertQuietAsync();
        Assert.NotNull(await cloud.Client.FindAsync<ConfigMap>(ns, "owner", Ct));

        await cloud.Client.PatchAsync<ConfigMap>(ns, "held", new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["finalizers"] = null } }, null, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ConfigMap>(ns, "owner", Ct)), seconds: Soon);
    }

    [Fact]
    public async Task Owner_DeletedWithOrphan_LeavesItsDependents()
    {
        var ns = await cloud.NamespaceAsync();
        var owner = await CreateAsync(ns, "owner");
        await CreateAsync(ns, "dependent", Reference(owner));

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "owner", new DeleteOptions { PropagationPolicy = "Orphan" }, Ct);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<ConfigMap>(ns, "owner", Ct)));
        Assert.Null((await cloud.Client.GetAsync<ConfigMap>(ns, "dependent", Ct)).Metadata.OwnerReferences);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Circle_DeletedInForeground_DoesNotWaitForEver()
    {
        var ns = await cloud.NamespaceAsync();
        var first = await CreateAsync(ns, "first");
        var second = await CreateAsync(ns, "second", Reference(first));
        await cloud.Client.PatchAsync<ConfigMap>(ns, "first", new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["ownerReferences"] = System.Text.Json.JsonSerializer.SerializeToNode(new[] { Reference(second) }, KubeJson.Options) } }, null, Ct);

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "first", new DeleteOptions { PropagationPolicy = "Foreground" }, Ct);

        await EventuallyAsync(
            async () =>
            {
                Assert.Null(await cloud.Client.FindAsync<ConfigMap>(ns, "first", Ct));
                Assert.Null(await cloud.Client.FindAsync<ConfigMap>(ns, "second", Ct));
            },
            seconds: Soon);
    }

    [Fact]
    public async Task ClusterObject_WithANamespacedOwner_IsKeptAndReported()
    {
        var ns = await cloud.NamespaceAsync();
        var owner = await CreateAsync(ns, "owner");
        var name = $"n-{ns}";
        await cloud.Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = name, OwnerReferences = [Reference(owner)] } }, Ct);

        await cloud.Client.DeleteAsync<ConfigMap>(ns, "owner", null, Ct);

        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>("default"), e => e.Reason == "OwnerRefInvalidNamespace" && e.InvolvedObject?.Name == name));
        Assert.Null((await cloud.Client.GetAsync<Namespace>(null, name, Ct)).Metadata.DeletionTimestamp);
    }

    private static OwnerReference Reference(ConfigMap owner) => new() { ApiVersion = "v1", Kind = "ConfigMap", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, BlockOwnerDeletion = true };

    private Task<ConfigMap> CreateAsync(string ns, string name, params OwnerReference[] owners) =>
        cloud.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = ns, OwnerReferences = owners.Length == 0 ? null : [.. owners] } }, Ct);
}
