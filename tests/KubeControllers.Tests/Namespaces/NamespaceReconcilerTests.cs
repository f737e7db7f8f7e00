using System.Text.Json.Nodes;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Namespaces;

public sealed class NamespaceReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Namespace_New_GetsItsDefaultsAndGetsThemBack()
    {
        var ns = await cloud.NamespaceAsync();
        await EventuallyAsync(async () => Assert.Equal(cloud.Server.RootPem, (await cloud.Client.GetAsync<ConfigMap>(ns, "kube-root-ca.crt", Ct)).Data!["ca.crt"]));

        await cloud.Client.DeleteAsync<ServiceAccount>(ns, "default", null, Ct);
        await cloud.Client.PatchAsync<ConfigMap>(ns, "kube-root-ca.crt", new JsonObject { ["data"] = new JsonObject { ["ca.crt"] = "wrong", ["more"] = "x" } }, null, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.NotNull(await cloud.Client.FindAsync<ServiceAccount>(ns, "default", Ct));
            Assert.Equal(cloud.Server.RootPem, Assert.Single((await cloud.Client.GetAsync<ConfigMap>(ns, "kube-root-ca.crt", Ct)).Data!).Value);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Namespace_DeletedWithContents_IsGoneSoon()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 3), Ct);
        await cloud.Client.CreateAsync(Make.Service(ns, "web"), Ct);
        await cloud.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "c", Namespace = ns } }, Ct);
        await EventuallyAsync(async () => Assert.Equal(3, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Status?.AvailableReplicas));

        await cloud.Client.DeleteAsync<Namespace>(null, ns, null, Ct);

        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Namespace>(null, ns, Ct)), seconds: 5);
        Assert.Empty(await cloud.ListAsync<Pod>(ns));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Namespace_HeldByAFinalizer_SaysSoAndGoesWhenItIsReleased()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "held", Namespace = ns, Finalizers = ["ex.com/f"] } }, Ct);

        await cloud.Client.DeleteAsync<Namespace>(null, ns, null, Ct);

        await EventuallyAsync(async () =>
        {
            var remaining = (await cloud.Client.GetAsync<Namespace>(null, ns, Ct)).Status?.Conditions?.Find(c => c.Type == "NamespaceContentRemaining");
            Assert.Equal("Some resources are remaining: configmaps. has 1 resource instances", remaining?.Message);
        });
        await cloud.Client.PatchAsync<ConfigMap>(ns, "held", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, null, Ct);
        await EventuallyAsync(async () => Assert.Null(await cloud.Client.FindAsync<Namespace>(null, ns, Ct)), seconds: 5);
    }
}
