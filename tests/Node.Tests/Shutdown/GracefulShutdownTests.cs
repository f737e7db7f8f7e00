using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Registration;
using Sealos.Node.Shutdown;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests.Shutdown;

public sealed class GracefulShutdownTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stopping\n", true)]
    [InlineData("running\n", false)]
    [InlineData("degraded\n", false)]
    [InlineData("", false)]
    public void IsGoingDown_Answer_OnlyWhenItIsStopping(string answer, bool isGoingDown) => Assert.Equal(isGoingDown, MachineState.IsGoingDown(answer));

    [Fact]
    public async Task End_Pod_IsStoppedInTheMachinesTimeAndSaysWhy()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.TerminationGracePeriodSeconds = 60;
        node.Api.Apply(pod);
        await node.UntilAsync(p => p.Status?.Phase == "Running", Ct);

        await node.Workers.EndAsync(pod, new PodFailure("Terminated", "Pod was terminated in response to imminent node shutdown.") { Grace = TimeSpan.FromSeconds(9), IsDisruption = true }, Ct);

        Assert.Contains(node.Containerd.Calls, c => c is "StopContainer a 9" or "StopContainer a 8");
        var ended = await node.UntilAsync(p => p.Status?.ContainerStatuses?[0].State?.Terminated is not null, Ct);
        Assert.Equal(("Failed", "Terminated"), (ended.Status!.Phase, ended.Status.Reason));
        Assert.Equal("TerminationByKubelet", ended.Status.Conditions!.Single(c => c.Type == "DisruptionTarget").Reason);
    }

    [Fact]
    public async Task End_Pod_ReturnsOnlyOnceTheApiKnowsWhy()
    {
        var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        node.Api.Apply(pod);
        await node.UntilAsync(p => p.Status?.Phase == "Running", Ct);
        using var never = new ManualResetEventSlim();

        // Its processes have ended, and what was made for it still stands.
        node.BeforeRelease = () => never.Wait(TimeSpan.FromMilliseconds(300), Ct);
        await node.Workers.EndAsync(pod, new PodFailure("Terminated", "why") { Grace = TimeSpan.FromSeconds(1), IsDisruption = true }, Ct);

        var told = node.Api.Find("web")!.Status!;
        Assert.Equal(("Failed", "Terminated", "why"), (told.Phase, told.Reason, told.Message));
        Assert.NotNull(told.ContainerStatuses![0].State!.Terminated);

        // Which is why the next agent leaves it alone.
        await using var next = await node.RestartAsync(Ct);
        Assert.True(next.Workers.List().Single().IsFinished);
        await next.Runtime.RelistAsync(Ct);
        Assert.Equal(1, next.Containerd.Calls.Count(c => c.StartsWith("StartContainer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_OrdinaryPodDoesNotEnd_CriticalOnesHaveTheirTimeAllTheSame()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var (ordinary, critical) = (Named("web", "a"), Named("critical", "b"));
        critical.Spec!.Priority = 2_000_000_000;
        node.Api.Apply(ordinary);
        node.Api.Apply(critical);
        await node.UntilAsync(p => p.Status?.Phase == "Running", Ct);
        await node.UntilAsync(p => p.Status?.Phase == "Running", Ct, "critical");
        using var criticalEnds = new ManualResetEventSlim();
        var calls = 0;
        var hasBegun = false;
        node.BeforeRelease = () =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                hasBegun = criticalEnds.Wait(TimeSpan.FromSeconds(9), Ct);
            }
            else
            {
                criticalEnds.Set();
            }
        };
        using var cri = new CriClient(node.Containerd.Socket, TimeProvider.System);
        using var nowhere = new KubeClient(new KubeConfig { Server = new Uri("http://127.0.0.1:1") });
        var registrar = new NodeRegistrar(node.Options, MachineInfo.Read(node.Options, "1"), nowhere, cri, TimeProvider.System, NullLogger<NodeRegistrar>.Instance);
        var options = new ShutdownOptions { Grace = TimeSpan.FromSeconds(4), CriticalGrace = TimeSpan.FromSeconds(3) };

        await new GracefulShutdown(options, registrar, node.Workers, TimeProvider.System, NullLogger<GracefulShutdown>.Instance).RunAsync(Ct);

        // Whoever waits for the ordinary one to end waits ten seconds more than it has.
        Assert.True(hasBegun);
        Assert.Equal(["Terminated", "Terminated"], new[] { "web", "critical" }.Select(n => node.Api.Find(n)!.Status!.Reason));
    }

    [Fact]
    public async Task NewPod_ThatCannotRunHereNow_FailsAndStartsNothing()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Refusal = _ => new PodFailure("NodeShutdown", "Pod was rejected as the node is shutting down.");

        node.Api.Apply(TestPods.Simple("Always", "a"));

        var refused = await node.UntilAsync(p => p.Status?.Phase == "Failed", Ct);
        Assert.Equal("NodeShutdown", refused.Status!.Reason);
        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("RunPodSandbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunningPod_WhenTheNodeCloses_GoesOn()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(p => p.Status?.Phase == "Running", Ct);
        node.Refusal = _ => new PodFailure("NodeShutdown", "");

        node.Containerd.Exit("a", 1);

        await node.UntilAsync(p => p.Status?.ContainerStatuses?[0] is { RestartCount: 1 } or { State.Waiting.Reason: "CrashLoopBackOff" }, Ct);
        Assert.Equal("Running", node.Api.Find("web")!.Status!.Phase);
    }

    private static Pod Named(string name, string container)
    {
        var pod = TestPods.Simple("Always", container);
        (pod.Metadata.Name, pod.Metadata.Uid) = (name, name);
        return pod;
    }
}
