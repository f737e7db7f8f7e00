using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class PodAdmissionTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Pod_GetsAccountTokenPriorityAndTolerations()
    {
        var pod = (await _admin.PostAsync(await PathAsync(), Samples.Pod("p"))).Expect(201);
        Assert.Equal("default", pod.At("spec.serviceAccountName"));
        Assert.StartsWith("kube-api-access-", pod.At("spec.volumes.0.name"), StringComparison.Ordinal);
        Assert.Equal("3607", pod.At("spec.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds"));
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", pod.At("spec.containers.0.volumeMounts.0.mountPath"));
        Assert.Equal("0", pod.At("spec.priority"));
        Assert.Equal("PreemptLowerPriority", pod.At("spec.preemptionPolicy"));
        Assert.Equal(2, pod.Json["spec"]!["tolerations"]!.AsArray().Count);
        Assert.Equal("Pending", pod.At("status.phase"));
        Assert.Equal("BestEffort", pod.At("status.qosClass"));
    }

    [Fact]
    public async Task PodThatDeclines_GetsNoToken()
    {
        var pod = (await _admin.PostAsync(await PathAsync(), Samples.Pod("p", "\"automountServiceAccountToken\":false,"))).Expect(201);
        Assert.Null(pod.At("spec.volumes"));
    }

    [Fact]
    public async Task MissingAccount_IsForbidden()
    {
        var path = await PathAsync();
        var answer = await _admin.PostAsync(path, Samples.Pod("a", "\"serviceAccountName\":\"nope\","));
        Assert.Equal($"pods \"a\" is forbidden: error looking up service account {path.Split('/')[4]}/nope: serviceaccount \"nope\" not found", answer.Message);
        Assert.Equal(403, answer.Code);
    }

    [Fact]
    public async Task Refusal_OfAPodYetToBeNamed_TellsTheBaseOfItsName()
    {
        var body = Samples.Pod("a", "\"priorityClassName\":\"nope\",").Replace("\"name\":\"a\"", "\"generateName\":\"web-\"", StringComparison.Ordinal);
        var refused = await _admin.PostAsync(await PathAsync(), body);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"web-\" is forbidden: no PriorityClass with name nope was found","reason":"Forbidden","details":{"name":"web-","kind":"pods"},"code":403}""", refused.Text);
    }

    [Fact]
    public async Task PriorityClass_IsResolvedOrRefused()
    {
        var path = await PathAsync();
        var pod = await _admin.PostAsync(path, Samples.Pod("a", "\"priorityClassName\":\"system-node-critical\","));
        Assert.Equal("2000001000", pod.Expect(201).At("spec.priority"));
        var refused = await _admin.PostAsync(path, Samples.Pod("b", "\"priorityClassName\":\"nope\","));
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"b\" is forbidden: no PriorityClass with name nope was found","reason":"Forbidden","details":{"name":"b","kind":"pods"},"code":403}""", refused.Text);
    }

    [Fact]
    public async Task QualityOfService_FollowsResources()
    {
        var path = await PathAsync();
        var guaranteed = JsonNode.Parse(Samples.Pod("g"))!;
        guaranteed["spec"]!["containers"]![0]!["resources"] = JsonNode.Parse("""{"limits":{"cpu":"1","memory":"1Gi"}}""");
        Assert.Equal("Guaranteed", (await _admin.PostAsync(path, guaranteed.ToJsonString())).Expect(201).At("status.qosClass"));
        var burstable = JsonNode.Parse(Samples.Pod("b"))!;
        burstable["spec"]!["containers"]![0]!["resources"] = JsonNode.Parse("""{"requests":{"cpu":"100m"}}""");
        Assert.Equal("Burstable", (await _admin.PostAsync(path, burstable.ToJsonString())).Expect(201).At("status.qosClass"));
    }

    [Fact]
    public async Task Ingress_GetsTheDefaultClass()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync("/apis/networking.k8s.io/v1/ingressclasses", """{"metadata":{"name":"dflt","annotations":{"ingressclass.kubernetes.io/is-default-class":"true"}},"spec":{"controller":"x/y"}}""");
        var ingress = await _admin.PostAsync($"/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses", """{"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}""");
        Assert.Equal("dflt", ingress.Expect(201).At("spec.ingressClassName"));
        Assert.Equal("1", ingress.At("metadata.generation"));
    }

    private async Task<string> PathAsync() => $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/pods";
}
