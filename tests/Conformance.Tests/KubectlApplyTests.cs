using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified kubectl applies on the server.</summary>
public sealed class KubectlApplyTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Map(string ns, string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, namespace: {ns}}}\ndata: {data}\n";

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task ApplyServerSide_ByTwoManagers_ConflictsUntilForced(string client)
    {
        var ns = await NewNamespaceAsync(client, "ssa");
        Assert.Contains("configmap/m serverside-applied", await RunAsync(client, Map(ns, "{a: '1', b: '1'}"), "apply", "--server-side", "-f", "-"), StringComparison.Ordinal);

        var refused = await _cloud.KubectlAsync(["apply", "--server-side", "--field-manager=other", "-f", "-"], Ct, Map(ns, "{a: '2'}"), client);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.a", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--force-conflicts", refused.Error, StringComparison.Ordinal);

        await RunAsync(client, Map(ns, "{a: '2'}"), "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-");
        await RunAsync(client, Map(ns, "{}"), "apply", "--server-side", "-f", "-");
        Assert.Equal("""{"a":"2"}""", (await GetAsync(client, ns))["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task DiffServerSide_ShowsWhatApplyWouldDo(string client)
    {
        var ns = await NewNamespaceAsync(client, "ssdiff");
        await RunAsync(client, Map(ns, "{a: '1'}"), "apply", "--server-side", "-f", "-");

        var same = await _cloud.KubectlAsync(["diff", "--server-side", "-f", "-"], Ct, Map(ns, "{a: '1'}"), client);
        Assert.Equal((0, ""), (same.ExitCode, same.Output));
        var other = await _cloud.KubectlAsync(["diff", "--server-side", "-f", "-"], Ct, Map(ns, "{a: '2'}"), client);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("+  a: \"2\"", other.Output, StringComparison.Ordinal);
        Assert.Equal("1", (string?)(await GetAsync(client, ns))["data"]!["a"]);
    }

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task ApplyServerSide_AfterClientSideApply_TakesOver(string client)
    {
        var ns = await NewNamespaceAsync(client, "csa");
        await RunAsync(client, Map(ns, "{a: '1', gone: '1'}"), "apply", "-f", "-");
        await RunAsync(client, Map(ns, "{a: '2'}"), "apply", "--server-side", "-f", "-");

        var map = await GetAsync(client, ns);
        Assert.Equal("2", (string?)map["data"]!["a"]);
        if (client == "1.32")
        {
            // Newer clients move the old accounts to the new manager, so what is left out goes.
            Assert.Null(map["data"]!["gone"]);
            Assert.DoesNotContain("kubectl-client-side-apply", map.ToJsonString(), StringComparison.Ordinal);
        }

        await RunAsync(client, Map(ns, "{a: '3'}"), "apply", "--server-side", "-f", "-");
        Assert.Equal("3", (string?)(await GetAsync(client, ns))["data"]!["a"]);
    }

    [Fact]
    public async Task Get_ShowsManagedFieldsOnlyWhenAsked()
    {
        var ns = await NewNamespaceAsync("1.32", "shown");
        await RunAsync("1.32", Map(ns, "{a: '1'}"), "apply", "--server-side", "-f", "-");
        Assert.DoesNotContain("managedFields", await RunAsync("1.32", null, "get", "configmap", "m", "-n", ns, "-o", "yaml"), StringComparison.Ordinal);
        var shown = await RunAsync("1.32", null, "get", "configmap", "m", "-n", ns, "-o", "yaml", "--show-managed-fields");
        Assert.Contains("f:a: {}", shown, StringComparison.Ordinal);
        Assert.Contains("operation: Apply", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scale_ThenApplyWithoutReplicas_KeepsTheScale()
    {
        var ns = await NewNamespaceAsync("1.32", "scaled");
        const string Web = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 0
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: hello, image: "sealos.hub/library/hello:1", env: [{name: A, value: "1"}, {name: B, value: "2"}]}]}
            """;
        await RunAsync("1.32", Web, "apply", "--server-side", "-n", ns, "-f", "-");
        var without = Web.Replace("  replicas: 0\n", "", StringComparison.Ordinal);
        await RunAsync("1.32", Web, "apply", "--server-side", "-n", ns, "--field-manager=scaler", "-f", "-");
        await RunAsync("1.32", without.Replace("""{name: A, value: "1"}, """, "", StringComparison.Ordinal), "apply", "--server-side", "-n", ns, "-f", "-");
        var env = await RunAsync("1.32", null, "get", "deployment", "web", "-n", ns, "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].env[*].name}");
        Assert.Equal("0 A B", env);
        await RunAsync("1.32", without, "apply", "--server-side", "-n", ns, "--field-manager=scaler", "-f", "-");
        Assert.Equal("1", await RunAsync("1.32", null, "get", "deployment", "web", "-n", ns, "-o", "jsonpath={.spec.replicas}"));
        await RunAsync("1.32", null, "scale", "deployment/web", "-n", ns, "--replicas=0");
        await RunAsync("1.32", without, "apply", "--server-side", "-n", ns, "-f", "-");
        Assert.Equal("0", await RunAsync("1.32", null, "get", "deployment", "web", "-n", ns, "-o", "jsonpath={.spec.replicas}"));
    }

    private async Task<string> NewNamespaceAsync(string client, string name)
    {
        var ns = $"{name}-{client.Replace(".", "", StringComparison.Ordinal)}";
        await RunAsync(client, null, "create", "namespace", ns);
        return ns;
    }

    private async Task<JsonObject> GetAsync(string client, string ns) =>
        (JsonObject)JsonNode.Parse(await RunAsync(client, null, "get", "--raw", $"/api/v1/namespaces/{ns}/configmaps/m"))!;

    private async Task<string> RunAsync(string client, string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input, client);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
