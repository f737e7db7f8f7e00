using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Init containers run one after another before anything else of their pod.</summary>
public sealed class InitContainersTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartAlways pod [Conformance]")]
    [Upstream("[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartNever pod [Conformance]")]
    [Upstream("[sig-node] InitContainer [NodeConformance] should not start app containers and fail the pod if init containers fail on a RestartNever pod [Conformance]")]
    [Upstream("[sig-node] InitContainer [NodeConformance] should not start app containers if init containers fail on a RestartAlways pod [Conformance]")]
    public async Task InitContainers_RunInOrder_AndNothingElseUntilAllHaveDoneTheirWork()
    {
        await StartAsync(
            WithInit("stays", "Always", "sleep 1000", "echo 1 >> /work/order", "echo 2 >> /work/order"),
            WithInit("ends", "Never", "cat /work/order", "echo 1 >> /work/order", "echo 2 >> /work/order"),
            WithInit("fails", "Never", "true", "true", "false"),
            WithInit("repeats", "Always", "sleep 1000", "false", "true"));

        Assert.Equal("1\n2\n", await OutputAsync("ends"));
        var stays = await UntilAsync("stays", "runs", p => p.At("status.phase") == "Running");
        foreach (var pod in new[] { await PodAsync("ends"), stays })
        {
            Assert.True(IsTrue(pod, "Initialized"));
            Assert.Equal(["true/Completed", "true/Completed"], Inits(pod));
        }

        var failed = await EndAsync("fails");
        Assert.Equal(("Failed", false), (failed.At("status.phase"), IsTrue(failed, "Initialized")));
        Assert.Equal(["true/Completed", "false/Error"], Inits(failed));
        Assert.Contains("[init-1]", Condition(failed, "Initialized"), StringComparison.Ordinal);
        Assert.Equal("PodInitializing", failed.At("status.containerStatuses.0.state.waiting.reason"));

        var repeats = await UntilAsync("repeats", "has repeated its first init container", p => int.Parse(p.At("status.initContainerStatuses.0.restartCount") ?? "0", System.Globalization.CultureInfo.InvariantCulture) >= 2);
        Assert.Equal(("Pending", false), (repeats.At("status.phase"), IsTrue(repeats, "Initialized")));
        Assert.Contains("[init-0 init-1]", Condition(repeats, "Initialized"), StringComparison.Ordinal);
        Assert.Equal("PodInitializing", repeats.At("status.initContainerStatuses.1.state.waiting.reason"));
        Assert.Equal("PodInitializing", repeats.At("status.containerStatuses.0.state.waiting.reason"));
    }

    private static ShellPod WithInit(string name, string restart, string script, params string[] inits)
    {
        const string Mount = """ "volumeMounts":[{"name":"work","mountPath":"/work"}] """;
        var containers = string.Join(',', inits.Select((s, i) => $$$"""{"name":"init-{{{i}}}","image":"{{{CloudFixture.Tools}}}","command":["sh","-c","{{{s}}}"],{{{Mount}}}}"""));
        return new ShellPod(name, script) { Restart = restart, Spec = $$$""","volumes":[{"name":"work","emptyDir":{}}],"initContainers":[{{{containers}}}]""", Container = "," + Mount };
    }

    private static IEnumerable<string> Inits(ApiAnswer pod) =>
        pod.Json["status"]!["initContainerStatuses"]!.AsArray().Select(s => $"{(s!["ready"]!.GetValue<bool>() ? "true" : "false")}/{s["state"]!["terminated"]!["reason"]}");

    private static string Condition(ApiAnswer pod, string type) =>
        (string?)pod.Json["status"]!["conditions"]!.AsArray().First(c => (string?)c!["type"] == type)!["message"] ?? "";
}
