using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified kubectl does what it does on any Kubernetes.</summary>
public sealed class KubectlTests(CloudFixture fixture)
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: 2
          selector:
            matchLabels: {app: web}
          template:
            metadata:
              labels: {app: web}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: hello
                image: sealos.hub/library/hello:1
                ports:
                - containerPort: 8080
                readinessProbe:
                  httpGet: {path: /healthz, port: 8080}
                  periodSeconds: 1
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          selector: {app: web}
          ports:
          - port: 80
            targetPort: 8080
        """;

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task Version_Server_IsAnnounced(string client)
    {
        var version = await RunAsync(client, "version", "-o", "json");

        Assert.StartsWith("v1.32", (string)JsonNode.Parse(version)!["serverVersion"]!["gitVersion"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task Deployment_WholeLife(string client)
    {
        var ns = "life-" + client.Replace(".", "", StringComparison.Ordinal);
        await RunAsync(client, "create", "namespace", ns);
        await RunWithInputAsync(client, Web, "apply", "-n", ns, "-f", "-");
        await RunAsync(client, "rollout", "status", "deployment/web", "-n", ns, "--timeout=60s");
        await RunAsync(client, "wait", "--for=condition=Available", "deployment/web", "-n", ns, "--timeout=30s");

        var table = await RunAsync(client, "get", "deployments", "-n", ns);
        Assert.Matches(@"NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE", table);
        Assert.Matches(@"web\s+2/2\s+2\s+2", table);
        Assert.Contains("unchanged", await RunWithInputAsync(client, Web, "apply", "-n", ns, "-f", "-"), StringComparison.Ordinal);

        await RunAsync(client, "scale", "deployment/web", "--replicas=3", "-n", ns);
        await RunAsync(client, "rollout", "status", "deployment/web", "-n", ns, "--timeout=60s");
        await RunAsync(client, "set", "image", "deployment/web", "hello=sealos.hub/library/hello:2", "-n", ns);
        await RunAsync(client, "rollout", "status", "deployment/web", "-n", ns, "--timeout=60s");
        Assert.Contains("hello:2", await RunAsync(client, "describe", "deployment", "web", "-n", ns), StringComparison.Ordinal);

        var pod = (await RunAsync(client, "get", "pods", "-n", ns, "-o", "jsonpath={.items[?(@.spec.containers[0].image==\"sealos.hub/library/hello:2\")].metadata.name}")).Split(' ')[0];
        Assert.Contains("Started container hello", await RunAsync(client, "describe", "pod", pod, "-n", ns), StringComparison.Ordinal);
        Assert.Contains("2", await RunAsync(client, "exec", pod, "-n", ns, "--", "/hello", "--version"), StringComparison.Ordinal);
        await RunAsync(client, "logs", pod, "-n", ns);

        await RunAsync(client, "delete", "namespace", ns, "--timeout=60s");
        var gone = await _cloud.KubectlAsync(["get", "namespace", ns], Ct, version: client);
        Assert.Contains("NotFound", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Generators_SendProtobuf()
    {
        await RunAsync("1.32", "create", "namespace", "gen");
        await RunAsync("1.32", "create", "configmap", "c", "--from-literal=a=b", "-n", "gen");
        await RunAsync("1.32", "create", "secret", "generic", "s", "--from-literal=k=v", "-n", "gen");
        await RunAsync("1.32", "create", "serviceaccount", "sa", "-n", "gen");
        await RunAsync("1.32", "create", "deployment", "d", "--image=sealos.hub/library/hello:1", "--replicas=0", "-n", "gen");
        await RunAsync("1.32", "create", "role", "r", "--verb=get", "--resource=pods", "-n", "gen");
        await RunAsync("1.32", "create", "rolebinding", "rb", "--role=r", "--serviceaccount=gen:sa", "-n", "gen");
        await RunAsync("1.32", "create", "service", "clusterip", "svc", "--tcp=80:8080", "-n", "gen");
        await RunAsync("1.32", "create", "ingress", "ing", "--rule=gen.sealos.localhost/*=svc:80", "-n", "gen");

        Assert.Equal("b", await RunAsync("1.32", "get", "configmap", "c", "-n", "gen", "-o", "jsonpath={.data.a}"));
        Assert.Equal("dg==", await RunAsync("1.32", "get", "secret", "s", "-n", "gen", "-o", "jsonpath={.data.k}"));
        Assert.Equal("0", await RunAsync("1.32", "get", "deployment", "d", "-n", "gen", "-o", "jsonpath={.spec.replicas}"));
        Assert.Contains("yes", await RunAsync("1.32", "auth", "can-i", "get", "pods", "-n", "gen", "--as=system:serviceaccount:gen:sa"), StringComparison.Ordinal);
        Assert.Equal("no", (await _cloud.KubectlAsync(["auth", "can-i", "delete", "pods", "-n", "gen", "--as=system:serviceaccount:gen:sa"], Ct)).Output.Trim());
        await RunAsync("1.32", "delete", "namespace", "gen", "--timeout=60s");
    }

    [Fact]
    public async Task Exec_WithInput_PassesItAndTheExitCode()
    {
        await RunAsync("1.32", "run", "one", "--image=sealos.hub/library/hello:1", "-n", "default");
        await RunAsync("1.32", "wait", "--for=condition=Ready", "pod/one", "-n", "default", "--timeout=30s");

        var missing = await _cloud.KubectlAsync(["exec", "one", "-n", "default", "--", "/nothing"], Ct);

        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("hello", await RunAsync("1.32", "exec", "one", "-n", "default", "--", "/hello", "--version"), StringComparison.Ordinal);
        await RunAsync("1.32", "delete", "pod", "one", "-n", "default");
    }

    [Theory]
    [InlineData("1.32", "unknown field \"nosuch\"")]
    [InlineData("1.20", "unknown field \"nosuch\" in io.k8s.api.core.v1.ConfigMap")]
    public async Task UnknownField_IsRefusedByName(string client, string words)
    {
        var apply = await _cloud.KubectlAsync(["apply", "-n", "default", "-f", "-"], Ct, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nnosuch: 1\n", client);

        Assert.NotEqual(0, apply.ExitCode);
        Assert.Contains(words, apply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task Explain_ShowsFields_AndWhatTheyAreFor(string client)
    {
        Assert.Matches(@"replicas\s+<integer>", await RunAsync(client, "explain", "deployment.spec"));
        Assert.Matches(@"unique\s+among\s+its\s+kind", await RunAsync(client, "explain", "deployment.metadata.name"));
    }

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task DryRun_OnTheServer_ChangesNothing(string client)
    {
        var applied = await RunWithInputAsync(client, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dry}\n", "apply", "-n", "default", "--dry-run=server", "-f", "-");

        Assert.Contains("created (server dry run)", applied, StringComparison.Ordinal);
        Assert.NotEqual(0, (await _cloud.KubectlAsync(["get", "configmap", "dry", "-n", "default"], Ct, version: client)).ExitCode);
    }

    private Task<string> RunAsync(string client, params string[] arguments) => RunWithInputAsync(client, null, arguments);

    private async Task<string> RunWithInputAsync(string client, string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input, client);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
