using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>How containers end, and what they say as they do.</summary>
public sealed class TerminationTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Container Runtime blackbox test on terminated container should report termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Runtime blackbox test on terminated container should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Runtime blackbox test on terminated container should report termination message if TerminationMessagePath is set as non-root user and at a non-default path [NodeConformance] [Conformance]")]
    public async Task LastWords_AreOfTheFile_OrOfTheLogWhereThatIsAskedForAndItFailed()
    {
        const string FromLog = ""","terminationMessagePolicy":"FallbackToLogsOnError" """;
        await StartAsync(
            new ShellPod("silent", "echo -n DONE") { Container = FromLog },
            new ShellPod("file", "echo -n OK > /dev/termination-log; echo DONE") { Container = FromLog },
            new ShellPod("log", "echo -n DONE; exit 1") { Container = FromLog },
            new ShellPod("nobody", "echo -n DONE > /dev/termination-custom-log") { Container = ""","terminationMessagePath":"/dev/termination-custom-log","securityContext":{"runAsUser":1000}""" });

        foreach (var (pod, phase, message) in new[] { ("silent", "Succeeded", null), ("file", "Succeeded", "OK"), ("log", "Failed", "DONE"), ("nobody", "Succeeded", "DONE") })
        {
            var ended = await EndAsync(pod);
            Assert.Equal((pod, phase, message), (pod, ended.At("status.phase"), ended.At("status.containerStatuses.0.state.terminated.message")));
        }
    }

    [Fact]
    [Upstream("[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status [NodeConformance] [Conformance]")]
    public async Task Container_IsStartedAgain_AsItsPodsPolicySays()
    {
        // Fails the first time, ends well the second, stays the third.
        const string Script = "echo x >> /count/file; n=$(wc -l < /count/file); [ $n -ne 1 ] || exit 1; [ $n -ne 2 ] || exit 0; sleep 1000";
        const string Volume = ""","volumes":[{"name":"count","emptyDir":{"medium":"Memory"}}]""";
        const string Mount = ""","volumeMounts":[{"name":"count","mountPath":"/count"}]""";
        await StartAsync([.. new[] { "Always", "OnFailure", "Never" }.Select(p => new ShellPod(p.ToLowerInvariant(), Script) { Restart = p, Spec = Volume, Container = Mount })]);

        (string Pod, string Phase, string State, string Restarts, string Ready)[] expected =
        [
            ("never", "Failed", "terminated", "0", "false"), ("onfailure", "Succeeded", "terminated", "1", "false"), ("always", "Running", "running", "2", "true"),
        ];
        foreach (var (name, phase, state, restarts, ready) in expected)
        {
            var pod = await UntilAsync(name, $"has restarted {restarts} times and is {phase}", p =>
                p.At("status.containerStatuses.0.restartCount") == restarts && p.At("status.phase") == phase && p.At($"status.containerStatuses.0.state.{state}") is not null);
            Assert.Equal(ready, pod.At("status.containerStatuses.0.ready"));
        }
    }

    [Fact]
    [Upstream("[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance] [Conformance]")]
    public async Task Command_IsLogged_AndWhenItAlwaysFailsSaysWhyAndCanBeDeleted()
    {
        await StartAsync(new ShellPod("talks", "echo 'Hello World'; sleep 1000"), new ShellPod("fails", "exit 1") { Restart = "Always" });
        await Eventually.TrueAsync("the words are in the log", async () => (await Api.GetAsync($"{PathOf("talks")}/log")).Text == "Hello World\n", ct: Ct);

        var failed = await UntilAsync("fails", "has ended", p => (p.At("status.containerStatuses.0.state.terminated") ?? p.At("status.containerStatuses.0.lastState.terminated")) is not null);
        var end = failed.At("status.containerStatuses.0.state.terminated.reason") ?? failed.At("status.containerStatuses.0.lastState.terminated.reason");
        Assert.Equal("Error", end);
        (await Api.DeleteAsync(PathOf("fails"))).Expect(200);
        await GoneAsync(PathOf("fails"));
    }
}
