using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.EndpointSlices;

public sealed class EndpointsControllerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_WithPods_PublishesThemInBothForms()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Service(ns, "web"), Ct);
        await EventuallyAsync(async () =>
        {
            var placeholder = Assert.Single(await cloud.ListAsync<EndpointSlice>(ns));
            Assert.Empty(placeholder.Endpoints ?? []);
        });
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);

        await EventuallyAsync(async () =>
        {
            var slice = Assert.Single(await cloud.ListAsync<EndpointSlice>(ns));
            Assert.Equal(2, slice.Endpoints?.Count(e => e.Conditions is { Ready: true, Serving: true, Terminating: false }));
            Assert.Equal(("http", 8080), (slice.Ports![0].Name, slice.Ports[0].Port));
            Assert.Equal("IPv4", slice.AddressType);
            Assert.StartsWith("web-", slice.Metadata.Name, StringComparison.Ordinal);
            Assert.Equal("web", slice.Metadata.Labels!["kubernetes.io/service-name"]);
            Assert.Equal("endpointslice-controller.k8s.io", slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]);
            Assert.Equal("a", slice.Metadata.Labels["team"]);
            Assert.Equal("Service", Assert.Single(slice.Metadata.OwnerReferences!).Kind);
            Assert.Equal(2, (await cloud.Client.GetAsync<Endpoints>(ns, "web", Ct)).Subsets?[0].Addresses?.Count);
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Endpoints_WrittenByHand_AreMirrored_AndFollowed()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = ns, Name = "far" }, Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }] } }, Ct);
        var endpoints = new Endpoints
        {
            Metadata = new ObjectMeta { Namespace = ns, Name = "far", Labels = new() { ["team"] = "a" } },
            Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = "10.1.2.3" }], NotReadyAddresses = [new EndpointAddress { Ip = "10.1.2.4" }], Ports = [new Kinds.Core.EndpointPort { Port = 8080 }] }],
        };
        var written = await cloud.Client.CreateAsync(endpoints, Ct);
        await EventuallyAsync(async () =>
        {
            var slice = Assert.Single(await cloud.ListAsync<EndpointSlice>(ns));
            Assert.Equal([("10.1.2.3", true), ("10.1.2.4", false)], slice.Endpoints!.Select(e => (e.Addresses![0], e.Conditions!.Ready!.Value)).Order());
            Assert.Equal(8080, Assert.Single(slice.Ports!).Port);
            Assert.Equal(("far", "endpointslicemirroring-controller.k8s.io", "a"), (slice.Metadata.Labels!["kubernetes.io/service-name"], slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"], slice.Metadata.Labels["team"]));
            Assert.Equal("Endpoints", Assert.Single(slice.Metadata.OwnerReferences!).Kind);
        });
        await cloud.AssertQuietAsync();

        written.Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = "10.1.2.5" }], Ports = [new Kinds.Core.EndpointPort { Port = 8080 }] }];
        await cloud.Client.UpdateAsync(written, Ct);
        await EventuallyAsync(async () => Assert.Equal(["10.1.2.5"], Assert.Single(await cloud.ListAsync<EndpointSlice>(ns)).Endpoints!.Select(e => e.Addresses![0])));

        await cloud.Client.DeleteAsync<Endpoints>(ns, "far", null, Ct);
        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<EndpointSlice>(ns)));
    }

    [Fact]
    public async Task Service_Deleted_TakesItsEndpointsAlong()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Service(ns, "web"), Ct);
        await EventuallyAsync(async () =>
        {
            Assert.Single(await cloud.ListAsync<EndpointSlice>(ns));
            Assert.Single(await cloud.ListAsync<Endpoints>(ns));
        });

        await cloud.Client.DeleteAsync<Service>(ns, "web", null, Ct);

        await EventuallyAsync(
            async () =>
            {
                Assert.Empty(await cloud.ListAsync<EndpointSlice>(ns));
                Assert.Empty(await cloud.ListAsync<Endpoints>(ns));
            });
    }

    [Fact]
    public async Task Service_PodLeavesTheSelector_IsNoLongerAnEndpoint()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Service(ns, "web"), Ct);
        await cloud.Client.CreateAsync(Make.Pod(ns, "p", "web"), Ct);
        await EventuallyAsync(async () => Assert.Single(Assert.Single(await cloud.ListAsync<EndpointSlice>(ns)).Endpoints ?? []));

        await cloud.Client.PatchAsync<Pod>(ns, "p", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = null } } }, null, Ct);

        await EventuallyAsync(async () => Assert.Empty(Assert.Single(await cloud.ListAsync<EndpointSlice>(ns)).Endpoints ?? []));
    }

    [Fact]
    public async Task Endpoints_WrittenByHandWithoutService_AreLeftAlone()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new Endpoints { Metadata = new ObjectMeta { Name = "mine", Namespace = ns }, Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = "192.0.2.1" }] }] }, Ct);

        await cloud.AssertQuietAsync();

        Assert.Single(await cloud.ListAsync<Endpoints>(ns));
    }
}
