using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.KubeControllers;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class NodeControllersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Node_NothingHeardOf_IsTaintedAndItsPodsAreNotReady()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await using var controllers = await StartAsync(server, TimeSpan.FromSeconds(1.5));
        await using var agent = await FakeNodeAgent.StartAsync(server, "n1", Ct);
        await server.Client.CreateAsync(Make.Pod("default", "p"), Ct);
        await EventuallyAsync(async () =>
        {
            var node = await server.Client.GetAsync<Node>(null, "n1", Ct);
            Assert.Equal("10.208.0.0/20", node.Spec?.PodCIDR);
            Assert.Equal("True", (await server.Client.GetAsync<Pod>("default", "p", Ct)).Status?.Conditions?.Find(c => c.Type == "Ready")?.Status);
        });

        await EventuallyAsync(async () =>
        {
            var node = await server.Client.GetAsync<Node>(null, "n1", Ct);
            Assert.Equal("NodeStatusUnknown", node.Status!.Conditions!.Find(c => c.Type == "Ready")!.Reason);
            var taint = Assert.Single(node.Spec!.Taints ?? []);
            Assert.Equal(("node.kubernetes.io/unreachable", "NoSchedule"), (taint.Key, taint.Effect));
            Assert.Contains((await server.Client.ListAsync<Event>("default", null, Ct)).Items, e => e.Reason == "NodeNotReady");
        });

        await agent.ReportReadyAsync(Ct);
        await EventuallyAsync(async () => Assert.Empty((await server.Client.GetAsync<Node>(null, "n1", Ct)).Spec!.Taints ?? []));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task Node_StaysReady_WhenTheClockJumps(int hours)
    {
        await using var server = await TestServer.StartAsync(Ct);
        var time = new JumpingTime();
        await using var controllers = await StartAsync(server, TimeSpan.FromMinutes(1), time);
        await using var agent = await FakeNodeAgent.StartAsync(server, "n1", Ct);
        await EventuallyAsync(async () => Assert.NotNull((await server.Client.GetAsync<Node>(null, "n1", Ct)).Spec?.PodCIDR));

        time.Jump = TimeSpan.FromHours(hours);
        await agent.ReportReadyAsync(Ct);
        await server.Client.CreateAsync(Make.Pod("default", "p"), Ct);

        await EventuallyAsync(async () => Assert.Equal("Running", (await server.Client.GetAsync<Pod>("default", "p", Ct)).Status?.Phase));
        var node = await server.Client.GetAsync<Node>(null, "n1", Ct);
        Assert.Equal("True", node.Status!.Conditions!.Find(c => c.Type == "Ready")!.Status);
        Assert.Empty(node.Spec!.Taints ?? []);
    }

    [Fact]
    public async Task Node_Removed_ItsPodsGoAfterTheQuarantine()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await using var controllers = await StartAsync(server, TimeSpan.FromMinutes(1));
        var agent = await FakeNodeAgent.StartAsync(server, "n1", Ct);
        await server.Client.CreateAsync(Make.Pod("default", "p"), Ct);
        await EventuallyAsync(async () => Assert.Equal("Running", (await server.Client.GetAsync<Pod>("default", "p", Ct)).Status?.Phase));
        await agent.DisposeAsync();

        await server.Client.DeleteAsync<Node>(null, "n1", null, Ct);

        await EventuallyAsync(async () => Assert.Null(await server.Client.FindAsync<Pod>("default", "p", Ct)));
    }

    [Fact]
    public async Task Pod_OnANodeThatIsTaintedToExecute_IsDrivenAwayUnlessItTolerates()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await using var controllers = await StartAsync(server, TimeSpan.FromMinutes(1));
        await using var agent = await FakeNodeAgent.StartAsync(server, "n1", Ct);
        var tolerant = Make.Pod("default", "tolerant");
        tolerant.Spec!.Tolerations = [new Toleration { Key = "away", Operator = "Exists", Effect = "NoExecute" }];
        await server.Client.CreateAsync(tolerant, Ct);
        await server.Client.CreateAsync(Make.Pod("default", "other"), Ct);
        await EventuallyAsync(async () => Assert.All((await server.Client.ListAsync<Pod>("default", null, Ct)).Items, p => Assert.Equal("Running", p.Status?.Phase)));

        await server.Client.PatchAsync<Node>(null, "n1", new() { ["spec"] = new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["key"] = "away", ["effect"] = "NoExecute" }) } }, null, Ct);

        await EventuallyAsync(async () => Assert.Equal("tolerant", Assert.Single((await server.Client.ListAsync<Pod>("default", null, Ct)).Items).Metadata.Name));
    }

    [Fact]
    public async Task Node_SilentWhileAnotherIsReady_LosesPodsOnceTheyNoLongerTolerateIt()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await using var controllers = await StartAsync(server, TimeSpan.FromSeconds(2));
        await using var silent = await FakeNodeAgent.StartAsync(server, "silent", Ct);
        foreach (var (name, seconds) in new (string, int?)[] { ("soon", 0), ("later", 2), ("never", null) })
        {
            var pod = Make.Pod("default", name);
            pod.Spec!.Tolerations = [new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = seconds }];
            await server.Client.CreateAsync(pod, Ct);
        }

        await EventuallyAsync(async () => Assert.Equal(3, (await PodsAsync(server)).Count(p => p.Status?.Phase == "Running")));
        await using var other = await FakeNodeAgent.StartAsync(server, "other", Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var beating = BeatAsync(other, stop.Token);

        await EventuallyAsync(async () =>
        {
            var taints = (await server.Client.GetAsync<Node>(null, "silent", Ct)).Spec!.Taints ?? [];
            Assert.Equal(["NoExecute", "NoSchedule"], taints.Where(t => t.Key == "node.kubernetes.io/unreachable").Select(t => t.Effect!).Order(StringComparer.Ordinal));
        });
        await EventuallyAsync(async () => Assert.DoesNotContain(await PodsAsync(server), p => p.Metadata.Name == "soon"));
        Assert.Contains(await PodsAsync(server), p => p.Metadata.Name == "later");
        await EventuallyAsync(async () => Assert.Equal("never", Assert.Single(await PodsAsync(server)).Metadata.Name));
        Assert.Contains((await server.Client.ListAsync<Event>("default", null, Ct)).Items, e => e is { Reason: "TaintManagerEviction", Message: "Marking for deletion Pod default/later" });
        await stop.CancelAsync();
        await beating;
    }

    [Fact]
    public async Task Pods_ThatNobodySeesOff_AreRemoved()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await using var controllers = await StartAsync(server, TimeSpan.FromMinutes(1));
        await FakeNodeAgent.RegisterAsync(server.Client, "off", Ct);
        await server.Client.CreateAsync(Make.Pod("default", "there"), Ct);
        await EventuallyAsync(async () => Assert.Equal("off", (await server.Client.GetAsync<Pod>("default", "there", Ct)).Spec!.NodeName));
        await server.Client.DeleteAsync<Pod>("default", "there", null, Ct);
        Assert.NotNull(await server.Client.FindAsync<Pod>("default", "there", Ct));

        var node = await server.Client.GetAsync<Node>(null, "off", Ct);
        node.Status!.Conditions!.Find(c => c.Type == "Ready")!.Status = "False";
        node.Metadata.ResourceVersion = null;
        await server.Client.UpdateStatusAsync(node, Ct);
        await server.Client.PatchAsync<Node>(null, "off", new() { ["spec"] = new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["key"] = "node.kubernetes.io/out-of-service", ["effect"] = "NoExecute" }) } }, null, Ct);

        await EventuallyAsync(async () => Assert.Null(await server.Client.FindAsync<Pod>("default", "there", Ct)));
    }

    private static async Task<List<Pod>> PodsAsync(TestServer server) => (await server.Client.ListAsync<Pod>("default", null, Ct)).Items;

    private static async Task BeatAsync(FakeNodeAgent agent, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await agent.ReportReadyAsync(CancellationToken.None);
            await Task.Delay(1000, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<KubeControllersComponent> StartAsync(TestServer server, TimeSpan grace, TimeProvider? time = null)
    {
        var options = new KubeControllersOptions { RootCertificatePem = server.RootPem, NodeGracePeriod = grace, MissingNodeQuarantine = TimeSpan.FromSeconds(1) };
        var controllers = new KubeControllersComponent(options, server.Client, server.Loggers, time ?? TimeProvider.System);
        await controllers.StartAsync(Ct);
        await EventuallyAsync(async () => Assert.NotNull(await server.Client.FindAsync<ServiceAccount>("default", "default", Ct)));
        return controllers;
    }

    /// <summary>A clock that is set while time goes on.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;
    }
}
