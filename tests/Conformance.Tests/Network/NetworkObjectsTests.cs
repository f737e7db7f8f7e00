using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>The objects that networks are told by, through their lives.</summary>
public sealed class NetworkObjectsTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    [Theory]
    [InlineData("networking.k8s.io/v1", "ingresses", "\"ingressClassName\":\"somebody-elses\",\"defaultBackend\":{\"service\":{\"name\":\"s\",\"port\":{\"number\":80}}}")]
    [InlineData("networking.k8s.io/v1", "ingressclasses", "\"controller\":\"example.com/c\"")]
    [InlineData("networking.k8s.io/v1", "networkpolicies", "\"podSelector\":{}")]
    [InlineData("discovery.k8s.io/v1", "endpointslices", null)]
    [Upstream("[sig-network] Ingress API should support creating Ingress API operations [Conformance]")]
    [Upstream("[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]")]
    [Upstream("[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]")]
    public async Task Object_IsMadeFoundWatchedChangedAndDeleted(string group, string plural, string? spec)
    {
        var resources = (await Api.GetAsync($"/apis/{group}")).Expect(200).Json["resources"]!.AsArray();
        var served = resources.Single(r => (string?)r!["name"] == plural)!;
        var root = (bool)served["namespaced"]! ? $"/apis/{group}/namespaces/{Namespace}/{plural}" : $"/apis/{group}/{plural}";
        var content = spec is null ? "\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.1.1.1\"]}],\"ports\":[]" : $"\"spec\":{{{spec}}}";
        string Named(string name) => $$"""{"metadata":{"name":"{{name}}","labels":{"story":"{{Namespace}}"} },{{content}} }""";
        var selected = $"{root}?labelSelector=story={Namespace}";

        var version = (await Api.PostAsync(root, Named($"{Namespace}-a"))).Expect(201).At("metadata.resourceVersion");
        (await Api.PostAsync(root, Named($"{Namespace}-b"))).Expect(201);
        Assert.Equal(2, (await Api.GetAsync(selected)).Json["items"]!.AsArray().Count);
        Assert.Equal("x", (await Api.PatchAsync($"{root}/{Namespace}-a", """{"metadata":{"annotations":{"patched":"x"}}}""")).Expect(200).At("metadata.annotations.patched"));
        var current = (await Api.GetAsync($"{root}/{Namespace}-a")).Json;
        current["metadata"]!["annotations"]!["updated"] = "y";
        Assert.Equal("y", (await Api.PutAsync($"{root}/{Namespace}-a", current.ToJsonString())).Expect(200).At("metadata.annotations.updated"));
        (await Api.DeleteAsync($"{root}/{Namespace}-a")).Expect(200);
        (await Api.DeleteAsync(selected)).Expect(200);
        Assert.Empty((await Api.GetAsync(selected)).Json["items"]!.AsArray());
        Assert.Equal(
            [$"ADDED {Namespace}-b", $"MODIFIED {Namespace}-a", $"MODIFIED {Namespace}-a", $"DELETED {Namespace}-a", $"DELETED {Namespace}-b"],
            await Api.CollectAsync($"{selected}&watch=true&resourceVersion={version}", 5));
    }

    [Fact]
    [Upstream("[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]")]
    [Upstream("[sig-network] Services should test the lifecycle of an Endpoint [Conformance]")]
    public async Task Endpoints_WrittenByHand_AreMirrored()
    {
        (await Api.PostAsync($"{Core}/services", """{"metadata":{"name":"own"},"spec":{"ports":[{"name":"example","port":80}]}}""")).Expect(201);
        (await Api.PostAsync($"{Core}/endpoints", """{"metadata":{"name":"own"},"subsets":[{"ports":[{"port":80}],"addresses":[{"ip":"10.1.2.3"}]}]}""")).Expect(201);
        await UntilMirroredAsync("10.1.2.3");
        (await Api.PatchAsync($"{Core}/endpoints/own", """{"subsets":[{"ports":[{"port":80}],"addresses":[{"ip":"10.2.3.4"}]}]}""")).Expect(200);
        await UntilMirroredAsync("10.2.3.4");
        (await Api.DeleteAsync($"{Core}/endpoints/own")).Expect(200);
        await UntilMirroredAsync(null);
    }

    [Fact]
    [Upstream("[sig-network] Services should provide secure master service [Conformance]")]
    [Upstream("[sig-network] Services should find a service from listing all namespaces [Conformance]")]
    [Upstream("[sig-network] EndpointSlice should have Endpoints and EndpointSlices pointing to API Server [Conformance]")]
    public async Task ApiServer_IsAServiceLikeAnyOther()
    {
        var services = (await Api.GetAsync("/api/v1/services")).Json["items"]!.AsArray();
        Assert.Contains(services, s => (string?)s!["metadata"]!["name"] == "kubernetes" && (string?)s["metadata"]!["namespace"] == "default" && (string?)s["spec"]!["ports"]![0]!["name"] == "https");
        var address = (await Api.GetAsync("/api/v1/namespaces/default/endpoints/kubernetes")).At("subsets.0.addresses.0.ip");
        Assert.NotNull(address);
        var slices = await Api.GetAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes");
        Assert.Equal(address, Assert.Single(slices.Json["items"]!.AsArray())!["endpoints"]![0]!["addresses"]![0]!.GetValue<string>());
    }

    [Fact]
    [Upstream("[sig-network] EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified [Conformance]")]
    [Upstream("[sig-network] Services should delete a collection of services [Conformance]")]
    public async Task Services_DeletedTogether_TakeTheirEndpointsAlong()
    {
        foreach (var name in new[] { "a", "b" })
        {
            (await Api.PostAsync($"{Core}/services", $$"""{"metadata":{"name":"{{name}}","labels":{"bunch":"yes"} },"spec":{"selector":{"app":"none"},"ports":[{"port":80}]} }""")).Expect(201);
        }

        await Eventually.TrueAsync("both have endpoints and a slice", async () => await CountAsync("endpoints") == 2 && await CountAsync("endpointslices") == 2, ct: Ct);
        (await Api.DeleteAsync($"{Core}/services?labelSelector=bunch=yes")).Expect(200);
        await Eventually.TrueAsync("all is gone", async () => await CountAsync("endpoints") == 0 && await CountAsync("endpointslices") == 0 && await CountAsync("services") == 0, TimeSpan.FromSeconds(30), Ct);
    }

    [Fact]
    [Upstream("[sig-network] Services should complete a service status lifecycle [Conformance]")]
    public async Task Status_OfAService_IsPatchedAndReplacedOnItsOwn()
    {
        (await Api.PostAsync($"{Core}/services", """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""")).Expect(201);
        var patched = await Api.PatchAsync($"{Core}/services/s/status", """{"metadata":{"annotations":{"patched":"true"}},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}}}""");
        Assert.Equal("203.0.113.1", patched.Expect(200).At("status.loadBalancer.ingress.0.ip"));
        var current = (await Api.GetAsync($"{Core}/services/s/status")).Expect(200).Json;
        current["status"]!["conditions"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z"}]""");
        Assert.Equal("StatusUpdate", (await Api.PutAsync($"{Core}/services/s/status", current.ToJsonString())).Expect(200).At("status.conditions.0.type"));
        Assert.Equal("true", (await Api.GetAsync($"{Core}/services/s")).At("metadata.annotations.patched"));
        (await Api.DeleteAsync($"{Core}/services/s")).Expect(200);
        await GoneAsync($"{Core}/services/s");
    }

    private Task UntilMirroredAsync(string? address) => Eventually.TrueAsync(
        $"the slice holds {address ?? "nothing"}",
        async () =>
        {
            var slices = (await Api.GetAsync($"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices?labelSelector=kubernetes.io/service-name=own")).Json["items"]!.AsArray();
            return address is null ? slices.Count == 0 : slices.Count == 1 && (string?)slices[0]!["endpoints"]?[0]?["addresses"]?[0] == address;
        },
        ct: Ct);

    private async Task<int> CountAsync(string plural) =>
        (await Api.GetAsync(plural == "endpointslices" ? $"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/{plural}" : $"{Core}/{plural}")).Json["items"]!.AsArray().Count;
}
