using System.Globalization;
using System.Text.RegularExpressions;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.AutoscalingV2;
using Sealos.Kinds.MetricsV1BETA1;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>Reads what pods use from metrics.k8s.io. Other metrics come from servers that cannot be registered here, and it says so.</summary>
internal sealed partial class MetricReader(KubeClient client)
{
    public const string NoCustomMetrics = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

    /// <summary>What each pod, or one container of each, uses of a resource.</summary>
    /// <exception cref="MetricException">Nothing is known.</exception>
    public async Task<Dictionary<string, PodUsage>> ReadAsync((string? Namespace, string Selector) pods, string resource, string? container, CancellationToken ct)
    {
        List<PodMetrics> metrics;
        try
        {
            metrics = (await client.ListAsync<PodMetrics>(pods.Namespace, new ListQuery { LabelSelector = pods.Selector }, ct).ConfigureAwait(false)).Items;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            throw new MetricException($"unable to fetch metrics from resource metrics API: {e.Message}");
        }

        if (metrics.Count == 0)
        {
            throw new MetricException("no metrics returned from resource metrics API");
        }

        var usage = new Dictionary<string, PodUsage>(StringComparer.Ordinal);
        foreach (var pod in metrics)
        {
            if ((container is null ? OfPod(pod, resource) : OfContainer(pod, resource, container)) is { } milli)
            {
                usage[pod.Metadata.Name!] = new PodUsage(pod.Timestamp ?? default, WindowOf(pod.Window), milli);
            }
        }

        return usage;
    }

    /// <summary>Why an external metric cannot be had.</summary>
    public static string NoExternalMetric(string? ns, MetricIdentifier? metric) =>
        $"unable to get external metric {ns}/{metric?.Name}/{Text(metric)}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {metric?.Name}.external.metrics.k8s.io)";

    /// <summary>A metric's selector as Kubernetes' messages show it.</summary>
    public static string Text(MetricIdentifier? metric)
    {
        if (metric?.Selector is not { } selector)
        {
            return "nil";
        }

        var labels = string.Concat((selector.MatchLabels ?? []).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}: {l.Value},"));
        var expressions = string.Concat((selector.MatchExpressions ?? []).Select(e => $"LabelSelectorRequirement{{Key:{e.Key},Operator:{e.Operator},Values:[{string.Join(' ', e.Values ?? [])}],}},"));
        return $"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}";
    }

    // A pod of which one container is not known is not known.
    private static long? OfPod(PodMetrics pod, string resource)
    {
        var sum = 0L;
        foreach (var container in pod.Containers ?? [])
        {
            if (container.Usage?.TryGetValue(resource, out var used) != true)
            {
                return null;
            }

            sum += used.MilliValue;
        }

        return pod.Containers is { Count: > 0 } ? sum : null;
    }

    private static long? OfContainer(PodMetrics pod, string resource, string name)
    {
        var container = pod.Containers?.Find(c => c.Name == name)
            ?? throw new MetricException($"failed to get container metrics: container {name} not present in metrics for pod {pod.Metadata.Namespace}/{pod.Metadata.Name}");
        return container.Usage?.TryGetValue(resource, out var used) == true ? used.MilliValue : null;
    }

    private static TimeSpan WindowOf(string? text) => DurationRegex().Matches(text ?? "").Aggregate(TimeSpan.Zero, (sum, part) => sum + Part(part));

    private static TimeSpan Part(Match part) => double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * part.Groups[2].Value switch
    {
        "h" => TimeSpan.FromHours(1),
        "m" => TimeSpan.FromMinutes(1),
        "ms" => TimeSpan.FromMilliseconds(1),
        _ => TimeSpan.FromSeconds(1),
    };

    [GeneratedRegex("([0-9.]+)(h|ms|m|s)")]
    private static partial Regex DurationRegex();
}
