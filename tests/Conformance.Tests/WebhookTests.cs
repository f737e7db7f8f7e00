using System.Text.Json.Nodes;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Admission webhooks behind a service, as an unmodified kubectl sets them up and meets them.</summary>
public sealed class WebhookTests(CloudFixture fixture)
{
    private const string Denied = "denied the request: bad is no name";
    private const string Added = """[{"op":"add","path":"/metadata/labels","value":{"judged":"yes"}}]""";
    private const string AddedContainer = """[{"op":"add","path":"/metadata/labels","value":{"judged":"yes"}},{"op":"add","path":"/spec/initContainers","value":[{"name":"added","image":"i"}]}]""";

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in discovery documents [Conformance]")]
    public async Task Webhook_BehindAService_DeniesChangesAndWarns()
    {
        await using var server = await WebhookServer.StartAsync("judge.hooks.svc", Judge, Ct);
        await RunAsync(null, "create", "namespace", "hooks");
        await RunAsync(await ServiceAsync("hooks", server) + Configuration("ValidatingWebhookConfiguration", "hooks", server) + Configuration("MutatingWebhookConfiguration", "hooks", server), "apply", "-f", "-");
        try
        {
            Assert.Contains(Denied, (await _cloud.KubectlAsync(["create", "configmap", "bad", "-n", "hooks"], Ct)).Error, StringComparison.Ordinal);
            Assert.Contains(Denied, (await _cloud.KubectlAsync(["run", "bad", "--image=i", "-n", "hooks"], Ct)).Error, StringComparison.Ordinal);
            var good = await _cloud.KubectlAsync(["create", "configmap", "good", "-n", "hooks"], Ct);
            Assert.True(good.ExitCode == 0, good.ToString());
            Assert.Contains("Warning: think of a better name", good.Error, StringComparison.Ordinal);
            Assert.Equal("yes", await RunAsync(null, "get", "configmap", "good", "-n", "hooks", "-o", "jsonpath={.metadata.labels.judged}"));
            await RunAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad, namespace: hooks, labels: {skip-me: 'yes'}}\n", "apply", "-f", "-");

            await RunAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: good, namespace: hooks}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]}\n", "apply", "-f", "-");
            Assert.Equal("added File", await RunAsync(null, "get", "pod", "good", "-n", "hooks", "-o", "jsonpath={.spec.initContainers[0].name} {.spec.initContainers[0].terminationMessagePolicy}"));
            Assert.Contains("denied the request: nobody attaches", (await _cloud.KubectlAsync(["attach", "good", "-n", "hooks"], Ct)).Error, StringComparison.Ordinal);
            Assert.Contains("mutatingwebhookconfigurations", await RunAsync(null, "api-resources", "--api-group=admissionregistration.k8s.io"), StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync(null, "delete", "validatingwebhookconfiguration/hooks", "mutatingwebhookconfiguration/hooks", "namespace/hooks");
        }
    }

    [Fact]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing validating webhooks should work [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing mutating webhooks should work [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a validating webhook should work [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a mutating webhook should work [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]")]
    [Upstream("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook [Conformance]")]
    public async Task Configuration_TakesEffectAtOnce_WhenChangedAndWhenDeleted()
    {
        await using var server = await WebhookServer.StartAsync("judge.changing.svc", Judge, Ct);
        await RunAsync(null, "create", "namespace", "changing");
        await RunAsync(await ServiceAsync("changing", server) + Configuration("ValidatingWebhookConfiguration", "changing", server, "CREATE"), "apply", "-f", "-");
        try
        {
            Assert.Contains(Denied, (await MakeAsync("bad")).Error, StringComparison.Ordinal);
            const string Rule = "[{\"op\":\"replace\",\"path\":\"/webhooks/0/rules/0/operations\",\"value\":[\"UPDATE\"]}]";
            await RunAsync(null, "patch", "validatingwebhookconfiguration", "changing", "--type=json", "-p", Rule);
            Assert.Equal(0, (await MakeAsync("bad")).ExitCode);

            // Whom nobody can verify nobody asks, and then nothing is written.
            await RunAsync(null, "patch", "validatingwebhookconfiguration", "changing", "--type=json", "-p", Rule.Replace("UPDATE", "CREATE", StringComparison.Ordinal));
            await RunAsync(null, "patch", "validatingwebhookconfiguration", "changing", "--type=json", "-p", """[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]""");
            Assert.Contains("failed calling webhook \"validatingwebhookconfiguration.judge.test\"", (await MakeAsync("unasked")).Error, StringComparison.Ordinal);

            await RunAsync(Configuration("MutatingWebhookConfiguration", "changing", server), "apply", "-f", "-");
            Assert.Contains("changing", await RunAsync(null, "get", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "-l", "test=changing"), StringComparison.Ordinal);
            await RunAsync(null, "delete", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "-l", "test=changing");
            Assert.Equal(0, (await MakeAsync("unasked")).ExitCode);
            Assert.Equal("", await RunAsync(null, "get", "configmap", "unasked", "-n", "changing", "-o", "jsonpath={.metadata.labels}"));
        }
        finally
        {
            await RunAsync(null, "delete", "namespace/changing");
        }

        Task<CommandResult> MakeAsync(string name) => _cloud.KubectlAsync(["create", "configmap", name, "-n", "changing"], Ct);
    }

    private static JsonObject Judge(JsonObject request)
    {
        var isPod = (string?)request["resource"]?["resource"] == "pods";
        if ((string?)request["operation"] == "CONNECT")
        {
            return Refusal("nobody attaches");
        }

        var metadata = request["object"]?["metadata"];
        if ((string?)metadata?["name"] == "bad")
        {
            return Refusal("bad is no name");
        }

        var answer = new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("think of a better name") };
        if (metadata?["labels"]?["judged"] is null && (string?)metadata?["name"] == "good")
        {
            answer["patchType"] = "JSONPatch";
            answer["patch"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(isPod ? AddedContainer : Added));
        }

        return answer;
    }

    private static JsonObject Refusal(string why) => new() { ["allowed"] = false, ["status"] = new JsonObject { ["message"] = why } };

    private async Task<string> ServiceAsync(string ns, WebhookServer server)
    {
        var node = await RunAsync(null, "get", "node", "node-1", "-o", "jsonpath={.status.addresses[?(@.type==\"InternalIP\")].address}");
        return $$$"""
            apiVersion: v1
            kind: Service
            metadata: {name: judge, namespace: {{{ns}}} }
            spec: {ports: [{port: 443, targetPort: {{{server.Port}}} }]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: judge, namespace: {{{ns}}}, labels: {kubernetes.io/service-name: judge}}
            addressType: IPv4
            endpoints: [{addresses: ["{{{node}}}"]}]
            ports: [{port: {{{server.Port}}} }]

            """;
    }

    private static string Configuration(string kind, string ns, WebhookServer server, string operation = "CREATE") => $$$"""
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: {{{kind}}}
        metadata: {name: {{{ns}}}, labels: {test: {{{ns}}} }}
        webhooks:
        - name: {{{kind.ToLowerInvariant()}}}.judge.test
          sideEffects: None
          admissionReviewVersions: [v1]
          timeoutSeconds: 5
          clientConfig: {service: {namespace: {{{ns}}}, name: judge, path: /judge}, caBundle: {{{server.CaBundle}}} }
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{{ns}}} }}
          objectSelector: {matchExpressions: [{key: skip-me, operator: DoesNotExist}]}
          rules:
          - {operations: [{{{operation}}}], apiGroups: [""], apiVersions: [v1], resources: [configmaps, pods]}
        - name: attach.judge.test
          sideEffects: None
          admissionReviewVersions: [v1]
          clientConfig: {service: {namespace: {{{ns}}}, name: judge, path: /judge}, caBundle: {{{server.CaBundle}}} }
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{{ns}}} }}
          rules:
          - {operations: [CONNECT], apiGroups: [""], apiVersions: [v1], resources: [pods/attach]}

        """;

    private async Task<string> RunAsync(string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
