using Sealos.ApiServer.Tests.Support;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>What the server says of itself, and lists in pieces.</summary>
public sealed class ServerTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const int Objects = 90;

    [Fact]
    [Upstream("[sig-api-machinery] server version should find the server version [Conformance]")]
    public async Task Version_IsOfTheTargetRelease()
    {
        var version = await Api.GetAsync("/version");
        Assert.Equal(("1", "32"), (version.At("major"), version.At("minor")));
        Assert.StartsWith("v1.32.", version.At("gitVersion"), StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]")]
    public async Task PreferredVersion_IsOneOfTheGroupsVersions()
    {
        var groups = (await Api.GetAsync("/apis")).Json["groups"]!.AsArray();
        Assert.NotEmpty(groups);
        foreach (var group in groups)
        {
            var alone = await Api.GetAsync($"/apis/{group!["name"]}");
            Assert.Contains(alone.At("preferredVersion.groupVersion"), alone.Json["versions"]!.AsArray().Select(v => (string?)v!["groupVersion"]));
            Assert.Equal(alone.At("preferredVersion"), group["preferredVersion"]!.ToJsonString());
        }
    }

    [Fact]
    [Upstream("[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]")]
    public async Task EveryGroup_HoldsItsKinds()
    {
        Dictionary<string, string> expected = new()
        {
            ["/api/v1"] = "namespaces",
            ["/apis/admissionregistration.k8s.io/v1"] = "validatingwebhookconfigurations",
            ["/apis/apiextensions.k8s.io/v1"] = "customresourcedefinitions",
            ["/apis/apps/v1"] = "deployments",
            ["/apis/authentication.k8s.io/v1"] = "tokenreviews",
            ["/apis/authorization.k8s.io/v1"] = "selfsubjectaccessreviews",
            ["/apis/autoscaling/v1"] = "horizontalpodautoscalers",
            ["/apis/autoscaling/v2"] = "horizontalpodautoscalers",
            ["/apis/batch/v1"] = "jobs",
            ["/apis/coordination.k8s.io/v1"] = "leases",
            ["/apis/discovery.k8s.io/v1"] = "endpointslices",
            ["/apis/networking.k8s.io/v1"] = "ingresses",
            ["/apis/policy/v1"] = "poddisruptionbudgets",
            ["/apis/rbac.authorization.k8s.io/v1"] = "clusterroles",
            ["/apis/scheduling.k8s.io/v1"] = "priorityclasses",
        };
        foreach (var (path, plural) in expected)
        {
            var list = (await Api.GetAsync(path)).Expect(200);
            Assert.Equal(path[(path.IndexOf('/', 1) + 1)..], list.At("groupVersion"));
            Assert.Contains(plural, list.Json["resources"]!.AsArray().Select(r => (string?)r!["name"]));
        }
    }

    [Fact]
    [Upstream("[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]")]
    [Upstream("[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]")]
    public async Task AggregatedDiscovery_HoldsEveryGroupsKinds_InTwoDocuments()
    {
        string[] expected =
        [
            "admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "apiextensions.k8s.io/v1/customresourcedefinitions", "apiregistration.k8s.io/v1/apiservices",
            "apps/v1/deployments", "authentication.k8s.io/v1/tokenreviews", "authorization.k8s.io/v1/selfsubjectaccessreviews", "autoscaling/v1/horizontalpodautoscalers",
            "autoscaling/v2/horizontalpodautoscalers", "batch/v1/jobs", "certificates.k8s.io/v1/certificatesigningrequests", "coordination.k8s.io/v1/leases",
            "discovery.k8s.io/v1/endpointslices", "events.k8s.io/v1/events", "networking.k8s.io/v1/ingresses", "node.k8s.io/v1/runtimeclasses",
            "policy/v1/poddisruptionbudgets", "scheduling.k8s.io/v1/priorityclasses", "storage.k8s.io/v1/csinodes",
        ];

        // As client-go asks: the newest form first, older ones after it.
        foreach (var accept in (string[])["application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"])
        {
            Assert.Empty(expected.Except(await AggregatedAsync("/apis", accept)));
            Assert.Contains("/v1/namespaces", await AggregatedAsync("/api", accept));
        }
    }

    private async Task<List<string>> AggregatedAsync(string path, string accept)
    {
        var document = (await Api.GetAsync(path, accept)).Expect(200);
        Assert.Equal(("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"), (document.At("kind"), document.At("apiVersion")));
        Assert.Contains("as=APIGroupDiscoveryList", document.ContentHeaders.ContentType!.ToString(), StringComparison.Ordinal);
        return [.. document.Json["items"]!.AsArray().SelectMany(g => g!["versions"]!.AsArray().SelectMany(v => v!["resources"]!.AsArray().Select(r => $"{g["metadata"]?["name"]}/{v["version"]}/{r!["resource"]}")))];
    }

    [Fact]
    [Upstream("[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]")]
    public async Task TableOfAReview_IsNotAcceptable()
    {
        const string Review = """{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}""";
        var answer = await Api.SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review, accept: "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(406, answer.Code);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]")]
    public async Task List_ComesInPieces_OfOneVersion()
    {
        await FillAsync();
        var found = new List<string>();
        string? version = null, token = null;
        do
        {
            var page = (await Api.GetAsync($"{Core}/configmaps?limit=17&labelSelector=piece&continue={token}")).Expect(200);
            var names = page.Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!).ToList();
            version ??= page.At("metadata.resourceVersion");
            token = (string?)page.Json["metadata"]!["continue"];
            found.AddRange(names);
            Assert.Equal(version, page.At("metadata.resourceVersion"));
            Assert.Equal(token is null ? Objects % 17 : 17, names.Count);
            if (token is not null)
            {
                Assert.Equal(Objects - found.Count, (int?)page.Json["metadata"]!["remainingItemCount"] ?? Objects - found.Count);
            }
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, Objects).Select(i => $"piece-{i:d4}"), found);
    }

    [Fact]
    [Upstream("[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]")]
    public async Task List_WhoseStateIsForgotten_GoesOnAfterItsLastKey()
    {
        var leases = $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";
        for (var i = 0; i < 25; i++)
        {
            await LeaseAsync($"piece-{i:d4}");
        }

        var first = (await Api.GetAsync(leases + "?limit=10")).Expect(200);
        Assert.Equal("15", first.At("metadata.remainingItemCount"));
        await LeaseAsync("piece-0009-new");

        var forgotten = first;
        await Eventually.TrueAsync("the state of the first piece is forgotten", async () =>
        {
            forgotten = await Api.GetAsync($"{leases}?limit=10&continue={first.At("metadata.continue")}");
            return forgotten.Code != 200;
        }, TimeSpan.FromSeconds(120), Ct);
        Assert.Equal((410, "Expired"), (forgotten.Code, forgotten.At("reason")));

        var second = (await Api.GetAsync($"{leases}?limit=10&continue={forgotten.At("metadata.continue")}")).Expect(200);
        Assert.NotEqual(first.At("metadata.resourceVersion"), second.At("metadata.resourceVersion"));
        Assert.Equal("6", second.At("metadata.remainingItemCount"));
        var third = (await Api.GetAsync($"{leases}?limit=10&continue={second.At("metadata.continue")}")).Expect(200);
        Assert.Equal((second.At("metadata.resourceVersion"), null, null), (third.At("metadata.resourceVersion"), third.At("metadata.continue"), third.At("metadata.remainingItemCount")));
        Assert.Equal(["piece-0009-new", .. Enumerable.Range(10, 15).Select(i => $"piece-{i:d4}")], [.. Names(second), .. Names(third)]);

        async Task LeaseAsync(string name) => (await Api.PostAsync(leases, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Expect(201);
    }

    private static IEnumerable<string> Names(ApiAnswer page) => page.Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!);

    private async Task FillAsync()
    {
        for (var i = 0; i < Objects; i++)
        {
            (await Api.PostAsync($"{Core}/configmaps", $$$"""{"metadata":{"name":"piece-{{{i:d4}}}","labels":{"piece":"x"} } }""")).Expect(201);
        }
    }
}
