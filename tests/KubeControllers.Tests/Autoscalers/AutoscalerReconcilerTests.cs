using Sealos.Kinds.Apps;
using Sealos.Kinds.AutoscalingV2;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.Objects.Meta;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Autoscalers;

public sealed class AutoscalerReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private const long Mebibyte = 1024 * 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Autoscaler_OfMemory_GrowsAndShrinksItsTarget()
    {
        var ns = await cloud.NamespaceAsync();
        await using var meter = await FakeMeter.StartAsync(cloud.Server, ns, cloud.Server.Serving(), Ct);
        meter.Memory = 200 * Mebibyte;
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", Memory("100Mi")), Ct);

        await SizeAsync(ns, 4);
        await EventuallyAsync(async () =>
        {
            var status = (await ReadAsync(ns)).Status!;
            Assert.Equal("True SucceededRescale|True ValidMetricFound|False DesiredWithinRange", Conditions(status, exact: false).Replace("ReadyForNewScale", "SucceededRescale", StringComparison.Ordinal).Replace("True TooManyReplicas", "False DesiredWithinRange", StringComparison.Ordinal));
            Assert.Equal("209715200", Assert.Single(status.CurrentMetrics!).Resource!.Current!.AverageValue.ToString());
            Assert.NotNull(status.LastScaleTime);
        });
        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "SuccessfulRescale", Message: "New size: 4; reason: memory resource above target" }));

        meter.Memory = 10 * Mebibyte;
        await SizeAsync(ns, 1);
        await EventuallyAsync(async () => Assert.Equal((1, 1), ((await ReadAsync(ns)).Status!.CurrentReplicas, (await ReadAsync(ns)).Status!.DesiredReplicas)));
    }

    [Fact]
    public async Task Autoscaler_OfMetricsThatNobodyServes_SaysSoAndLeavesItsTarget()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);
        var requests = new MetricSpec { Type = "Pods", Pods = new PodsMetricSource { Metric = new MetricIdentifier { Name = "requests" }, Target = new MetricTarget { Type = "AverageValue", AverageValue = Quantity.Parse("5") } } };
        var queue = new MetricSpec { Type = "External", External = new ExternalMetricSource { Metric = new MetricIdentifier { Name = "queue" }, Target = new MetricTarget { Type = "Value", Value = Quantity.Parse("5") } } };
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", requests, queue), Ct);

        const string Why = "unable to get metric requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
        await EventuallyAsync(async () =>
        {
            var active = (await ReadAsync(ns)).Status?.Conditions?.Find(c => c.Type == "ScalingActive");
            Assert.Equal(("False", "FailedGetPodsMetric", "the HPA was unable to compute the replica count: " + Why), (active?.Status, active?.Reason, active?.Message));
            var events = await cloud.ListAsync<Event>(ns);
            Assert.Contains(events, e => e.Reason == "FailedGetExternalMetric" && e.Message!.EndsWith("the server could not find the requested resource (get queue.external.metrics.k8s.io)", StringComparison.Ordinal));
            Assert.Contains(events, e => e.Message == "invalid metrics (2 invalid out of 2), first error is: failed to get pods metric value: " + Why);
        });
        Assert.Equal(2, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Spec!.Replicas);
    }

    [Theory]
    [InlineData("Pods", "FailedGetPodsMetric", "unable to get metric requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered")]
    [InlineData("Object", "FailedGetObjectMetric", "unable to get metric requests: Service on {ns} front/unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered")]
    [InlineData("External", "FailedGetExternalMetric", "unable to get external metric {ns}/requests/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get requests.external.metrics.k8s.io)")]
    public async Task Autoscaler_OneMetricOfTwoIsMissing_GrowsByTheOtherAndNeverShrinks(string type, string reason, string message)
    {
        var ns = await cloud.NamespaceAsync();
        await using var meter = await FakeMeter.StartAsync(cloud.Server, ns, cloud.Server.Serving(), Ct);
        meter.Memory = 200 * Mebibyte;
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 2), Ct);
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", Requests(type), Memory("100Mi")), Ct);

        await SizeAsync(ns, 4);
        await EventuallyAsync(async () =>
        {
            Assert.Contains("ScalingActive True ValidMetricFound: the HPA was able to successfully calculate a replica count from memory resource", Conditions((await ReadAsync(ns)).Status, exact: true), StringComparison.Ordinal);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == reason && e.Message == message.Replace("{ns}", ns, StringComparison.Ordinal));
        });

        meter.Memory = 10 * Mebibyte;
        await EventuallyAsync(async () => Assert.Contains($"ScalingActive False {reason}: the HPA was unable to compute the replica count: {message.Replace("{ns}", ns, StringComparison.Ordinal)}", Conditions((await ReadAsync(ns)).Status, exact: true), StringComparison.Ordinal));
        Assert.Equal(4, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Spec!.Replicas);
    }

    [Fact]
    public async Task Autoscaler_WithoutATarget_SaysSo()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", Memory("1Gi")), Ct);

        await EventuallyAsync(async () => Assert.Equal("AbleToScale False FailedGetScale: the HPA controller was unable to get the target's current scale: deployments.apps \"web\" not found", Conditions((await ReadAsync(ns)).Status, exact: true)));
    }

    [Fact]
    public async Task Autoscaler_OfATargetOutOfBounds_BringsItWithin()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 7), Ct);
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", Memory("1Gi")), Ct);

        await SizeAsync(ns, 4);
        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Message == "New size: 4; reason: Current number of replicas above Spec.MaxReplicas"));
    }

    [Fact]
    public async Task Autoscaler_OfATargetAtRest_LeavesItAlone()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Make.Deployment(ns, "web", 0), Ct);
        await cloud.Client.CreateAsync(Autoscaler(ns, "Deployment", Memory("1Gi")), Ct);

        await EventuallyAsync(async () => Assert.Contains("ScalingActive False ScalingDisabled: scaling is disabled since the replica count of the target is zero", Conditions((await ReadAsync(ns)).Status, exact: true), StringComparison.Ordinal));
        Assert.Equal(0, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Spec!.Replicas);
    }

    private static MetricSpec Requests(string type)
    {
        var (metric, target) = (new MetricIdentifier { Name = "requests" }, new MetricTarget { Type = "AverageValue", AverageValue = Quantity.Parse("5") });
        return type switch
        {
            "Pods" => new MetricSpec { Type = type, Pods = new PodsMetricSource { Metric = metric, Target = target } },
            "Object" => new MetricSpec { Type = type, Object = new ObjectMetricSource { Metric = metric, Target = target, DescribedObject = new CrossVersionObjectReference { ApiVersion = "v1", Kind = "Service", Name = "front" } } },
            _ => new MetricSpec { Type = type, External = new ExternalMetricSource { Metric = metric, Target = target } },
        };
    }

    private static MetricSpec Memory(string average) =>
        new() { Type = "Resource", Resource = new ResourceMetricSource { Name = "memory", Target = new MetricTarget { Type = "AverageValue", AverageValue = Quantity.Parse(average) } } };

    private static HorizontalPodAutoscaler Autoscaler(string ns, string kind, params List<MetricSpec> metrics) => new()
    {
        Metadata = new ObjectMeta { Name = "h", Namespace = ns },
        Spec = new HorizontalPodAutoscalerSpec
        {
            ScaleTargetRef = new CrossVersionObjectReference { ApiVersion = "apps/v1", Kind = kind, Name = "web" },
            MaxReplicas = 4,
            Metrics = metrics,
            Behavior = new HorizontalPodAutoscalerBehavior { ScaleDown = new HPAScalingRules { StabilizationWindowSeconds = 0 } },
        },
    };

    private static string Conditions(HorizontalPodAutoscalerStatus? status, bool exact) =>
        string.Join('|', (status?.Conditions ?? []).Select(c => exact ? $"{c.Type} {c.Status} {c.Reason}: {c.Message}" : $"{c.Status} {c.Reason}"));

    private Task<HorizontalPodAutoscaler> ReadAsync(string ns) => cloud.Client.GetAsync<HorizontalPodAutoscaler>(ns, "h", Ct);

    private Task SizeAsync(string ns, int replicas) => EventuallyAsync(async () =>
        Assert.Equal(replicas, (await cloud.Client.GetAsync<Deployment>(ns, "web", Ct)).Spec!.Replicas));
}
