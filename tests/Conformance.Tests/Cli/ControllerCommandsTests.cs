using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Cli;

/// <summary>kubectl with a replication controller and what belongs to it.</summary>
public sealed class ControllerCommandsTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Demo = """
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: demo, labels: {app: demo, role: primary}}
        spec:
          replicas: 2
          selector: {app: demo, role: primary}
          template:
            metadata: {labels: {app: demo, role: primary}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: hello, image: "sealos.hub/library/hello:1", ports: [{containerPort: 8080}]}]
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    [Upstream("[sig-cli] Kubectl client Update Demo should create and stop a replication controller [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Update Demo should scale a replication controller [Conformance]")]
    public async Task Controller_IsCreatedScaledAndStopped()
    {
        await KubectlAsync(Demo, "create", "-f", "-");
        await UntilServingAsync(2);
        await KubectlAsync(null, "scale", "rc", "demo", "--replicas=1", "--timeout=60s");
        await UntilServingAsync(1);
        await KubectlAsync(null, "scale", "rc", "demo", "--current-replicas=1", "--replicas=2", "--timeout=60s");
        await UntilServingAsync(2);
        Assert.Contains("Expected replicas to be 1, was 2", await RefusedAsync(null, "scale", "rc", "demo", "--current-replicas=1", "--replicas=3"), StringComparison.Ordinal);
        await KubectlAsync(Demo, "delete", "--grace-period=0", "--force", "-f", "-");
        Assert.Equal("", await KubectlAsync(null, "get", "rc,svc", "-l", "app=demo", "--no-headers"));
        await Eventually.TrueAsync("no pod is left", async () => (await PodNamesAsync()).Length == 0, Patience, Ct);
    }

    [Fact]
    [Upstream("[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl expose should create services for rc [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]")]
    public async Task Controller_IsDescribed_ItsPodsAnnotated_AndExposedTwice()
    {
        await KubectlAsync(Demo.Replace("replicas: 2", "replicas: 1", StringComparison.Ordinal), "create", "-f", "-");
        await UntilServingAsync(1);
        var pod = Assert.Single(await PodNamesAsync());

        await KubectlAsync(null, "expose", "rc", "demo", "--name=first", "--port=1234", "--target-port=8080");
        await UntilServedByAsync("first", "1234");
        await KubectlAsync(null, "expose", "service", "first", "--name=second", "--port=2345", "--target-port=8080");
        await UntilServedByAsync("second", "2345");

        await KubectlAsync(null, "patch", "pod", pod, "-p", """{"metadata":{"annotations":{"x":"y"}}}""");
        Assert.Equal("y", await KubectlAsync(null, "get", "pod", pod, "-o", "jsonpath={.metadata.annotations.x}"));

        Tells(
            await KubectlAsync(null, "describe", "pod", pod),
            $@"Name:\s+{pod}", $@"Namespace:\s+{Namespace}", @"Node:\s+node-1/", @"Labels:\s+app=demo\s+role=primary", @"Annotations:\s+x: y", @"Status:\s+Running", @"IP:\s+10\.",
            @"Controlled By:\s+ReplicationController/demo", @"Image:\s+sealos.hub/library/hello:1", @"State:\s+Running", @"QoS Class:\s+BestEffort");
        Tells(
            await KubectlAsync(null, "describe", "rc", "demo"),
            @"Name:\s+demo", $@"Namespace:\s+{Namespace}", @"Selector:\s+app=demo,role=primary", @"Labels:\s+app=demo\s+role=primary", @"Annotations:\s+<none>", @"Replicas:\s+1 current / 1 desired",
            @"Pods Status:\s+1 Running / 0 Waiting / 0 Succeeded / 0 Failed", "Pod Template:", @"Image:\s+sealos.hub/library/hello:1", @"Events:[\s\S]+SuccessfulCreate");
        Tells(
            await KubectlAsync(null, "describe", "service", "first"),
            @"Name:\s+first", $@"Namespace:\s+{Namespace}", @"Labels:\s+app=demo\s+role=primary", @"Annotations:\s+<none>", @"Selector:\s+app=demo,role=primary", @"Type:\s+ClusterIP", @"IP:\s+10\.209\.",
            @"Port:\s+<unset>\s+1234/TCP", @"Endpoints:\s+10\.208\.\d+\.\d+:8080", @"Session Affinity:\s+None");
        Tells(
            await KubectlAsync(null, "describe", "node", "node-1"),
            @"Name:\s+node-1", "Labels:", "Annotations:", "CreationTimestamp:", "Conditions:", @"Type\s+Status\s+LastHeartbeatTime\s+LastTransitionTime\s+Reason\s+Message", "Addresses:", "Capacity:",
            @"Kernel Version:\s+\S", @"OS Image:\s+\S", @"Container Runtime Version:\s+containerd://", @"Kubelet Version:\s+v1\.32", @"Kube-Proxy Version:", "Pods:");
        Tells(await KubectlAsync(null, "describe", "namespace", Namespace), $@"Name:\s+{Namespace}", "Labels:", "Annotations:", @"Status:\s+Active");
    }

    private static void Tells(string description, params string[] patterns) => Assert.All(patterns, p => Assert.Matches(p, description));

    private async Task<string[]> PodNamesAsync() =>
        (await KubectlAsync(null, "get", "pods", "-l", "app=demo", "-o", "jsonpath={.items[*].metadata.name}")).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // Each pod says its own name, asked through the server.
    private Task UntilServingAsync(int count) => Eventually.TrueAsync(
        $"{count} pods serve",
        async () =>
        {
            var pods = await PodNamesAsync();
            var answers = await Task.WhenAll(pods.Select(p => Api.GetAsync($"{Core}/pods/{p}:8080/proxy/")));
            return pods.Length == count && pods.Zip(answers).All(a => a.Second.Code == 200 && a.Second.Text.Contains(a.First, StringComparison.Ordinal));
        },
        Patience,
        Ct);

    private async Task UntilServedByAsync(string service, string port)
    {
        Assert.Equal($"{port}/8080", await KubectlAsync(null, "get", "service", service, "-o", "jsonpath={.spec.ports[0].port}/{.spec.ports[0].targetPort}"));
        await Eventually.TrueAsync($"{service} has an endpoint", async () => (await Api.GetAsync($"{Core}/endpoints/{service}")) is { Code: 200 } e && e.At("subsets.0.ports.0.port") == "8080", Patience, Ct);
    }
}
