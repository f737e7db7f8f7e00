using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Discovery;

/// <summary>On a server of their own: elsewhere other tests make kinds between two questions.</summary>
public sealed class DiscoveryTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Legacy_ListsGroupsAndResources()
    {
        Assert.Equal("""["v1"]""", (await _admin.GetAsync("/api")).Expect(200).Json["versions"]!.ToJsonString());
        Assert.Equal("apiregistration.k8s.io", (await _admin.GetAsync("/apis")).Expect(200).At("groups.0.name"));
        Assert.Equal("apps/v1", (await _admin.GetAsync("/apis/apps")).Expect(200).At("preferredVersion.groupVersion"));
        var core = (await _admin.GetAsync("/api/v1")).Expect(200).Json["resources"]!.AsArray();
        var eviction = core.Single(r => (string?)r!["name"] == "pods/eviction")!;
        Assert.Equal("policy", (string?)eviction["group"]);
        Assert.Equal("Eviction", (string?)eviction["kind"]);
        var policies = (await _admin.GetAsync("/apis/admissionregistration.k8s.io/v1")).Expect(200).Json["resources"]!.AsArray();
        Assert.DoesNotContain(policies, r => (string?)r!["name"] == "validatingadmissionpolicies");
        Assert.Equal(404, (await _admin.GetAsync("/apis/flowcontrol.apiserver.k8s.io/v1")).Code);
        Assert.Null(eviction["storageVersionHash"]);
        Assert.Equal("xPOwRZ+Yhw8=", (string?)core.Single(r => (string?)r!["name"] == "pods")!["storageVersionHash"]);
        Assert.Equal("r2yiGXH7wu8=", (await _admin.GetAsync("/apis/events.k8s.io/v1")).At("resources.0.storageVersionHash"));
    }

    [Theory]
    [InlineData("/api", "")]
    [InlineData("/apis", "apiregistration.k8s.io")]
    public async Task Aggregated_IsOneDocumentWithAnETag(string path, string first)
    {
        var answer = (await _admin.GetAsync(path, Aggregated)).Expect(200);
        Assert.Equal("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", answer.ContentHeaders.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("apidiscovery.k8s.io/v2", answer.At("apiVersion"));
        Assert.Equal(first, answer.At("items.0.metadata.name") ?? "");
        Assert.Equal("public", answer.Headers.CacheControl!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.TryAddWithoutValidation("Accept", Aggregated);
        again.Headers.TryAddWithoutValidation("If-None-Match", answer.Headers.ETag!.Tag);
        Assert.Equal(304, (await _admin.SendAsync(again)).Code);
    }

    [Fact]
    public async Task AggregatedBeta_IsGivenToThoseWhoAskOnlyForIt()
    {
        var answer = await _admin.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");
        Assert.Equal("apidiscovery.k8s.io/v2beta1", answer.Expect(200).At("apiVersion"));
    }

    [Fact]
    public async Task OpenApi_IsIndexedByHashAndRedirectsFromAnother()
    {
        var address = (await _admin.GetAsync("/openapi/v3")).Expect(200).Json["paths"]!["api/v1"]!["serverRelativeURL"]!.GetValue<string>();
        var document = (await _admin.GetAsync(address)).Expect(200);
        Assert.Equal("public, immutable", document.Headers.CacheControl!.ToString().Replace("immutable, public", "public, immutable", StringComparison.Ordinal));
        Assert.Equal("3.0.0", document.At("openapi"));
        var moved = await _admin.GetAsync("/openapi/v3/api/v1?hash=OLD");
        Assert.Equal(301, moved.Code);
        Assert.Equal(address, moved.Headers.Location!.ToString());
        Assert.Equal(200, (await _admin.GetAsync("/openapi/v3/apis/apps/v1")).Code);
        Assert.Equal(404, (await _admin.GetAsync("/openapi/v3/apis/flowcontrol.apiserver.k8s.io/v1")).Code);
    }

    [Fact]
    public async Task OldOpenApi_IsThereForOldClients()
    {
        var json = (await _admin.GetAsync("/openapi/v2", "application/json")).Expect(200);
        Assert.Equal("2.0", json.At("swagger"));
        Assert.NotNull(json.Json["definitions"]!["io.k8s.api.apps.v1.Deployment"]);
        Assert.Null(json.Json["definitions"]!["io.k8s.api.flowcontrol.v1.FlowSchema"]);
        var protobuf = (await _admin.GetAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).Expect(200);
        Assert.Equal("0A03322E3012150A0A4B756265726E657465731207", Convert.ToHexString(protobuf.Bytes)[..42]);
        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", protobuf.ContentHeaders.ContentType!.MediaType);
        Assert.NotEqual(json.Headers.ETag, protobuf.Headers.ETag);
    }

    [Fact]
    public async Task EveryAnnouncedList_CanBeRead()
    {
        var groups = (await _admin.GetAsync("/apis", Aggregated)).Json["items"]!.AsArray().Concat((await _admin.GetAsync("/api", Aggregated)).Json["items"]!.AsArray());
        foreach (var group in groups)
        {
            var name = (string?)group!["metadata"]!["name"];
            if (name?.EndsWith(".test", StringComparison.Ordinal) == true)
            {
                // Custom kinds of other tests come and go.
                continue;
            }

            foreach (var version in group["versions"]!.AsArray())
            {
                var prefix = name is null ? $"/api/{version!["version"]}" : $"/apis/{name}/{version!["version"]}";
                foreach (var resource in version!["resources"]!.AsArray().Where(r => r!["verbs"]!.AsArray().Any(v => (string?)v == "list")))
                {
                    var list = (await _admin.GetAsync($"{prefix}/{resource!["resource"]}")).Expect(200);
                    Assert.Equal($"{resource["responseKind"]!["kind"]}List", list.At("kind"));
                }
            }
        }
    }
}
