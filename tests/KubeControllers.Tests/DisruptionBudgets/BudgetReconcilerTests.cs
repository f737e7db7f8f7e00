using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.Objects.Meta;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.DisruptionBudgets;

public sealed class BudgetReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budget_OverADeployment_LetsOnePodAtATimeGo()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 3), Ct);
        await cloud.Client.CreateAsync(Budget(ns, "web", max: 1), Ct);
        await StatusAsync(ns, (3, 2, 3, 1));
        await cloud.AssertQuietAsync();

        cloud.Agent.MakesReady = pod => pod.Metadata.Namespace != ns;
        try
        {
            var pods = await cloud.ListAsync<Pod>(ns);
            await EvictAsync(ns, pods[0].Metadata.Name!);
            var refused = await Assert.ThrowsAsync<ApiException>(() => EvictAsync(ns, pods[1].Metadata.Name!));
            Assert.Equal(429, refused.Code);
            await StatusAsync(ns, (3, 2, 2, 0));
        }
        finally
        {
            cloud.Agent.MakesReady = _ => true;
            await TouchAsync(ns);
        }

        await StatusAsync(ns, (3, 2, 3, 1));
        Assert.Null((await cloud.Client.GetAsync<PodDisruptionBudget>(ns, "b", Ct)).Status!.DisruptedPods);
    }

    [Fact]
    public async Task Budget_OverWhatCannotBeScaled_AllowsNothingAndSaysWhy()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(new DaemonSet { Metadata = new ObjectMeta { Name = "d", Namespace = ns }, Spec = new DaemonSetSpec { Selector = new LabelSelector { MatchLabels = new() { ["app"] = "d" } }, Template = Make.Template("d") } }, Ct);
        await cloud.Client.CreateAsync(Budget(ns, "d", max: 1), Ct);

        await EventuallyAsync(async () =>
        {
            var condition = Assert.Single((await cloud.Client.GetAsync<PodDisruptionBudget>(ns, "b", Ct)).Status?.Conditions ?? []);
            Assert.Equal(("False", "SyncFailed", "daemonsets.apps does not implement the scale subresource"), (condition.Status, condition.Reason, condition.Message));
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Budget_OverACustomKind_AsksForItsScale()
    {
        var ns = await cloud.NamespaceAsync();
        var group = ns + ".example.com";
        await SendAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", $$"""
            {"metadata":{"name":"rings.{{group}}"},"spec":{"group":"{{group}}","scope":"Namespaced","names":{"plural":"rings","singular":"ring","kind":"Ring","listKind":"RingList"},
             "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"} },
              "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """);
        JsonNode? ring = null;
        await EventuallyAsync(async () => ring = await SendAsync($"/apis/{group}/v1/namespaces/{ns}/rings", $$"""{"apiVersion":"{{group}}/v1","kind":"Ring","metadata":{"name":"r"},"spec":{"size":4} }"""));
        var pod = Make.Pod(ns, "p", "r");
        pod.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = group + "/v1", Kind = "Ring", Name = "r", Uid = (string?)ring!["metadata"]!["uid"], Controller = true }];
        await cloud.Client.CreateAsync(pod, Ct);
        await cloud.Client.CreateAsync(Budget(ns, "r", max: 3), Ct);

        await StatusAsync(ns, (4, 1, 1, 0));
    }

    [Fact]
    public async Task Pod_SaidToGoThatStays_IsSoNoMore()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Pod(ns, "p"), Ct);
        await EventuallyAsync(async () => Assert.Equal("Running", (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Status?.Phase));
        await EventuallyAsync(async () =>
        {
            var pod = await cloud.Client.GetAsync<Pod>(ns, "p", Ct);
            pod.Status!.Conditions!.Add(new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "PreemptionByScheduler", LastTransitionTime = DateTimeOffset.UtcNow.AddMinutes(-3) });
            await cloud.Client.UpdateStatusAsync(pod, Ct);
        });

        await EventuallyAsync(async () => Assert.Equal("False", (await cloud.Client.GetAsync<Pod>(ns, "p", Ct)).Status!.Conditions!.Single(c => c.Type == "DisruptionTarget").Status));
    }

    private static PodDisruptionBudget Budget(string ns, string app, IntOrString max) => new()
    {
        Metadata = new ObjectMeta { Name = "b", Namespace = ns },
        Spec = new PodDisruptionBudgetSpec { MaxUnavailable = max, Selector = new LabelSelector { MatchLabels = new() { ["app"] = app } } },
    };

    private Task EvictAsync(string ns, string pod) =>
        SendAsync($"/api/v1/namespaces/{ns}/pods/{pod}/eviction", $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"} }""");

    private Task<JsonNode> SendAsync(string path, string body) =>
        cloud.Client.PostAsync<JsonNode, JsonNode>(path, JsonNode.Parse(body)!, Ct);

    // The agent looks at its pods again when one of them changes.
    private Task TouchAsync(string ns) => EventuallyAsync(async () =>
    {
        foreach (var pod in await cloud.ListAsync<Pod>(ns))
        {
            await cloud.Client.PatchAsync<Pod>(ns, pod.Metadata.Name!, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["touched"] = "yes" } } }, null, Ct);
        }
    });

    private Task StatusAsync(string ns, (int Expected, int Desired, int Healthy, int Allowed) wanted) => EventuallyAsync(async () =>
    {
        var status = (await cloud.Client.GetAsync<PodDisruptionBudget>(ns, "b", Ct)).Status;
        Assert.Equal(wanted, (status?.ExpectedPods ?? -1, status?.DesiredHealthy ?? -1, status?.CurrentHealthy ?? -1, status?.DisruptionsAllowed ?? -1));
    });
}
