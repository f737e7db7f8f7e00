using System.Globalization;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>An app that is busy gets more instances, and loses them when it is idle again.</summary>
[Collection(CloudCollection.Name)]
public sealed class AutoscalerTests(CloudFixture fixture)
{
    private const string Burner = $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: burner}
        spec:
          selector: {matchLabels: {app: burner}}
          template:
            metadata: {labels: {app: burner}}
            spec:
              terminationGracePeriodSeconds: 0
              volumes: [{name: work, configMap: {name: work}}]
              containers:
              - name: main
                image: {{{CloudFixture.Tools}}}
                command: [sh, -c, 'while true; do if grep -q busy /work/state; then i=0; while test $i -lt 20000; do i=$((i+1)); done; else sleep 0.2; fi; done']
                resources: {requests: {cpu: 50m}, limits: {cpu: 200m}}
                volumeMounts: [{name: work, mountPath: /work}]
        """;

    private const string Quick = """{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0},"scaleUp":{"policies":[{"type":"Pods","value":1,"periodSeconds":15}]}}}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BusyApp_GrowsAndShrinksAgain()
    {
        await fixture.LoadToolsAsync();
        await KubectlAsync("create", "configmap", "work", "--from-literal=state=busy");
        await fixture.Cloud.KubectlAsync(["apply", "-f", "-"], Ct, Burner).OutputAsync();
        await KubectlAsync("autoscale", "deployment", "burner", "--cpu-percent=100", "--min=1", "--max=2");
        await KubectlAsync("patch", "hpa", "burner", "--type=merge", "-p", Quick);

        await Eventually.TrueAsync("a second instance", async () => await ReplicasAsync() == 2, TimeSpan.FromSeconds(90), Ct);
        Assert.Matches(@"^burner +Deployment/burner +cpu: [0-9]+%/100% +1 +2 +[12]", await KubectlAsync("get", "hpa", "burner", "--no-headers"));

        await KubectlAsync("patch", "configmap", "work", "-p", """{"data":{"state":"idle"}}""");
        await Eventually.TrueAsync("one instance again", async () => await ReplicasAsync() == 1, TimeSpan.FromSeconds(180), Ct);
        Assert.Contains("SuccessfulRescale", await KubectlAsync("describe", "hpa", "burner"), StringComparison.Ordinal);
        await KubectlAsync("delete", "hpa/burner", "deployment/burner", "configmap/work");
    }

    private async Task<int> ReplicasAsync() => int.Parse(await KubectlAsync("get", "deployment", "burner", "-o", "jsonpath={.spec.replicas}"), CultureInfo.InvariantCulture);

    private Task<string> KubectlAsync(params string[] arguments) => fixture.Cloud.KubectlAsync(arguments, Ct).OutputAsync();
}
