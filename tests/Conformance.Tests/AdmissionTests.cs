using System.Text.Json.Nodes;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>What decides about writes, as an unmodified kubectl sets it up and meets it.</summary>
public sealed class AdmissionTests(CloudFixture fixture)
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: hello, image: "sealos.hub/library/hello:1", resources: {requests: {cpu: 10m}}}
        """;

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task Quota_HoldsAWorkloadBack_UntilThereIsRoom(string client)
    {
        var ns = "quota-" + client.Replace(".", "", StringComparison.Ordinal);
        await RunAsync(client, null, "create", "namespace", ns);
        await RunAsync(client, null, "create", "quota", "q", "--hard=pods=2,requests.cpu=1,count/deployments.apps=1", "-n", ns);
        await RunAsync(client, Web, "apply", "-n", ns, "-f", "-");
        await SeenAsync("two pods and the reason for no third", async () =>
            (await RunAsync(client, null, "get", "events", "-n", ns)).Contains("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2", StringComparison.Ordinal)
            && (await RunAsync(client, null, "get", "quota", "q", "-n", ns, "-o", "jsonpath={.status.used}")).Contains("\"requests.cpu\":\"20m\"", StringComparison.Ordinal));
        Assert.Equal(2, (await RunAsync(client, null, "get", "pods", "-n", ns, "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Matches(@"pods\s+2\s+2", await RunAsync(client, null, "describe", "quota", "q", "-n", ns));
        Assert.Matches(@"count/deployments.apps: 1/1, pods: 2/2, requests.cpu: 20m/1", await RunAsync(client, null, "get", "quota", "q", "-n", ns));
        var second = await _cloud.KubectlAsync(["create", "deployment", "other", "--image=x", "-n", ns], Ct, version: client);
        Assert.Contains("exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1", second.Error, StringComparison.Ordinal);

        await RunAsync(client, null, "patch", "quota", "q", "-n", ns, "--type=merge", "-p", """{"spec":{"hard":{"pods":"5"}}}""");
        await RunAsync(client, null, "rollout", "restart", "deployment/web", "-n", ns);
        await RunAsync(client, null, "rollout", "status", "deployment/web", "-n", ns, "--timeout=60s");
        await RunAsync(client, null, "delete", "namespace", ns);
    }

    [Fact]
    [Upstream("[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]")]
    [Upstream("[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]")]
    public async Task LimitsAndLevel_OfANamespace_ShapeItsPods()
    {
        const string Client = "1.32";
        await RunAsync(Client, null, "create", "namespace", "limited");
        await RunAsync(Client, "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: limited}\nspec: {limits: [{type: Container, default: {memory: 64Mi}, max: {memory: 128Mi}}]}\n", "apply", "-f", "-");
        await RunAsync(Client, null, "run", "small", "--image=sealos.hub/library/hello:1", "-n", "limited");
        Assert.Equal("64Mi", await RunAsync(Client, null, "get", "pod", "small", "-n", "limited", "-o", "jsonpath={.spec.containers[0].resources.requests.memory}"));
        var tooMuch = await _cloud.KubectlAsync(["run", "big", "--image=i", "-n", "limited", "--overrides={\"spec\":{\"containers\":[{\"name\":\"big\",\"image\":\"i\",\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}}]}}"], Ct);
        Assert.Contains("maximum memory usage per Container is 128Mi, but limit is 1Gi", tooMuch.Error, StringComparison.Ordinal);
        await RunAsync(Client, null, "patch", "limitrange", "l", "-n", "limited", "--type=merge", "-p", """{"metadata":{"labels":{"old":"yes"}}}""");
        Assert.Contains("limited", await RunAsync(Client, null, "get", "limitranges", "-A", "-l", "old=yes"), StringComparison.Ordinal);
        await RunAsync(Client, null, "delete", "limitranges", "-l", "old=yes", "-n", "limited");
        var labelled = await _cloud.KubectlAsync(["label", "namespace", "limited", "pod-security.kubernetes.io/enforce=restricted"], Ct);
        Assert.Contains("Warning: existing pods in namespace \"limited\" violate the new PodSecurity enforce level \"restricted:latest\"", labelled.Error, StringComparison.Ordinal);
        var refused = await _cloud.KubectlAsync(["run", "second", "--image=sealos.hub/library/hello:1", "-n", "limited"], Ct);
        Assert.Contains("pods \"second\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", refused.Error, StringComparison.Ordinal);
        await RunAsync(Client, null, "delete", "namespace", "limited");
    }

    [Fact]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set. [Conformance]")]
    public async Task Quota_FollowsTheLifeOfWhatItCounts()
    {
        await RunAsync("1.32", null, "create", "namespace", "lives");
        await RunAsync("1.32", null, "create", "quota", "q", "-n", "lives", "--hard=configmaps=5,secrets=5,services=5,services.nodeports=1,services.loadbalancers=1,count/replicasets.apps=5,resourcequotas=1");
        await UsedAsync("lives", """{"configmaps":"1","count/replicasets.apps":"0","resourcequotas":"1","secrets":"0","services":"0","services.loadbalancers":"0","services.nodeports":"0"}""");
        await RunAsync("1.32", null, "create", "configmap", "made", "-n", "lives");
        await RunAsync("1.32", null, "create", "secret", "generic", "made", "-n", "lives");
        await RunAsync("1.32", null, "create", "service", "nodeport", "made", "--tcp=80", "-n", "lives");
        await RunAsync("1.32", "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: made, namespace: lives}\nspec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n", "apply", "-f", "-");
        await UsedAsync("lives", """{"configmaps":"2","count/replicasets.apps":"1","resourcequotas":"1","secrets":"1","services":"1","services.loadbalancers":"0","services.nodeports":"1"}""");
        var second = await _cloud.KubectlAsync(["create", "service", "nodeport", "second", "--tcp=80", "-n", "lives"], Ct);
        Assert.Contains("exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1", second.Error, StringComparison.Ordinal);
        await RunAsync("1.32", null, "delete", "configmap/made", "secret/made", "service/made", "replicaset/made", "-n", "lives");
        await UsedAsync("lives", """{"configmaps":"1","count/replicasets.apps":"0","resourcequotas":"1","secrets":"0","services":"0","services.loadbalancers":"0","services.nodeports":"0"}""");
        await RunAsync("1.32", null, "delete", "namespace", "lives");
    }

    [Fact]
    [Upstream("[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]")]
    public async Task Quota_WithAScope_CountsThePodsInIt()
    {
        await RunAsync("1.32", null, "create", "namespace", "scopes");
        foreach (var (name, scope) in new[] { ("best", "BestEffort"), ("not-best", "NotBestEffort"), ("ends", "Terminating"), ("stays", "NotTerminating") })
        {
            await RunAsync("1.32", null, "create", "quota", name, "--hard=pods=1", $"--scopes={scope}", "-n", "scopes");
        }

        await RunAsync("1.32", "apiVersion: v1\nkind: Pod\nmetadata: {name: plain, namespace: scopes}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]}\n", "apply", "-f", "-");
        await RunAsync("1.32", "apiVersion: v1\nkind: Pod\nmetadata: {name: short, namespace: scopes}\nspec: {terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 3600, containers: [{name: c, image: i, resources: {requests: {cpu: 1m}}}]}\n", "apply", "-f", "-");
        await SeenAsync("each pod where it belongs", async () => await UsedPodsAsync() == "1 1 1 1 ");
        var third = await _cloud.KubectlAsync(["run", "third", "--image=i", "-n", "scopes"], Ct);
        Assert.Contains("exceeded quota: best, requested: pods=1, used: pods=1, limited: pods=1", third.Error, StringComparison.Ordinal);
        await RunAsync("1.32", null, "delete", "pod", "short", "-n", "scopes");
        await SeenAsync("the short one gone", async () => await UsedPodsAsync() == "1 0 0 1 ");
        await RunAsync("1.32", null, "delete", "namespace", "scopes");

        Task<string> UsedPodsAsync() => RunAsync("1.32", null, "get", "quota", "-n", "scopes", "-o", "jsonpath={range .items[*]}{.status.used.pods} {end}");
    }

    [Fact]
    [Upstream("[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]")]
    [Upstream("[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]")]
    public async Task Quota_Changes_AndItsStatusFollows()
    {
        await RunAsync("1.32", null, "create", "namespace", "changes");
        await RunAsync("1.32", null, "create", "quota", "q", "--hard=cpu=500m,memory=500Mi", "-n", "changes");
        await RunAsync("1.32", null, "label", "quota", "q", "kept=no", "-n", "changes");
        await RunAsync("1.32", null, "patch", "quota", "q", "-n", "changes", "-p", """{"spec":{"hard":{"cpu":"1","memory":"1Gi"}}}""");
        await RunAsync("1.32", null, "wait", "quota/q", "-n", "changes", "--for=jsonpath={.status.hard.memory}=1Gi", "--timeout=20s");
        var patched = await RunAsync("1.32", null, "patch", "quota", "q", "-n", "changes", "--subresource=status", "-p", """{"status":{"hard":{"cpu":"2","memory":"2Gi"}}}""", "-o", "jsonpath={.status.hard.cpu} {.spec.hard.cpu}");
        Assert.Equal("2 1", patched);
        await RunAsync("1.32", null, "wait", "quota/q", "-n", "changes", "--for=jsonpath={.status.hard.cpu}=1", "--timeout=20s");
        await RunAsync("1.32", null, "delete", "quota", "-l", "kept=no", "-n", "changes");
        Assert.Equal("", await RunAsync("1.32", null, "get", "quota", "-n", "changes", "-o", "name"));
        await RunAsync("1.32", null, "delete", "namespace", "changes");
    }

    private Task UsedAsync(string ns, string used) => SeenAsync($"used: {used}", async () =>
        JsonNode.DeepEquals(JsonNode.Parse(used), JsonNode.Parse(await RunAsync("1.32", null, "get", "quota", "q", "-n", ns, "-o", "jsonpath={.status.used}") is { Length: > 0 } seen ? seen : "{}")));

    private static Task SeenAsync(string what, Func<Task<bool>> ask) => Eventually.TrueAsync(what, ask, ct: Ct);

    private async Task<string> RunAsync(string client, string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input, client);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
