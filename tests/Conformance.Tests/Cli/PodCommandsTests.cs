using System.Globalization;
using Sealos.Conformance_Tests.Node;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Cli;

/// <summary>kubectl with single pods.</summary>
public sealed class PodCommandsTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]")]
    public async Task Pod_IsRun_Labelled_ChangedAsIf_AndReplaced()
    {
        await KubectlAsync(null, "run", "one", "--restart=Never", "--image=" + CloudFixture.Hello);
        Assert.Equal($"Never {CloudFixture.Hello}", await KubectlAsync(null, "get", "pod", "one", "-o", "jsonpath={.spec.restartPolicy} {.spec.containers[0].image}"));

        await KubectlAsync(null, "label", "pods", "one", "testing-label=testing-label-value");
        Assert.Contains("testing-label-value", await KubectlAsync(null, "get", "pod", "one", "-L", "testing-label"), StringComparison.Ordinal);
        Assert.Contains("already has a value", await RefusedAsync(null, "label", "pods", "one", "testing-label=other"), StringComparison.Ordinal);
        await KubectlAsync(null, "label", "pods", "one", "testing-label-");
        Assert.DoesNotContain("testing-label-value", await KubectlAsync(null, "get", "pod", "one", "-L", "testing-label"), StringComparison.Ordinal);

        // What the node writes of a pod that starts would be a conflict with what is put in its place.
        await UntilAsync("one", "runs", p => p.At("status.phase") == "Running");
        const string Two = """{"spec":{"containers":[{"name":"one","image":"sealos.hub/library/hello:2"}]}}""";
        var asIf = await KubectlAsync(null, "patch", "pod", "one", "-p", Two, "--dry-run=server", "-o", "jsonpath={.spec.containers[0].image}");
        Assert.Equal(("sealos.hub/library/hello:2", CloudFixture.Hello), (asIf, await ImageAsync()));

        var json = await KubectlAsync(null, "get", "pod", "one", "-o", "json");
        await KubectlAsync(json.Replace(CloudFixture.Hello, "sealos.hub/library/hello:2", StringComparison.Ordinal), "replace", "-f", "-");
        Assert.Equal("sealos.hub/library/hello:2", await ImageAsync());
        await UntilAsync("one", "runs", p => p.At("status.phase") == "Running");
    }

    [Fact]
    [Upstream("[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]")]
    public async Task Logs_AreShownAndFiltered()
    {
        await StartAsync(new ShellPod("talker", "for i in $(seq 20); do echo early $i; done; while true; do sleep 0.2; echo late; done"));
        await Eventually.TrueAsync("it talks", async () => (await Api.GetAsync($"{PathOf("talker")}/log")) is { Code: 200 } log && log.Text.Contains("late", StringComparison.Ordinal), Patience, Ct);

        Assert.StartsWith("early 1\nearly 2\n", await KubectlAsync(null, "logs", "talker", "main"), StringComparison.Ordinal);

        // What it says between the look for the last line and its reading comes along, as in Kubernetes; then the next answer is the one.
        await Eventually.TrueAsync("the last line alone", async () => await KubectlAsync(null, "logs", "talker", "main", "--tail=1") == "late\n", Patience, Ct);
        Assert.Equal("e", await KubectlAsync(null, "logs", "talker", "main", "--limit-bytes=1"));
        var words = (await KubectlAsync(null, "logs", "talker", "main", "--tail=1", "--timestamps")).Split('\n')[0].Split(' ');
        Assert.Equal("late", words[1]);
        Assert.True(DateTimeOffset.TryParse(words[0], CultureInfo.InvariantCulture, out _) && words[0].Contains('T', StringComparison.Ordinal), words[0]);

        // Whole seconds count, so what is two seconds old is no longer of the last second.
        await Eventually.TrueAsync("what was early is old", async () => !(await KubectlAsync(null, "logs", "talker", "main", "--since=1s")).Contains("early", StringComparison.Ordinal), Patience, Ct);
        Assert.Contains("late", await KubectlAsync(null, "logs", "talker", "main", "--since=2s"), StringComparison.Ordinal);
        Assert.Contains("early 1\n", await KubectlAsync(null, "logs", "talker", "main", "--since=24h"), StringComparison.Ordinal);
    }

    private Task<string> ImageAsync() => KubectlAsync(null, "get", "pod", "one", "-o", "jsonpath={.spec.containers[0].image}");
}
