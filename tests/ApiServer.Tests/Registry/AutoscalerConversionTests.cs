using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Registry;

public sealed class AutoscalerConversionTests(ApiServerFixture server)
{
    private const string Target = """ "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"maxReplicas":5 """;
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Autoscaler_MadeAsV1_IsTheSameAsV2()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = (await _admin.PostAsync(V1(ns), $$"""{"metadata":{"name":"h"},"spec":{{{Target}},"targetCPUUtilizationPercentage":60} }""")).Expect(201);
        Assert.Equal(("autoscaling/v1", "60", "1"), (created.At("apiVersion"), created.At("spec.targetCPUUtilizationPercentage"), created.At("spec.minReplicas")));
        Assert.Null(created.At("metadata.annotations"));

        var read = (await _admin.GetAsync(V2(ns) + "/h")).Expect(200);
        Assert.Equal("autoscaling/v2", read.At("apiVersion"));
        Assert.Equal("""[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}}]""", read.At("spec.metrics"));
        Assert.Equal(created.At("metadata.uid"), read.At("metadata.uid"));
    }

    [Fact]
    public async Task Autoscaler_MadeAsV1WithoutATarget_GetsTheDefault()
    {
        var ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync(V1(ns), $$"""{"metadata":{"name":"h"},"spec":{{{Target}} } }""")).Expect(201);
        Assert.Equal("80", (await _admin.GetAsync(V1(ns) + "/h")).At("spec.targetCPUUtilizationPercentage"));
        Assert.Equal("80", (await _admin.GetAsync(V2(ns) + "/h")).At("spec.metrics.0.resource.target.averageUtilization"));
    }

    [Fact]
    public async Task Autoscaler_MadeAsV2_HasTheRestInAnnotationsOfV1()
    {
        var ns = await _admin.NewNamespaceAsync();
        await CreateRichAsync(ns);
        var old = (await _admin.GetAsync(V1(ns) + "/h")).Expect(200);
        var annotations = old.Json["metadata"]!["annotations"]!;

        Assert.Equal(("70", "33"), (old.At("spec.targetCPUUtilizationPercentage"), old.At("status.currentCPUUtilizationPercentage")));
        Assert.Null(old.At("spec.metrics"));
        Assert.Equal(
            """[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}},{"type":"ContainerResource","containerResource":{"name":"cpu","targetAverageUtilization":50,"container":"c"}},{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"5"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"hits","targetValue":"7"}},{"type":"External","external":{"metricName":"queue","metricSelector":{"matchLabels":{"a":"b"}},"targetAverageValue":"9"}}]""",
            (string?)annotations["autoscaling.alpha.kubernetes.io/metrics"]);
        Assert.Equal(
            """{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}]},"ScaleDown":{"StabilizationWindowSeconds":30,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}]}}""",
            (string?)annotations["autoscaling.alpha.kubernetes.io/behavior"]);
        Assert.Equal("""[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":33,"currentAverageValue":"5m"}}]""", (string?)annotations["autoscaling.alpha.kubernetes.io/current-metrics"]);
        Assert.Equal("""[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":"m"}]""", (string?)annotations["autoscaling.alpha.kubernetes.io/conditions"]);
        Assert.Equal("yes", (string?)annotations["mine"]);
    }

    [Fact]
    public async Task Autoscaler_WrittenBackAsV1_IsWhole()
    {
        var ns = await _admin.NewNamespaceAsync();
        await CreateRichAsync(ns);
        var before = (await _admin.GetAsync(V2(ns) + "/h")).Json;
        var old = (await _admin.GetAsync(V1(ns) + "/h")).Json;
        old["spec"]!["maxReplicas"] = 9;
        (await _admin.PutAsync(V1(ns) + "/h", old.ToJsonString())).Expect(200);

        var after = (await _admin.GetAsync(V2(ns) + "/h")).Json;
        Assert.Equal(9, (int?)after["spec"]!["maxReplicas"]);
        Assert.Equal(Types(before), Types(after).OrderBy(t => t != "Resource cpu")); // the one that v1 has a field for goes last
        Assert.True(JsonNode.DeepEquals(before["spec"]!["behavior"], after["spec"]!["behavior"]));
        Assert.True(JsonNode.DeepEquals(before["status"], after["status"]));
        Assert.Equal("""{"mine":"yes"}""", after["metadata"]!["annotations"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"type":"Resource","resource":{"name":"memory"}}]""", "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("""[{"type":"Pods","pods":{"metricName":"x","targetAverageValue":"0"}}]""", "spec.metrics[0].pods.target.averageValue: Invalid value: \"0\": must be positive")]
    public async Task Annotations_OfV1_AreJudgedAsWhatTheyMean(string metrics, string expected)
    {
        var ns = await _admin.NewNamespaceAsync();
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "h", ["annotations"] = new JsonObject { ["autoscaling.alpha.kubernetes.io/metrics"] = metrics } },
            ["spec"] = JsonNode.Parse("{" + Target + "}"),
        };
        Assert.Contains(expected, (await _admin.PostAsync(V1(ns), body.ToJsonString())).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_PrefersTheNewerVersion()
    {
        var group = (await _admin.GetAsync("/apis/autoscaling")).Expect(200);
        Assert.Equal(("autoscaling/v2", "autoscaling/v2", "autoscaling/v1"), (group.At("preferredVersion.groupVersion"), group.At("versions.0.groupVersion"), group.At("versions.1.groupVersion")));
    }

    private static string V1(string ns) => $"/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers";

    private static string V2(string ns) => $"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers";

    private static List<string> Types(JsonObject autoscaler) =>
        [.. autoscaler["spec"]!["metrics"]!.AsArray().Select(m => $"{(string?)m!["type"]} {(string?)m["resource"]?["name"]}".Trim())];

    private async Task CreateRichAsync(string ns)
    {
        (await _admin.PostAsync(V2(ns), $$"""
            {"metadata":{"name":"h","annotations":{"mine":"yes"} },"spec":{{{Target}},"behavior":{"scaleDown":{"stabilizationWindowSeconds":30} },"metrics":[
             {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70} } },
             {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"} } },
             {"type":"ContainerResource","containerResource":{"name":"cpu","container":"c","target":{"type":"Utilization","averageUtilization":50} } },
             {"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"5"} } },
             {"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"hits"},"target":{"type":"Value","value":"7"} } },
             {"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"a":"b"} } },"target":{"type":"AverageValue","averageValue":"9"} } }]} }
            """)).Expect(201);
        (await _admin.PatchAsync(V2(ns) + "/h/status", """
            {"status":{"currentReplicas":2,"desiredReplicas":3,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":33,"averageValue":"5m"}}}],
             "conditions":[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":"m"}]}}
            """)).Expect(200);
    }
}
