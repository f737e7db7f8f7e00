using System.Text.Json.Nodes;
using Sealos.Objects.Patches;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Tests.Patches;

public sealed class StrategicMergePatchTests
{
    private const string Two = """{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"1"}]}}""";

    [Theory]
    [InlineData(Two, "{spec: {containers: [{name: b, image: '2'}]}}", """{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"2"}]}}""")]
    [InlineData(Two, "{spec: {containers: [{name: c, image: '3'}]}}", """{"spec":{"containers":[{"name":"c","image":"3"},{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"1"}]}}""")]
    [InlineData(Two, "{spec: {containers: [{name: a, $patch: delete}]}}", """{"spec":{"containers":[{"name":"b","image":"1"}]}}""")]
    [InlineData(Two, "{spec: {containers: [{name: a, env: [{name: X, $patch: delete}, {name: 'Y', value: '2'}]}]}}", """{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"Y","value":"2"}]},{"name":"b","image":"1"}]}}""")]
    [InlineData(Two, "{spec: {containers: [{$patch: replace}, {name: z, image: '9'}]}}", """{"spec":{"containers":[{"name":"z","image":"9"}]}}""")]
    [InlineData(Two, "{spec: {containers: [{name: a, env: null}]}}", """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""")]
    [InlineData(Two, "{spec: {containers: null}}", """{"spec":{}}""")]
    [InlineData(Two, "{spec: {$patch: replace, hostname: h}}", """{"spec":{"hostname":"h"}}""")]
    [InlineData(Two, "{spec: {$patch: delete}}", """{"spec":{}}""")]
    public void Apply_Containers_MergeByName(string doc, string patch, string expected) => AssertPatched("core/v1.Pod", doc, patch, expected);

    [Theory]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", "{metadata: {finalizers: [b, c]}}", """{"metadata":{"finalizers":["a","b","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", "{metadata: {$deleteFromPrimitiveList/finalizers: [a]}}", """{"metadata":{"finalizers":["b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", "{metadata: {$deleteFromPrimitiveList/finalizers: [a], finalizers: [c]}}", """{"metadata":{"finalizers":["c","b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", "{metadata: {finalizers: [c, b]}}", """{"metadata":{"finalizers":["c","a","b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b","c"]}}""", "{metadata: {$setElementOrder/finalizers: [c, d, a], finalizers: [d]}}", """{"metadata":{"finalizers":["b","c","d","a"]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}""", "{spec: {containers: [{name: c, image: q}, {name: 'n'}, {name: b}]}}", """{"spec":{"containers":[{"name":"a"},{"name":"c","image":"q"},{"name":"n"},{"name":"b"}]}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""", "{metadata: {labels: {a: null, c: '3'}}}", """{"metadata":{"labels":{"b":"2","c":"3"}}}""")]
    [InlineData("""{"metadata":{}}""", "{metadata: {labels: {a: null, c: '3'}}}", """{"metadata":{"labels":{"c":"3"}}}""")]
    [InlineData("""{"spec":{"tolerations":[{"key":"a"}]}}""", "{spec: {tolerations: [{key: b}]}}", """{"spec":{"tolerations":[{"key":"b"}]}}""")]
    [InlineData("""{"spec":{"nodeSelector":{"a":"1"}}}""", "{spec: {nodeSelector: {b: '2'}}}", """{"spec":{"nodeSelector":{"a":"1","b":"2"}}}""")]
    public void Apply_OtherFields_FollowTheirStrategy(string doc, string patch, string expected) => AssertPatched("core/v1.Pod", doc, patch, expected);

    [Fact]
    public void Apply_RetainKeys_DropsTheOtherKeys() => AssertPatched(
        "apps/v1.Deployment",
        """{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
        "{spec: {strategy: {$retainKeys: [type], type: Recreate}}}",
        """{"spec":{"strategy":{"type":"Recreate"}}}""");

    [Fact]
    public void Apply_VolumeWithRetainKeys_ChangesItsSource() => AssertPatched(
        "core/v1.Pod",
        """{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""",
        "{spec: {volumes: [{$retainKeys: [name, configMap], name: v, configMap: {name: c}}]}}",
        """{"spec":{"volumes":[{"name":"v","configMap":{"name":"c"}}]}}""");

    [Fact]
    public void Apply_SetElementOrder_PutsNamedItemsInOrderAndKeepsOthersInPlace() => AssertPatched(
        "core/v1.Pod",
        """{"spec":{"containers":[{"name":"a"},{"name":"s"},{"name":"b"}]}}""",
        "{spec: {$setElementOrder/containers: [{name: 'n'}, {name: b}, {name: a}], containers: [{name: 'n'}]}}",
        """{"spec":{"containers":[{"name":"n"},{"name":"s"},{"name":"b"},{"name":"a"}]}}""");

    [Fact]
    public void Apply_SetElementOrderAlone_OnlyRearranges() => AssertPatched(
        "core/v1.Pod",
        """{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        "{spec: {$setElementOrder/containers: [{name: b}, {name: a}]}}",
        """{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""");

    [Fact]
    public void Apply_OfLongLists_LooksItemsUp()
    {
        // Each with each would be 10^10 comparisons.
        var many = string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"f{i}\""));
        var more = string.Join(',', Enumerable.Range(50_000, 100_000).Select(i => $"\"f{i}\""));
        var doc = JsonNode.Parse($$$"""{"metadata":{"finalizers":[{{{many}}}]}}""")!.AsObject();
        var patch = JsonNode.Parse($$$"""{"metadata":{"finalizers":[{{{more}}}],"$deleteFromPrimitiveList/finalizers":["f1"]}}""")!.AsObject();
        var merged = StrategicMergePatch.Apply(doc, patch, KubeSchema.Default.GetType("core/v1.Pod"), KubeSchema.Default);
        Assert.Equal(149_999, merged["metadata"]!["finalizers"]!.AsArray().Count);
    }

    [Fact]
    public void Apply_ServicePorts_MergeByNumber() => AssertPatched(
        "core/v1.Service",
        """{"spec":{"ports":[{"port":80,"name":"x"},{"port":81,"name":"y"}]}}""",
        "{spec: {ports: [{port: 81, name: z}]}}",
        """{"spec":{"ports":[{"port":80,"name":"x"},{"port":81,"name":"z"}]}}""");

    [Fact]
    public void Apply_Conditions_MergeByType() => AssertPatched(
        "core/v1.Pod",
        """{"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"X","status":"True"}]}}""",
        "{status: {conditions: [{type: Ready, status: 'True'}]}}",
        """{"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"X","status":"True"}]}}""");

    [Fact]
    public void Apply_ExplicitReplace_Replaces() => AssertPatched(
        "policy/v1.PodDisruptionBudget",
        """{"spec":{"selector":{"matchLabels":{"a":"1"}}}}""",
        "{spec: {selector: {matchLabels: {b: '2'}}}}",
        """{"spec":{"selector":{"matchLabels":{"b":"2"}}}}""");

    [Fact]
    public void Apply_DirectivesInNewParts_LeaveNoTrace() => AssertPatched(
        "core/v1.Pod",
        """{"spec":{}}""",
        "{spec: {containers: [{name: a, $patch: merge}, {name: b, $patch: delete}], $setElementOrder/containers: [{name: a}], securityContext: {$patch: replace, runAsUser: 1, fsGroup: null}}}",
        """{"spec":{"containers":[{"name":"a"}],"securityContext":{"runAsUser":1}}}""");

    [Theory]
    [InlineData("{spec: {containers: [{image: x}]}}", "does not contain declared merge key: name")]
    [InlineData("{spec: {containers: [text]}}", "each item of containers in the patch must be an object")]
    [InlineData("{spec: {$patch: wrong}}", "unknown patch type \"wrong\"")]
    [InlineData("{spec: {$retainKeys: x}}", "$retainKeys must be a list of names")]
    [InlineData("{spec: {$setElementOrder/containers: [{name: z}], containers: [{name: a}]}}", "does not match its $setElementOrder list")]
    [InlineData("{spec: {$deleteFromPrimitiveList/x: text}}", "must be a list")]
    public void Apply_MalformedPatch_IsRefused(string patch, string message)
    {
        var e = Assert.Throws<PatchException>(() => Apply("core/v1.Pod", Two, patch));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.True(e.IsMalformed);
    }

    [Fact]
    public void Apply_OfKeysThatAreNotRetained_DoesNotFit()
    {
        var e = Assert.Throws<PatchException>(() => Apply("core/v1.Pod", Two, "{spec: {$retainKeys: [a], hostname: x}}"));

        Assert.Contains("the patch sets hostname", e.Message, StringComparison.Ordinal);
        Assert.False(e.IsMalformed);
    }

    [Fact]
    public void Apply_LeavesItsInputsAlone()
    {
        var doc = (JsonObject)JsonNode.Parse(Two)!;
        var patch = Sample.Yaml("{spec: {containers: [{name: a, image: '2', env: [{name: N, value: v}]}, {name: b, $patch: delete}]}}");
        var (docBefore, patchBefore) = (doc.ToJsonString(), patch.ToJsonString());

        var result = StrategicMergePatch.Apply(doc, patch, KubeSchema.Default.GetType("core/v1.Pod"), KubeSchema.Default);
        Sample.Set(result, "spec.containers[0].env[1].value", "changed");

        Assert.Equal(docBefore, doc.ToJsonString());
        Assert.Equal(patchBefore, patch.ToJsonString());
    }

    private static JsonObject Apply(string type, string doc, string patch) =>
        StrategicMergePatch.Apply((JsonObject)JsonNode.Parse(doc)!, Sample.Yaml(patch), KubeSchema.Default.GetType(type), KubeSchema.Default);

    private static void AssertPatched(string type, string doc, string patch, string expected) => Assert.Equal(expected, Apply(type, doc, patch).ToJsonString());
}
