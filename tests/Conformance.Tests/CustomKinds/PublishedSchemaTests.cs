using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.CustomKinds;

/// <summary>Schemas of definitions are published, and kubectl judges and explains by them.</summary>
public sealed class PublishedSchemaTests(CloudFixture fixture) : CustomKindStory(fixture)
{
    private const string Garden = """
        {"type":"object","description":"A garden and what grows in it.","properties":{
          "spec":{"type":"object","description":"What shall grow.","properties":{
            "beds":{"type":"array","description":"Where it shall grow.","items":{"type":"object","required":["name"],"properties":{
              "name":{"type":"string","description":"What the bed is called."},
              "soil":{"type":"string","description":"What the bed is made of.","enum":["Clay","Sand"]},
              "plants":{"type":"array","description":"What grows in the bed.","items":{"type":"string"} } } } } } },
          "status":{"type":"object","description":"What grows.","properties":{
            "beds":{"type":"array","items":{"type":"object","properties":{"ready":{"type":"boolean"},"kept":{"type":"string","pattern":"in|out"} } } } } } } }
        """;

    private const string Pond = """
        {"type":"object","description":"A pond.","properties":{"spec":{"type":"object","description":"What swims.","properties":{"fish":{"type":"object","description":"The big one."} } } } }
        """;

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation schema [Conformance]")]
    public async Task Schema_IsWhatKubectlJudgesAndExplainsBy()
    {
        await DefineAsync("gardens", Garden);
        await PublishedAsync(Group, "v1", "gardens", Garden);
        await CreatedAndAppliedAsync("gardens", ""","spec":{"beds":[{"name":"north"}]}""");

        var enumerated = await RefusedAsync(ObjectOf("gardens", "mine", ""","spec":{"beds":[{"name":"north","soil":"Gold"}]}"""), "create", "-f", "-");
        Assert.Contains("Unsupported value: \"Gold\"", enumerated, StringComparison.Ordinal);
        foreach (var verb in new[] { "create", "apply" })
        {
            var unknown = await RefusedAsync(ObjectOf("gardens", "mine", ""","spec":{"foo":true}"""), verb, "-f", "-");
            Assert.Contains("unknown field \"spec.foo\"", unknown, StringComparison.Ordinal);
            var missing = await RefusedAsync(ObjectOf("gardens", "mine", ""","spec":{"beds":[{"soil":"Sand"}]}"""), verb, "-f", "-");
            Assert.Contains("spec.beds[0].name: Required value", missing, StringComparison.Ordinal);
        }

        await ExplainsAsync("gardens", "DESCRIPTION:.*A garden and what grows in it.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*What shall grow");
        await ExplainsAsync("gardens.metadata", "DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>.*CreationTimestamp is a timestamp");
        await ExplainsAsync("gardens.spec", @"DESCRIPTION:.*What shall grow.*FIELDS:.*beds.*<\[\]Object>.*Where it shall grow");
        await ExplainsAsync("gardens.spec.beds", @"FIELD:.*beds.*<\[\]Object>.*DESCRIPTION:.*Where it shall grow.*FIELDS:.*name.*<string>.*What the bed is called.*plants.*<\[\]string>.*What grows in the bed");
        Assert.Contains("field \"ponds\" does not exist", await RefusedAsync(null, "explain", $"gardens.{Group}.spec.ponds"), StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema [Conformance]")]
    public async Task KindWithoutASchema_TakesAnything_AndExplainsNothing()
    {
        await DefineAsync("gardens", Anything);
        await PublishedAsync(Group, "v1", "gardens", """{"type":"object"}""");
        await CreatedAndAppliedAsync("gardens", ""","a":{"b":[{"c":"d"}]}""");
        await ExplainsAsync("gardens", "DESCRIPTION:.*<empty>");
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields at the schema root [Conformance]")]
    public async Task UnknownFieldsAtTheRoot_AreTaken()
    {
        await DefineAsync("gardens", Garden.Replace("{\"type\":\"object\",\"description\":\"A garden", "{\"x-kubernetes-preserve-unknown-fields\":true,\"type\":\"object\",\"description\":\"A garden", StringComparison.Ordinal));
        await PublishedAsync(Group, "v1", "gardens");
        await CreatedAndAppliedAsync("gardens", ""","a":{"b":[{"c":"d"}]}""");
        await ExplainsAsync("gardens", "KIND:.*Gardens");
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields in an embedded object [Conformance]")]
    public async Task UnknownFieldsOfAPart_AreTaken()
    {
        await DefineAsync("gardens", Garden.Replace("\"description\":\"What shall grow.\"", "\"description\":\"What shall grow.\",\"x-kubernetes-preserve-unknown-fields\":true", StringComparison.Ordinal));
        await PublishedAsync(Group, "v1", "gardens");
        await CreatedAndAppliedAsync("gardens", ""","spec":{"a":null,"b":[{"c":"d"}]}""");
        await ExplainsAsync("gardens", "DESCRIPTION:.*A garden and what grows in it");
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of different groups [Conformance]")]
    public async Task KindsOfTwoGroups_AreBothPublished()
    {
        await DefineAsync("gardens", Garden);
        await DefineAsync("ponds", Pond, group: "other-" + Group);
        await PublishedAsync(Group, "v1", "gardens", Garden);
        await PublishedAsync("other-" + Group, "v1", "ponds", Pond);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but different versions [Conformance]")]
    public async Task VersionsOfAGroup_AreEachPublished()
    {
        await DefineAsync("both", Garden, versions: ["v2", "v3"]);
        await PublishedAsync(Group, "v2", "both", Garden);
        await PublishedAsync(Group, "v3", "both", Garden);
        await DefineAsync("gardens", Garden, versions: ["v4"]);
        await DefineAsync("ponds", Pond, versions: ["v5"]);
        await PublishedAsync(Group, "v4", "gardens", Garden);
        await PublishedAsync(Group, "v5", "ponds", Pond);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and version but different kinds [Conformance]")]
    public async Task KindsOfOneVersion_AreBothPublished()
    {
        await DefineAsync("gardens", Garden);
        await DefineAsync("ponds", Pond);
        await PublishedAsync(Group, "v1", "gardens", Garden);
        await PublishedAsync(Group, "v1", "ponds", Pond);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when one version gets renamed [Conformance]")]
    public async Task RenamedVersion_IsPublishedUnderItsNewName()
    {
        await DefineAsync("gardens", Garden, versions: ["v2", "v3"]);
        await PublishedAsync(Group, "v3", "gardens", Garden);
        await ChangeAsync("""[{"op":"test","path":"/spec/versions/1/name","value":"v3"},{"op":"replace","path":"/spec/versions/1/name","value":"v4"}]""");
        await PublishedAsync(Group, "v4", "gardens", Garden);
        await UnpublishedAsync("v3");
        await PublishedAsync(Group, "v2", "gardens", Garden);
    }

    [Fact]
    [Upstream("[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec when one version gets changed to not be served [Conformance]")]
    public async Task VersionThatIsNoLongerServed_IsNoLongerPublished()
    {
        await DefineAsync("gardens", Garden, versions: ["v5", "v6alpha1"]);
        await PublishedAsync(Group, "v6alpha1", "gardens", Garden);
        await ChangeAsync("""[{"op":"replace","path":"/spec/versions/1/served","value":false}]""");
        await UnpublishedAsync("v6alpha1");
        await PublishedAsync(Group, "v5", "gardens", Garden);
    }

    private async Task ChangeAsync(string patch) => (await Api.PatchAsync($"{Definitions}/gardens.{Group}", patch, "application/json-patch+json")).Expect(200);

    private async Task CreatedAndAppliedAsync(string plural, string more)
    {
        foreach (var verb in new[] { "create", "apply" })
        {
            await KubectlAsync(ObjectOf(plural, "mine", more), verb, "-f", "-");
            await KubectlAsync(null, "delete", $"{plural}.{Group}", "mine");
        }
    }

    private async Task ExplainsAsync(string path, string pattern)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? $"{path}.{Group}" : $"{path[..dot]}.{Group}{path[dot..]}";
        Assert.Matches(new Regex(pattern, RegexOptions.Singleline), await KubectlAsync(null, "explain", name));
    }

    /// <summary>Waits until the kind stands in OpenAPI v2, with this schema apart from what every kind has.</summary>
    private Task PublishedAsync(string group, string version, string plural, string? schema = null) => Eventually.TrueAsync($"{plural} of {group}/{version} is published", async () =>
    {
        if (await FindAsync(group, version, plural) is not { } found)
        {
            return false;
        }

        found.Remove("x-kubernetes-group-version-kind");
        foreach (var common in new[] { "apiVersion", "kind", "metadata" })
        {
            found["properties"]?.AsObject().Remove(common);
        }

        if (found["properties"] is JsonObject { Count: 0 })
        {
            found.Remove("properties");
        }

        return schema is null || JsonNode.DeepEquals(JsonNode.Parse(schema), found);
    }, TimeSpan.FromSeconds(10), Ct);

    private Task UnpublishedAsync(string version) =>
        Eventually.TrueAsync($"{version} is not published", async () => await FindAsync(Group, version, "gardens") is null, ct: Ct);

    private async Task<JsonObject?> FindAsync(string group, string version, string plural) =>
        (await Api.GetAsync("/openapi/v2")).Expect(200).Json["definitions"]![$"{string.Join('.', group.Split('.').Reverse())}.{version}.{KindOf(plural)}"] as JsonObject;
}
