using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified kubectl defines kinds of its own and uses them at once.</summary>
public sealed class CustomKindTests(CloudFixture fixture)
{
    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: crontabs.stable.example.com
        spec:
          group: stable.example.com
          scope: Namespaced
          names: {plural: crontabs, kind: CronTab, shortNames: [ct], categories: [all]}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    description: What shall run, and when.
                    required: [cronSpec]
                    properties:
                      cronSpec: {type: string, pattern: '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$', description: When it runs.}
                      image: {type: string, default: "sealos.hub/library/hello:1"}
                      replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
                      extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
                  status:
                    type: object
                    properties:
                      replicas: {type: integer}
                      selector: {type: string}
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
            selectableFields:
            - jsonPath: .spec.image
            additionalPrinterColumns:
            - {name: Spec, type: string, jsonPath: .spec.cronSpec}
            - {name: Replicas, type: integer, jsonPath: .spec.replicas}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
        """;

    private const string Tab = """
        apiVersion: stable.example.com/v1
        kind: CronTab
        metadata: {name: mine}
        spec: {cronSpec: "* * * * */5", extra: {a: {b: 1}}}
        """;

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.32")]
    [InlineData("1.20")]
    public async Task Definition_WholeLife(string client)
    {
        var ns = "kinds-" + client.Replace(".", "", StringComparison.Ordinal);
        await RunAsync(client, null, "create", "namespace", ns);
        await RunAsync(client, Definition, "create", "-f", "-");
        await RunAsync(client, Tab, "create", "-n", ns, "-f", "-");
        await RunAsync(client, null, "wait", "--for=condition=Established", "crd/crontabs.stable.example.com", "--timeout=10s");

        Assert.Contains("crontabs", await RunAsync(client, null, "api-resources", "--api-group=stable.example.com"), StringComparison.Ordinal);
        var table = await RunAsync(client, null, "get", "ct", "-n", ns);
        Assert.Matches(@"NAME\s+SPEC\s+REPLICAS\s+AGE", table);
        Assert.Matches(@"mine\s+\* \* \* \* \*/5\s+1\s+\d", table);
        Assert.Contains("mine", await RunAsync(client, null, "get", "all", "-n", ns), StringComparison.Ordinal);
        Assert.Contains("mine", await RunAsync(client, null, "get", "ct", "-n", ns, "--field-selector=spec.image=sealos.hub/library/hello:1"), StringComparison.Ordinal);
        Assert.Contains("When it runs.", await RunAsync(client, null, "explain", "crontabs.spec.cronSpec"), StringComparison.Ordinal);
        Assert.Matches(@"replicas\s+<integer>", await RunAsync(client, null, "explain", "crontabs.spec"));

        await RunAsync(client, null, "scale", "crontabs/mine", "--replicas=3", "-n", ns);
        Assert.Equal("3", await RunAsync(client, null, "get", "ct", "mine", "-n", ns, "-o", "jsonpath={.spec.replicas}"));
        await RunAsync(client, null, "patch", "ct", "mine", "-n", ns, "--type=merge", "-p", """{"spec":{"replicas":2}}""");
        Assert.Contains("configured", await RunAsync(client, Tab.Replace("*/5", "*/6", StringComparison.Ordinal), "apply", "-n", ns, "-f", "-"), StringComparison.Ordinal);
        var refused = await _cloud.KubectlAsync(["apply", "-n", ns, "-f", "-"], Ct, Tab.Replace("* * * * */5", "never", StringComparison.Ordinal), client);
        Assert.Contains("spec.cronSpec in body should match", refused.Error, StringComparison.Ordinal);

        await RunAsync(client, null, "delete", "crd", "crontabs.stable.example.com", "--timeout=30s");
        Assert.NotEqual(0, (await _cloud.KubectlAsync(["get", "crontabs", "-n", ns], Ct, version: client)).ExitCode);
        await RunAsync(client, null, "delete", "namespace", ns, "--timeout=60s");
    }

    [Fact]
    public async Task Objects_GoWithTheirOwnersAndTheirNamespace()
    {
        var definition = Definition.Replace("stable.example.com", "owned.example.com", StringComparison.Ordinal).Replace("shortNames: [ct]", "shortNames: [octs]", StringComparison.Ordinal);
        var tab = Tab.Replace("stable.example.com", "owned.example.com", StringComparison.Ordinal);
        await RunAsync("1.32", null, "create", "namespace", "owners");
        await RunAsync("1.32", definition, "create", "-f", "-");
        await RunAsync("1.32", tab, "create", "-n", "owners", "-f", "-");
        var uid = await RunAsync("1.32", null, "get", "octs", "mine", "-n", "owners", "-o", "jsonpath={.metadata.uid}");
        var owned = $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: owned, ownerReferences: [{{apiVersion: owned.example.com/v1, kind: CronTab, name: mine, uid: {uid}}}]}}\n";
        await RunAsync("1.32", owned, "create", "-n", "owners", "-f", "-");

        await RunAsync("1.32", null, "delete", "octs", "mine", "-n", "owners");
        await RunAsync("1.32", null, "wait", "--for=delete", "configmap/owned", "-n", "owners", "--timeout=30s");
        await RunAsync("1.32", tab, "create", "-n", "owners", "-f", "-");
        await RunAsync("1.32", null, "delete", "namespace", "owners", "--timeout=60s");

        Assert.DoesNotContain("mine", await RunAsync("1.32", null, "get", "octs", "-A"), StringComparison.Ordinal);
        await RunAsync("1.32", null, "delete", "crd", "crontabs.owned.example.com", "--timeout=30s");
    }

    private async Task<string> RunAsync(string client, string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input, client);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
