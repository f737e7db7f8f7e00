using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class UnbuiltFieldsTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"i","volumeDevices":[{"name":"v","devicePath":"/dev/v"}]}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"c"}}]}""", "spec.containers[0].volumeDevices")]
    [InlineData("""{"volumes":[{"name":"a","emptyDir":{}},{"name":"v","nfs":{"server":"s","path":"/"}}]}""", "spec.volumes[1].nfs")]
    [InlineData("""{"volumes":[{"name":"v","emptyDir":{"medium":"HugePages"}}]}""", "spec.volumes[0].emptyDir.medium")]
    [InlineData("""{"hostUsers":false}""", "spec.hostUsers")]
    [InlineData("""{"securityContext":{"supplementalGroupsPolicy":"Strict"}}""", "spec.securityContext.supplementalGroupsPolicy")]
    [InlineData("""{"containers":[{"name":"c","image":"i","lifecycle":{"preStop":{"tcpSocket":{"port":80}}}}]}""", "spec.containers[0].lifecycle.preStop.tcpSocket")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"initContainers":[{"name":"d","image":"i","volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true,"recursiveReadOnly":"Enabled"}]}],"volumes":[{"name":"v","emptyDir":{}}]}""", "spec.initContainers[0].volumeMounts[0].recursiveReadOnly")]
    public async Task Pod_ThatAsksForWhatIsNotBuilt_IsRefusedByTheField(string spec, string field)
    {
        var answer = await _admin.PostAsync(await PathAsync("/api/v1", "pods"), Pod(spec));
        Assert.Equal(422, answer.Code);
        Assert.Equal(field, answer.At("details.causes.0.field"));
        Assert.StartsWith($"Pod \"p\" is invalid: {field}: Forbidden: ", answer.Message, StringComparison.Ordinal);
        Assert.Single(answer.Json["details"]!["causes"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"i","ports":[{"containerPort":81,"hostPort":8081}]}]}""")]
    [InlineData("""{"volumes":[{"name":"a","emptyDir":{"medium":"Memory"}},{"name":"b","hostPath":{"path":"/tmp"}},{"name":"c","downwardAPI":{}}]}""")]
    [InlineData("""{"volumes":[{"name":"i","csi":{"driver":"d"}},{"name":"a","persistentVolumeClaim":{"claimName":"c"}},{"name":"v","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}}]}""")]
    public async Task Pod_ThatAsksForWhatIsBuilt_IsTaken(string spec) =>
        (await _admin.PostAsync(await PathAsync("/api/v1", "pods"), Pod(spec))).Expect(201);

    [Fact]
    public async Task Workload_WhosePodsWouldBeRefused_IsStoredWithAWarningOnce()
    {
        var path = await PathAsync("/apis/apps/v1", "deployments");
        var body = JsonNode.Parse(Samples.Deployment("web"))!;
        body["spec"]!["template"]!["spec"]!["volumes"] = JsonNode.Parse("""[{"name":"v","nfs":{"server":"s","path":"/"}}]""");
        var created = (await _admin.PostAsync(path, body.ToJsonString())).Expect(201);
        Assert.Equal("299 - \"spec.template.spec.volumes[0].nfs: Forbidden: volumes of this type are not built yet; use one of configMap, csi, downwardAPI, emptyDir, ephemeral, hostPath, persistentVolumeClaim, projected, secret; its pods will not run\"", Assert.Single(created.Headers.GetValues("Warning")));

        var scaled = (await _admin.PatchAsync(path + "/web", """{"spec":{"replicas":2}}""")).Expect(200);
        Assert.False(scaled.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Volume_ThatWouldBeRecycled_IsRefused()
    {
        var volume = """{"metadata":{"name":"recycled"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Recycle","hostPath":{"path":"/tmp/v"}}}""";
        var answer = await _admin.PostAsync("/api/v1/persistentvolumes", volume);
        Assert.Equal(422, answer.Code);
        Assert.Equal("spec.persistentVolumeReclaimPolicy", answer.At("details.causes.0.field"));
    }

    [Theory]
    [InlineData("/apis/networking.k8s.io/v1", "ingresses", """{"metadata":{"name":"i"},"spec":{"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"resource":{"apiGroup":"g","kind":"K","name":"n"}}}]}}]}}""", "spec.rules[0].http.paths[0].backend.resource")]
    public async Task Address_ThatAsksForWhatIsNotBuilt_IsRefusedByTheField(string group, string plural, string body, string field)
    {
        var answer = await _admin.PostAsync(await PathAsync(group, plural), body);
        Assert.Equal(422, answer.Code);
        Assert.StartsWith(field, answer.At("details.causes.0.field"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingress", "from", 1000, 0, 10, null)]
    [InlineData("ingress", "from", 1001, 0, 0, "spec.ingress")]
    [InlineData("egress", "to", 0, 201, 0, "spec.egress")]
    [InlineData("egress", "to", 0, 0, 1001, "spec.egress")]
    [InlineData("ingress", "from", 101, 0, 100, "spec.ingress")]
    public async Task Policy_ThatIsMoreThanTheKernelShouldHold_IsRefusedByTheField(string direction, string peers, int blocks, int selectors, int ports, string? field)
    {
        var all = new JsonArray();
        Enumerable.Range(0, blocks).ToList().ForEach(i => all.Add(JsonNode.Parse($$$"""{"ipBlock":{"cidr":"10.{{{i / 256}}}.{{{i % 256}}}.0/24"}}""")));
        Enumerable.Range(0, selectors).ToList().ForEach(i => all.Add(JsonNode.Parse($$$$"""{"podSelector":{"matchLabels":{"i":"{{{{i}}}}"}}}""")));
        var numbers = new JsonArray([.. Enumerable.Range(1, ports).Select(i => JsonNode.Parse($$"""{"port":{{i}}}"""))]);
        var rule = new JsonObject { [peers] = all, ["ports"] = numbers };
        var policy = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = new JsonObject { ["podSelector"] = new JsonObject(), [direction] = new JsonArray(rule) } };
        var answer = await _admin.PostAsync(await PathAsync("/apis/networking.k8s.io/v1", "networkpolicies"), policy.ToJsonString());
        Assert.Equal(field is null ? 201 : 422, answer.Code);
        if (field is not null)
        {
            Assert.Equal(field, answer.At("details.causes.0.field"));
        }
    }

    private static string Pod(string spec)
    {
        var pod = JsonNode.Parse(Samples.Pod("p"))!;
        foreach (var (name, value) in JsonNode.Parse(spec)!.AsObject())
        {
            pod["spec"]![name] = value?.DeepClone();
        }

        return pod.ToJsonString();
    }

    private async Task<string> PathAsync(string group, string plural) => $"{group}/namespaces/{await _admin.NewNamespaceAsync()}/{plural}";
}
