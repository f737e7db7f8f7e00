using System.Text.Json.Nodes;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.CustomKinds;

/// <summary>Definitions as objects: their life, their status, and what a change of them does to what is stored.</summary>
public sealed class DefinitionTests(CloudFixture fixture) : CustomKindStory(fixture)
{
    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]")]
    public async Task Definition_IsServedOnceCreated_AndNoMoreOnceDeleted()
    {
        await DefineAsync("tests", Anything, "Cluster");
        Assert.Contains(("Established", "True"), Conditions(await Api.GetAsync($"{Definitions}/tests.{Group}")));
        (await Api.GetAsync(ClusterObjectsOf("tests"))).Expect(200);
        (await Api.DeleteAsync($"{Definitions}/tests.{Group}")).Expect(200);
        await GoneAsync($"{Definitions}/tests.{Group}");
        (await Api.GetAsync(ClusterObjectsOf("tests"))).Expect(404);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works [Conformance]")]
    public async Task LabelledDefinitions_AreListedAndDeletedTogether_TheOtherStays()
    {
        var specs = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            var definition = Definition($"tests{i}", Anything, "Cluster", Group);
            definition["metadata"]!["labels"] = new JsonObject { ["story"] = Namespace };
            var created = (await Api.PostAsync(Definitions, definition.ToJsonString())).Expect(201);
            specs[created.At("metadata.name")!] = created.At("spec")!;
        }

        await DefineAsync("others", Anything, "Cluster");
        var labelled = $"{Definitions}?labelSelector=story%3D{Namespace}";
        var listed = (await Api.GetAsync(labelled)).Json["items"]!.AsArray();
        Assert.Equal(specs, listed.ToDictionary(d => (string)d!["metadata"]!["name"]!, d => d!["spec"]!.ToJsonString()));

        (await Api.DeleteAsync(labelled)).Expect(200);
        await Eventually.TrueAsync("the labelled ones gone", async () => (await Api.GetAsync(labelled)).Json["items"]!.AsArray().Count == 0, ct: Ct);
        (await Api.GetAsync($"{Definitions}/others.{Group}")).Expect(200);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works [Conformance]")]
    public async Task Status_IsReadUpdatedAndPatched_ByItsOwnPath()
    {
        var created = await DefineAsync("tests", Anything, "Cluster");
        var path = $"{Definitions}/tests.{Group}/status";
        var read = (await Api.GetAsync(path)).Expect(200);
        Assert.Equal(created.At("spec"), read.At("spec"));

        var changed = read.Json;
        changed["status"]!["conditions"]!.AsArray().Add(Condition("updated"));
        var updated = (await Api.PutAsync(path, changed.ToJsonString())).Expect(200);
        Assert.Contains("updated", updated.Json["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["message"]));

        var patched = await Api.PatchAsync(path, """[{"op":"add","path":"/status/conditions","value":[{"message":"patched","type":"","status":""}]}]""", "application/json-patch+json");
        Assert.Contains("patched", patched.Expect(200).Json["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["message"]));

        static JsonObject Condition(string message) => new() { ["message"] = message, ["type"] = "", ["status"] = "" };
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]")]
    public async Task Definitions_StandInEveryDiscoveryDocument()
    {
        var groups = (await Api.GetAsync("/apis")).Expect(200).Json["groups"]!.AsArray();
        var group = groups.Single(g => (string?)g!["name"] == "apiextensions.k8s.io")!;
        Assert.Contains("v1", group["versions"]!.AsArray().Select(v => (string?)v!["version"]));
        var alone = (await Api.GetAsync("/apis/apiextensions.k8s.io")).Expect(200);
        Assert.Contains("apiextensions.k8s.io/v1", alone.Json["versions"]!.AsArray().Select(v => (string?)v!["groupVersion"]));
        var kinds = (await Api.GetAsync("/apis/apiextensions.k8s.io/v1")).Expect(200);
        Assert.Contains("customresourcedefinitions", kinds.Json["resources"]!.AsArray().Select(r => (string?)r!["name"]));
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]")]
    public async Task Default_FillsRequestsAndWhatIsStored_AndStaysWhereItWasStored()
    {
        await DefineAsync("tests", """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"} } }""", "Cluster");
        var objects = ClusterObjectsOf("tests");
        (await Api.PostAsync(objects, ObjectOf("tests", "before"))).Expect(201);

        await ChangeAsync("""[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/a/default","value":"A"}]""");
        await Eventually.TrueAsync("what was stored without it has it", async () => (await Api.GetAsync($"{objects}/before")).At("a") == "A", ct: Ct);
        Assert.Equal("A", (await Api.PostAsync(objects, ObjectOf("tests", "after"))).Expect(201).At("a"));

        await ChangeAsync("""
            [{"op":"remove","path":"/spec/versions/0/schema/openAPIV3Schema/properties/a/default"},
             {"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/b/default","value":"B"}]
            """);
        await Eventually.TrueAsync("the new default", async () => (await Api.GetAsync($"{objects}/after")).At("b") == "B", ct: Ct);
        Assert.Equal("A", (await Api.GetAsync($"{objects}/after")).At("a"));

        async Task ChangeAsync(string patch) => (await Api.PatchAsync($"{Definitions}/tests.{Group}", patch, "application/json-patch+json")).Expect(200);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects [Conformance]")]
    public async Task Watch_OfOneName_SeesThatObjectOnly()
    {
        await DefineAsync("tests", Anything, "Cluster");
        var objects = ClusterObjectsOf("tests");
        var start = (await Api.GetAsync(objects)).At("metadata.resourceVersion");
        var first = Api.CollectAsync($"{objects}?watch=1&fieldSelector=metadata.name%3Done&resourceVersion={start}", 3);
        var second = Api.CollectAsync($"{objects}?watch=1&fieldSelector=metadata.name%3Dtwo&resourceVersion={start}", 3);
        foreach (var name in new[] { "one", "two" })
        {
            (await Api.PostAsync(objects, ObjectOf("tests", name))).Expect(201);
        }

        foreach (var name in new[] { "one", "two" })
        {
            (await Api.PatchAsync($"{objects}/{name}", """[{"op":"add","path":"/dummy","value":"test"}]""", "application/json-patch+json")).Expect(200);
            (await Api.DeleteAsync($"{objects}/{name}")).Expect(200);
        }

        Assert.Equal(["ADDED one", "MODIFIED one", "DELETED one"], await first);
        Assert.Equal(["ADDED two", "MODIFIED two", "DELETED two"], await second);
    }

    [Fact]
    [Upstream("[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]")]
    [Upstream("[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]")]
    public async Task Kind_StandsInAggregatedDiscovery_AsKubectlReadsIt()
    {
        await DefineAsync("tests", Anything);
        var apis = await Api.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        Assert.Equal("APIGroupDiscoveryList", apis.Expect(200).At("kind"));
        var group = apis.Json["items"]!.AsArray().Single(g => (string?)g!["metadata"]!["name"] == Group)!;
        var version = Assert.Single(group["versions"]!.AsArray())!;
        Assert.Equal(("v1", "tests"), ((string?)version["version"], (string?)Assert.Single(version["resources"]!.AsArray())!["resource"]));

        // kubectl 1.32 discovers by that document alone.
        Assert.Equal($"tests.{Group}", (await KubectlAsync(null, "api-resources", "--api-group=" + Group, "-o", "name")).Trim());
    }

    private static IEnumerable<(string?, string?)> Conditions(ApiServer.Tests.Support.ApiAnswer answer) =>
        answer.Json["status"]!["conditions"]!.AsArray().Select(c => ((string?)c!["type"], (string?)c["status"]));
}
