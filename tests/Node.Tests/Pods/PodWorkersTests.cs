using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Xunit;
using static Sealos.Node.Tests.Pods.PodWorkerTests;

namespace Sealos.Node.Tests.Pods;

public sealed class PodWorkersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Relist_TracesOfForgottenPods_AreSweptAndOthersKept()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(IsRunning, Ct);
        var forgotten = Directory.CreateDirectory(Path.Combine(node.Options.PodsRoot, "forgotten", "volumes", "v"));
        var logs = Directory.CreateDirectory(Path.Combine(node.Options.PodLogsRoot, "ns_name_forgotten"));

        await node.Runtime.RelistAsync(Ct);
        await TestNode.UntilAsync(() => !Directory.Exists(forgotten.FullName) && !Directory.Exists(logs.FullName), Ct);

        Assert.True(Directory.Exists(Path.Combine(node.Options.PodsRoot, TestPods.Uid)));
        Assert.Single(Directory.GetDirectories(node.Options.PodLogsRoot));
    }

    [Fact]
    public async Task Relist_EndedContainers_KeepsOneOfEachName()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Never", "a b"));
        await node.UntilAsync(IsRunning, Ct);
        var pod = Kinds.KubeJson.Clone(node.Api.Find("web")!);
        foreach (var image in (string[])["image:1", "image:2"])
        {
            // Another image restarts a container without a pause.
            node.Containerd.Images.Add(image);
            pod.Containers[0].Image = image;
            pod.Status = node.Api.Find("web")!.Status;
            node.Api.Apply(pod);
            await node.UntilAsync(p => IsRunning(p) && p.Status!.ContainerStatuses![0].RestartCount == int.Parse(image[^1..], System.Globalization.CultureInfo.InvariantCulture), Ct);
        }

        Assert.Equal(4, node.Containerd.CountContainers());
        await node.Runtime.RelistAsync(Ct);
        await TestNode.UntilAsync(() => node.Containerd.CountContainers() == 3, Ct);
    }

    [Fact]
    public async Task Find_NameUsedAgain_IsTheNewPod()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(IsRunning, Ct);
        var second = TestPods.Simple("Always", "a");
        second.Metadata.Uid = "second";

        node.Api.Apply(second);
        Assert.DoesNotContain(node.Workers.ListPresent(), p => p.Uid == TestPods.Uid);
        await node.UntilAsync(p => p.Uid == "second" && IsRunning(p), Ct);
        await TestNode.UntilAsync(() => node.Workers.List().Count == 1, Ct);

        Assert.Equal("second", node.Workers.Find("team", "web")!.Uid);
        Assert.Null(node.Workers.Find("team", "other"));
    }

    [Fact]
    public async Task CountRunning_AgentStarts_GivesRoomToThoseLetInBefore_UntilTheyAreGone()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var (running, fresh, ended) = (Wanting("running", """{"startTime":"2026-01-02T03:04:05Z"}"""), Wanting("fresh", null), Wanting("ended", """{"phase":"Failed","startTime":"2026-01-02T03:04:05Z"}"""));

        var counted = node.Workers.CountRunning([running, fresh, ended]);

        Assert.Equal(["running"], counted);
        Assert.Equal(3000, Assert.Single(node.Room.TryAdmit("other", new PodRoom(2000, 0))).Used);
        node.Workers.ForgetGone(counted);
        Assert.Empty(node.Room.TryAdmit("other", new PodRoom(2000, 0)));
    }

    [Fact]
    public void Remember_PodThatWasGivenLessThanItAsksFor_HasWhatItWasGiven()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"a","resources":{"requests":{"cpu":"3"}}}]}""", """{"containerStatuses":[{"name":"a","allocatedResources":{"cpu":"1"},"resources":{"requests":{"cpu":"1"}}}]}""");

        Assert.Equal(1000, PodResizer.Remember(pod, TestPods.Runtime(pod, "a:run")).MilliCpu);
    }

    private static Pod Wanting(string uid, string? status)
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"a","resources":{"requests":{"cpu":"3"}}}]}""", status);
        pod.Metadata.Uid = uid;
        return pod;
    }
}
