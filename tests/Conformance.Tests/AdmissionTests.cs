using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>What decides about writes, as an unmodified kubectl sets it up and meets it.</summary>
[Collection(CloudCollection.Name)]
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
    public async Task LimitsAndLevel_OfANamespace_ShapeItsPods()
    {
        const string Client = "1.32";
        await RunAsync(Client, null, "create", "namespace", "limited");
        await RunAsync(Client, "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: limited}\nspec: {limits: [{type: Container, default: {memory: 64Mi}, max: {memory: 128Mi}}]}\n", "apply", "-f", "-");
        await RunAsync(Client, null, "run", "small", "--image=sealos.hub/library/hello:1", "-n", "limited");
        Assert.Equal("64Mi", await RunAsync(Client, null, "get", "pod", "small", "-n", "limited", "-o", "jsonpath={.spec.containers[0].resources.requests.memory}"));
        var labelled = await _cloud.KubectlAsync(["label", "namespace", "limited", "pod-security.kubernetes.io/enforce=restricted"], Ct);
        Assert.Contains("Warning: existing pods in namespace \"limited\" violate the new PodSecurity enforce level \"restricted:latest\"", labelled.Error, StringComparison.Ordinal);
        var refused = await _cloud.KubectlAsync(["run", "second", "--image=sealos.hub/library/hello:1", "-n", "limited"], Ct);
        Assert.Contains("pods \"second\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", refused.Error, StringComparison.Ordinal);
        await RunAsync(Client, null, "delete", "namespace", "limited");
    }

    [Fact]
    public async Task Webhook_BehindAService_DeniesChangesAndWarns()
    {
        const string Client = "1.32";
        await using var server = await WebhookServer.StartAsync("judge.hooks.svc", Judge, Ct);
        var node = await RunAsync(Client, null, "get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}");
        await RunAsync(Client, null, "create", "namespace", "hooks");
        await RunAsync(Client, Manifests(node, server), "apply", "-f", "-");
        try
        {
            var bad = await _cloud.KubectlAsync(["create", "configmap", "bad", "-n", "hooks"], Ct);
            Assert.Contains("denied the request: bad is no name", bad.Error, StringComparison.Ordinal);
            var good = await _cloud.KubectlAsync(["create", "configmap", "good", "-n", "hooks"], Ct);
            Assert.True(good.ExitCode == 0, good.ToString());
            Assert.Contains("Warning: think of a better name", good.Error, StringComparison.Ordinal);
            Assert.Equal("yes", await RunAsync(Client, null, "get", "configmap", "good", "-n", "hooks", "-o", "jsonpath={.metadata.labels.judged}"));
        }
        finally
        {
            await RunAsync(Client, null, "delete", "validatingwebhookconfiguration/judge", "mutatingwebhookconfiguration/judge", "namespace/hooks");
        }
    }

    private static JsonObject Judge(JsonObject request)
    {
        var name = (string?)request["object"]?["metadata"]?["name"];
        var isJudged = request["object"]?["metadata"]?["labels"]?["judged"] is not null;
        return name == "bad"
            ? new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = "bad is no name" } }
            : isJudged || name != "good"
                ? new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("think of a better name") }
                : new JsonObject { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String("""[{"op":"add","path":"/metadata/labels","value":{"judged":"yes"}}]"""u8) };
    }

    private static string Manifests(string node, WebhookServer server)
    {
        string Configuration(string kind, string name) => $$$"""
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: {{{kind}}}
            metadata: {name: judge}
            webhooks:
            - name: {{{name}}}
              sideEffects: None
              admissionReviewVersions: [v1]
              timeoutSeconds: 5
              clientConfig: {service: {namespace: hooks, name: judge, path: /judge}, caBundle: {{{server.CaBundle}}} }
              namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: hooks}}
              objectSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}
              rules:
              - {operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [configmaps]}

            """;
        return $$$"""
            apiVersion: v1
            kind: Service
            metadata: {name: judge, namespace: hooks}
            spec: {ports: [{port: 443, targetPort: {{{server.Port}}} }]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: judge, namespace: hooks, labels: {kubernetes.io/service-name: judge}}
            addressType: IPv4
            endpoints: [{addresses: ["{{{node}}}"]}]
            ports: [{port: {{{server.Port}}} }]

            """ + Configuration("ValidatingWebhookConfiguration", "validate.hooks.test") + Configuration("MutatingWebhookConfiguration", "mutate.hooks.test");
    }

    private static Task SeenAsync(string what, Func<Task<bool>> ask) => Eventually.TrueAsync(what, ask, ct: Ct);

    private async Task<string> RunAsync(string client, string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input, client);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
