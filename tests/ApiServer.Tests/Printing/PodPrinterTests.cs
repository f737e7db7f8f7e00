using Sealos.ApiServer.Printing;
using Xunit;

namespace Sealos.ApiServer.Tests.Printing;

public sealed class PodPrinterTests
{
    [Theory]
    [InlineData("{phase: Pending}", "0/2 | Pending | 0")]
    [InlineData("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}", "0/2 | SchedulingGated | 0")]
    [InlineData("{phase: Failed, reason: Evicted}", "0/2 | Evicted | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, ready: true, state: {running: {}}}, {name: b, ready: true, state: {running: {}}}]}", "2/2 | Running | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, ready: true, state: {running: {}}}, {name: b, ready: false, state: {running: {}}}]}", "1/2 | Running | 0")]
    [InlineData("{phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}, {name: b, state: {waiting: {reason: ImagePullBackOff}}}]}", "0/2 | ContainerCreating | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {finishedAt: '2026-11-22T12:55:00Z'}}}, {name: b, ready: true, restartCount: 1, state: {running: {}}}]}", "1/2 | CrashLoopBackOff | 4 (5m ago)")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, restartCount: 2, state: {terminated: {exitCode: 3}}}]}", "0/2 | ExitCode:3 | 2")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, state: {terminated: {signal: 9, exitCode: 137}}}]}", "0/2 | Signal:9 | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: OOMKilled, exitCode: 137}}}]}", "0/2 | OOMKilled | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, ready: true, state: {running: {}}}], conditions: [{type: Ready, status: 'True'}]}", "1/2 | Running | 0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, ready: true, state: {running: {}}}]}", "1/2 | NotReady | 0")]
    [InlineData("{phase: Succeeded, containerStatuses: [{name: a, state: {terminated: {reason: Completed, exitCode: 0}}}]}", "0/2 | Completed | 0")]
    public void Cells_AppContainers_TellTheState(string status, string expected) => AssertState(status, "[]", expected, total: 2);

    [Theory]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, state: {running: {}}}, {name: j, state: {waiting: {reason: PodInitializing}}}]}", "0/2 | Init:0/2 | 0")]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: {waiting: {reason: PodInitializing}}}]}", "0/2 | Init:1/2 | 0")]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}}}]}", "0/2 | Init:CrashLoopBackOff | 2")]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1}}}]}", "0/2 | Init:ExitCode:1 | 0")]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1, signal: 9}}}]}", "0/2 | Init:Signal:9 | 0")]
    [InlineData("{phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 1, reason: Error}}}]}", "0/2 | Init:Error | 0")]
    [InlineData("{phase: Running, initContainerStatuses: [{name: i, restartCount: 4, state: {terminated: {exitCode: 0}}}, {name: j, state: {terminated: {exitCode: 0}}}], containerStatuses: [{name: a, ready: true, state: {running: {}}}]}", "1/2 | Running | 0")]
    public void Cells_InitContainers_TellTheStateFirst(string status, string expected) => AssertState(status, "[{name: i}, {name: j}]", expected, total: 2);

    [Fact]
    public void Cells_Sidecars_CountAsContainers() => AssertState(
        "{phase: Running, initContainerStatuses: [{name: i, started: true, ready: true, restartCount: 2, state: {running: {}}}], containerStatuses: [{name: a, ready: true, restartCount: 1, state: {running: {}}}]}",
        "[{name: i, restartPolicy: Always}]",
        "2/3 | Running | 3",
        total: 3);

    [Theory]
    [InlineData("{phase: Running}", "Terminating")]
    [InlineData("{phase: Succeeded}", "Succeeded")]
    [InlineData("{phase: Running, reason: NodeLost}", "Unknown")]
    public void Cells_DeletedPod_IsTerminatingUnlessItEnded(string status, string expected)
    {
        var pod = PrintSample.Yaml($"{{apiVersion: v1, kind: Pod, metadata: {{name: p, deletionTimestamp: '2026-11-22T13:00:00Z'}}, spec: {{containers: []}}, status: {status}}}");

        Assert.Equal($"p | 0/0 | {expected} | 0 | 60m | <none> | <none> | <none> | <none>", PrintSample.Print(pod));
    }

    [Fact]
    public void Cells_WideColumns_TellWhereItIs() => Assert.Equal(
        "p | 0/0 | Running | 0 | 60m | 10.0.0.1 | node1 | node2 | 1/2",
        PrintSample.Print(PrintSample.Yaml("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec: {nodeName: node1, readinessGates: [{conditionType: a}, {conditionType: b}]}
            status: {phase: Running, podIPs: [{ip: 10.0.0.1}], nominatedNodeName: node2, conditions: [{type: a, status: "True"}, {type: b, status: "False"}]}
            """)));

    [Theory]
    [InlineData("Succeeded", "The pod has completed successfully.")]
    [InlineData("Failed", "The pod failed.")]
    public void RowCondition_EndedPod_IsCompleted(string phase, string message)
    {
        var condition = PodPrinter.RowCondition(PrintSample.Yaml($"{{kind: Pod, status: {{phase: {phase}}}}}"))!;

        Assert.Equal($$"""{"type":"Completed","status":"True","reason":"{{phase}}","message":"{{message}}"}""", condition.ToJsonString());
    }

    [Fact]
    public void RowCondition_RunningPod_HasNone() => Assert.Null(PodPrinter.RowCondition(PrintSample.Yaml("{kind: Pod, status: {phase: Running}}")));

    private static void AssertState(string status, string initContainers, string expected, int total)
    {
        var pod = PrintSample.Yaml($"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: a}}, {{name: b}}], initContainers: {initContainers}}}, status: {status}}}");

        Assert.StartsWith($"p | {expected} | 60m | ", PrintSample.Print(pod), StringComparison.Ordinal);
        Assert.Contains($"/{total} |", PrintSample.Print(pod), StringComparison.Ordinal);
    }
}
