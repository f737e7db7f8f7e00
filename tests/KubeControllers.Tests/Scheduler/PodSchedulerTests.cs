using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.Objects.Meta;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class PodSchedulerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_New_IsBoundAndToldSo()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Pod(ns, "p"), Ct);

        await EventuallyAsync(async () =>
        {
            var pod = await cloud.Client.GetAsync<Pod>(ns, "p", Ct);
            Assert.Equal("n1", pod.Spec!.NodeName);
            Assert.Equal("True", pod.Status?.Conditions?.Find(c => c.Type == "PodScheduled")?.Status);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == "Scheduled" && e.Message == $"Successfully assigned {ns}/p to n1");
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Pod_NoRoom_WaitsAndSaysWhyAndGoesOnceItMay()
    {
        var ns = await cloud.NamespaceAsync();
        var pod = Make.Pod(ns, "p");
        pod.Spec!.Containers![0].Resources = new ResourceRequirements { Requests = new() { ["ex.com/gadget"] = Quantity.Parse("1") }, Limits = new() { ["ex.com/gadget"] = Quantity.Parse("1") } };
        await cloud.Client.CreateAsync(pod, Ct);

        const string Message = "0/1 nodes are available: 1 Insufficient ex.com/gadget. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
        await EventuallyAsync(async () =>
        {
            var condition = (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Status?.Conditions?.Find(c => c.Type == "PodScheduled");
            Assert.Equal(("False", "Unschedulable", Message), (condition?.Status, condition?.Reason, condition?.Message));
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "FailedScheduling", Type: "Warning" } && e.Message == Message);
        });
        await cloud.AssertQuietAsync();

        await cloud.Client.PatchAsync<Node>(null, "n1", new JsonObject { ["status"] = new JsonObject { ["allocatable"] = new JsonObject { ["ex.com/gadget"] = "1" } } }, "status", Ct);
        await EventuallyAsync(async () => Assert.Equal("n1", (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Spec!.NodeName));
    }

    [Fact]
    public async Task Pod_MoreImportantThanTheOneThere_TakesItsPlace()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.PatchAsync<Node>(null, "n1", new JsonObject { ["status"] = new JsonObject { ["allocatable"] = new JsonObject { ["ex.com/seat"] = "1" } } }, "status", Ct);
        await cloud.Client.CreateAsync(Seated(ns, "first"), Ct);
        await EventuallyAsync(async () => Assert.Equal("Running", (await cloud.Client.GetAsync<Pod>(ns, "first", Ct)).Status?.Phase));
        var important = Seated(ns, "important");
        important.Spec!.PriorityClassName = "system-cluster-critical";
        await cloud.Client.CreateAsync(important, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Null(await cloud.Client.FindAsync<Pod>(ns, "first", Ct));
            Assert.Equal("n1", (await cloud.Client.GetAsync<Pod>(ns, "important", Ct)).Spec!.NodeName);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == "Preempted" && e.InvolvedObject?.Name == "first");
        });
    }

    [Fact]
    public async Task Pod_Gated_WaitsUntilTheGateIsGone()
    {
        var ns = await cloud.NamespaceAsync();
        var pod = Make.Pod(ns, "p");
        pod.Spec!.SchedulingGates = [new PodSchedulingGate { Name = "ex.com/wait" }];
        await cloud.Client.CreateAsync(pod, Ct);

        await EventuallyAsync(async () => Assert.Equal("SchedulingGated", (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Status?.Conditions?.Find(c => c.Type == "PodScheduled")?.Reason));
        await cloud.AssertQuietAsync();
        Assert.Null((await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Spec!.NodeName);

        await cloud.Client.PatchAsync<Pod>(ns, "p", new JsonObject { ["spec"] = new JsonObject { ["schedulingGates"] = null } }, null, Ct);
        await EventuallyAsync(async () => Assert.Equal("n1", (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Spec!.NodeName));
    }

    [Fact]
    public async Task Pod_OfAnotherScheduler_IsLeftAlone()
    {
        var ns = await cloud.NamespaceAsync();
        var pod = Make.Pod(ns, "p");
        pod.Spec!.SchedulerName = "mine";
        await cloud.Client.CreateAsync(pod, Ct);

        await cloud.AssertQuietAsync();

        Assert.Null((await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Spec!.NodeName);
    }

    private static Pod Seated(string ns, string name)
    {
        var pod = Make.Pod(ns, name);
        pod.Spec!.Containers![0].Resources = new ResourceRequirements { Requests = new() { ["ex.com/seat"] = Quantity.Parse("1") }, Limits = new() { ["ex.com/seat"] = Quantity.Parse("1") } };
        return pod;
    }
}
