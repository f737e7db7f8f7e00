using Sealos.Kinds.Autoscaling;
using Sealos.Kinds.AutoscalingV2;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>What a metric came to: how many replicas it asks for and its value; or why it did not.</summary>
/// <param name="Replicas">The replicas, or null.</param>
/// <param name="Name">What events call the metric.</param>
/// <param name="Status">The metric as it is now; empty when that is not known.</param>
/// <param name="Failure">Why there is no number: the condition's reason, its message, and the message of the whole.</param>
internal sealed record MetricOutcome(int? Replicas, string Name, MetricStatus Status, (string Reason, string Why, string Message)? Failure = null);

/// <summary>The target of an autoscaler: its size and its pods.</summary>
internal sealed record ScaleTarget(Scale Scale, IReadOnlyCollection<Pod> Pods)
{
    public int Replicas => Scale.Spec?.Replicas ?? 0;

    public string Selector => Scale.Status?.Selector ?? "";
}

/// <summary>Works out each metric of an autoscaler.</summary>
internal sealed class MetricEvaluator(MetricReader reader, TimeProvider time)
{
    public async Task<MetricOutcome> EvaluateAsync(string? ns, MetricSpec metric, ScaleTarget target, CancellationToken ct) => metric.Type switch
    {
        "Resource" => await OfResourceAsync(ns, metric.Resource!, target, ct).ConfigureAwait(false),
        "ContainerResource" => await OfContainerAsync(ns, metric.ContainerResource!, target, ct).ConfigureAwait(false),
        "Pods" => Unserved("FailedGetPodsMetric", $"unable to get metric {metric.Pods?.Metric?.Name}: {MetricReader.NoCustomMetrics}", "failed to get pods metric value"),
        "Object" => OfObject(ns, metric.Object!),
        "External" => OfExternal(ns, metric.External!),
        _ => Failed("InvalidMetricSourceType", $"unknown metric source type \"{metric.Type}\"", $"unknown metric source type \"{metric.Type}\""),
    };

    private async Task<MetricOutcome> OfResourceAsync(string? ns, ResourceMetricSource source, ScaleTarget target, CancellationToken ct)
    {
        var name = source.Name ?? "";
        try
        {
            var proposal = await ProposeAsync((ns, target.Selector), (name, null, source.Target), target, ct).ConfigureAwait(false);
            var status = new MetricStatus { Type = "Resource", Resource = new ResourceMetricStatus { Name = name, Current = Value(proposal) } };
            return new MetricOutcome(proposal.Replicas, source.Target?.AverageValue is null ? $"{name} resource utilization (percentage of request)" : $"{name} resource", status);
        }
        catch (MetricException e)
        {
            return Failed("FailedGetResourceMetric", e.Message, $"failed to get {name} resource metric value: {e.Message}");
        }
    }

    private async Task<MetricOutcome> OfContainerAsync(string? ns, ContainerResourceMetricSource source, ScaleTarget target, CancellationToken ct)
    {
        var name = source.Name ?? "";
        try
        {
            var proposal = await ProposeAsync((ns, target.Selector), (name, source.Container, source.Target), target, ct).ConfigureAwait(false);
            var status = new MetricStatus { Type = "ContainerResource", ContainerResource = new ContainerResourceMetricStatus { Name = name, Container = source.Container, Current = Value(proposal) } };
            return new MetricOutcome(proposal.Replicas, source.Target?.AverageValue is null ? $"{name} container resource utilization (percentage of request)" : $"{name} resource", status);
        }
        catch (MetricException e)
        {
            return Failed("FailedGetContainerResourceMetric", e.Message, $"failed to get {source.Container} container metric value: {e.Message}");
        }
    }

    private async Task<Proposal> ProposeAsync((string?, string) pods, (string Resource, string? Container, MetricTarget? Target) wanted, ScaleTarget target, CancellationToken ct)
    {
        if (wanted.Target is not { } goal || (goal.AverageValue is null && goal.AverageUtilization is null))
        {
            throw new MetricException("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set");
        }

        var what = goal.AverageValue is null ? "utilization" : "usage";
        Dictionary<string, PodUsage> usage;
        try
        {
            usage = await reader.ReadAsync(pods, wanted.Resource, wanted.Container, ct).ConfigureAwait(false);
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get {wanted.Resource} {what}: unable to get metrics for resource {wanted.Resource}: {e.Message}");
        }

        try
        {
            var measured = new Measured(target.Pods, usage, wanted.Resource, time.GetUtcNow());
            return goal.AverageValue is { } value
                ? ReplicaCalculator.ByValue(measured, target.Replicas, value.MilliValue)
                : ReplicaCalculator.ByUtilization(measured, target.Replicas, goal.AverageUtilization!.Value, wanted.Container);
        }
        catch (MetricException e)
        {
            throw new MetricException($"failed to get {wanted.Resource} {what}: {e.Message}");
        }
    }

    private static MetricOutcome OfObject(string? ns, ObjectMetricSource source)
    {
        var of = source.DescribedObject;
        var why = $"unable to get metric {source.Metric?.Name}: {of?.Kind} on {ns} {of?.Name}/{MetricReader.NoCustomMetrics}";
        return Unserved("FailedGetObjectMetric", why, source.Target?.Type == "Value" ? "failed to get object metric value" : $"failed to get object metric value: failed to get {source.Metric?.Name} object metric");
    }

    private static MetricOutcome OfExternal(string? ns, ExternalMetricSource source)
    {
        var name = source.Metric?.Name;
        var kind = source.Target?.AverageValue is null ? $"failed to get external metric {name}" : $"failed to get {name} external metric";
        return Unserved("FailedGetExternalMetric", MetricReader.NoExternalMetric(ns, source.Metric), $"failed to get {name} external metric value: {kind}");
    }

    private static MetricOutcome Unserved(string reason, string why, string what) => Failed(reason, why, $"{what}: {why}");

    private static MetricOutcome Failed(string reason, string why, string message) => new(null, "", new MetricStatus { Type = "" }, (reason, why, message));

    private static MetricValueStatus Value(Proposal proposal) => new()
    {
        AverageUtilization = proposal.Utilization,
        AverageValue = Quantity.Parse(Quantity.FromMilli(proposal.Average).ToCanonicalString()),
    };
}
