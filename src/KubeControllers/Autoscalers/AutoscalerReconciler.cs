using System.Collections.Concurrent;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Autoscaling;
using Sealos.Kinds.AutoscalingV2;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Resources;
using Sealos.Objects.Selectors;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>Looks every period at what an autoscaler's target uses, and sets its size.</summary>
internal sealed class AutoscalerReconciler(ControllerContext context, EventRecorder events) : IReconciler
{
    private readonly Informer<HorizontalPodAutoscaler> _autoscalers = context.Informer<HorizontalPodAutoscaler>();
    private readonly ScaleClient _scales = new(context.Client, context.Time);
    private readonly MetricEvaluator _metrics = new(new MetricReader(context.Client), context.Time);
    private readonly SelectorClaims _claims = new();
    private readonly ConcurrentDictionary<ObjectKey, (string? Uid, ScalingHistory History)> _histories = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_autoscalers.Get(key.Namespace, key.Name) is not { Spec: not null } autoscaler)
        {
            _histories.TryRemove(key, out _);
            _claims.Remove(key);
            return ReconcileResult.Done;
        }

        var work = new Work(autoscaler, HistoryOf(key, autoscaler), new AutoscalerConditions(autoscaler.Status?.Conditions, context.Time.GetUtcNow()), context.Time.GetUtcNow());
        var status = await DecideAsync(key, work, ct).ConfigureAwait(false);
        await EnsureStatusAsync(autoscaler, status, ct).ConfigureAwait(false);
        return ReconcileResult.After(context.Options.AutoscalerPeriod);
    }

    // One made anew under the same name remembers nothing.
    private ScalingHistory HistoryOf(ObjectKey key, HorizontalPodAutoscaler autoscaler)
    {
        var uid = autoscaler.Metadata.Uid;
        return _histories.AddOrUpdate(key, _ => (uid, new ScalingHistory()), (_, known) => known.Uid == uid ? known : (uid, new ScalingHistory())).History;
    }

    private async Task<HorizontalPodAutoscalerStatus> DecideAsync(ObjectKey key, Work work, CancellationToken ct)
    {
        if (await ReadScaleAsync(work, ct).ConfigureAwait(false) is not var (resource, scale))
        {
            return work.Unchanged();
        }

        work.Conditions.AbleToScale(true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var current = scale.Spec?.Replicas ?? 0;
        work.History.Begin(current, work.Now);
        var (min, max) = (work.Spec.MinReplicas ?? 1, work.Spec.MaxReplicas ?? 0);
        if (current == 0 && min != 0)
        {
            work.Conditions.ScalingActive(false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            return work.Status(0, 0, null);
        }

        if (current > max || current < min)
        {
            var (bound, why) = current > max ? (max, "Current number of replicas above Spec.MaxReplicas") : (min, "Current number of replicas below Spec.MinReplicas");
            return await RescaleAsync(work, (resource, scale), (bound, why), null, ct).ConfigureAwait(false);
        }

        var (wanted, name, statuses) = await MeasureAsync(key, work, scale, ct).ConfigureAwait(false);
        if (wanted is not { } recommended)
        {
            return work.Status(current, work.Autoscaler.Status?.DesiredReplicas ?? 0, statuses);
        }

        var desired = Limit(work, current, recommended);
        var reason = recommended > current ? $"{name} above target" : recommended < current ? "All metrics below target" : "";
        return desired == current
            ? work.Status(current, current, statuses)
            : await RescaleAsync(work, (resource, scale), (desired, reason), statuses, ct).ConfigureAwait(false);
    }

    private async Task<(ServedResource Resource, Scale Scale)?> ReadScaleAsync(Work work, CancellationToken ct)
    {
        var reference = work.Spec.ScaleTargetRef!;
        string why;
        try
        {
            if (await _scales.FindAsync(reference.ApiVersion, reference.Kind, ct).ConfigureAwait(false) is { } resource)
            {
                return (resource, await _scales.GetAsync(resource, work.Autoscaler.Metadata.Namespace, reference.Name!, ct).ConfigureAwait(false));
            }

            var group = reference.ApiVersion?.IndexOf('/') is { } slash and > 0 ? reference.ApiVersion[..slash] : "";
            why = $"no matches for kind \"{reference.Kind}\" in group \"{group}\"";
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            why = e.Message;
        }

        events.Warning(work.Autoscaler, "FailedGetScale", why);
        work.Conditions.AbleToScale(false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {why}");
        return null;
    }

    // The metric that asks for most counts; while one is not known nothing shrinks.
    private async Task<(int? Wanted, string Name, List<MetricStatus>? Statuses)> MeasureAsync(ObjectKey key, Work work, Scale scale, CancellationToken ct)
    {
        if (FindPods(key, work, scale) is not { } pods)
        {
            return (null, "", null);
        }

        var target = new ScaleTarget(scale, pods);
        var outcomes = new List<MetricOutcome>();
        foreach (var metric in work.Spec.Metrics ?? [])
        {
            outcomes.Add(await _metrics.EvaluateAsync(key.Namespace, metric, target, ct).ConfigureAwait(false));
        }

        var failed = outcomes.FindAll(o => o.Failure is not null);
        foreach (var (reason, why, _) in failed.Select(o => o.Failure!.Value))
        {
            events.Warning(work.Autoscaler, reason, why);
        }

        var statuses = outcomes.ConvertAll(o => o.Status);
        var best = outcomes.Where(o => o.Replicas is not null).MaxBy(o => o.Replicas);
        if (best is null || (failed.Count > 0 && best.Replicas < target.Replicas))
        {
            var first = failed.Count > 0 ? failed[0].Failure!.Value : ("InvalidMetricSourceType", "no metrics are named", "no metrics are named");
            work.Conditions.ScalingActive(false, first.Item1, $"the HPA was unable to compute the replica count: {first.Item2}");
            events.Warning(work.Autoscaler, "FailedComputeMetricsReplicas", $"invalid metrics ({failed.Count} invalid out of {outcomes.Count}), first error is: {first.Item3}");
            return (null, "", statuses);
        }

        work.Conditions.ScalingActive(true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {best.Name}");
        return (best.Replicas, best.Name, statuses);
    }

    private List<Pod>? FindPods(ObjectKey key, Work work, Scale scale)
    {
        if (scale.Status?.Selector is not { Length: > 0 } text)
        {
            return Invalid(work, ("SelectorRequired", "selector is required"), ("InvalidSelector", "the HPA target's scale is missing a selector"));
        }

        LabelSelector selector;
        try
        {
            selector = LabelSelector.Parse(text);
        }
        catch (SelectorException e)
        {
            var why = $"couldn't convert selector into a corresponding internal selector object: {e.Message}";
            return Invalid(work, ("InvalidSelector", why), ("InvalidSelector", why));
        }

        _claims.Set(key, text, selector);
        var pods = context.Pods.Matching(key.Namespace, SelectorClaims.Pairs(selector)).Where(p => selector.Matches(p.Metadata.Labels)).ToList();
        if (_claims.Of(pods) is { Count: > 1 } several)
        {
            var why = $"pods by selector {text} are controlled by multiple HPAs: [{string.Join(' ', several.Select(k => $"{{{k.Namespace} {k.Name}}}"))}]";
            return Invalid(work, ("AmbiguousSelector", why), ("AmbiguousSelector", why));
        }

        return pods;
    }

    private List<Pod>? Invalid(Work work, (string Reason, string Message) said, (string Reason, string Message) condition)
    {
        events.Warning(work.Autoscaler, said.Reason, said.Message);
        events.Warning(work.Autoscaler, "FailedComputeMetricsReplicas", said.Message);
        work.Conditions.ScalingActive(false, condition.Reason, condition.Message);
        return null;
    }

    private static int Limit(Work work, int current, int recommended)
    {
        var limits = new ScalingLimits(work.Spec, work.History, work.Now);
        var steady = limits.Stabilize(current, recommended);
        work.Conditions.AbleToScale(true, steady.Reason, steady.Message);
        var bounded = limits.Bound(current, steady.Replicas);
        work.Conditions.ScalingLimited(bounded.Replicas != steady.Replicas, bounded.Reason, bounded.Message);
        return bounded.Replicas;
    }

    private async Task<HorizontalPodAutoscalerStatus> RescaleAsync(Work work, (ServedResource Resource, Scale Scale) target, (int Size, string Reason) wanted, List<MetricStatus>? statuses, CancellationToken ct)
    {
        var current = target.Scale.Spec?.Replicas ?? 0;
        try
        {
            target.Scale.Spec = new ScaleSpec { Replicas = wanted.Size };
            await _scales.UpdateAsync(target.Resource, target.Scale, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            events.Warning(work.Autoscaler, "FailedRescale", $"New size: {wanted.Size}; reason: {wanted.Reason}; error: {e.Message}");
            work.Conditions.AbleToScale(false, "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {e.Message}");
            return work.Status(current, work.Autoscaler.Status?.DesiredReplicas ?? 0, statuses);
        }

        work.Conditions.AbleToScale(true, "SucceededRescale", $"the HPA controller was able to update the target scale to {wanted.Size}");
        events.Normal(work.Autoscaler, "SuccessfulRescale", $"New size: {wanted.Size}; reason: {wanted.Reason}");
        work.History.Changed(current, wanted.Size, work.Now);
        var status = work.Status(current, wanted.Size, statuses);
        status.LastScaleTime = work.Now;
        return status;
    }

    private async Task EnsureStatusAsync(HorizontalPodAutoscaler autoscaler, HorizontalPodAutoscalerStatus status, CancellationToken ct)
    {
        if (JsonSame.As(status, autoscaler.Status))
        {
            return;
        }

        try
        {
            await context.Client.UpdateStatusAsync(new HorizontalPodAutoscaler { Metadata = autoscaler.Metadata, Spec = autoscaler.Spec, Status = status }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // It changed or went since it was cached; the next look writes what is true then.
        }
    }

    private sealed record Work(HorizontalPodAutoscaler Autoscaler, ScalingHistory History, AutoscalerConditions Conditions, DateTimeOffset Now)
    {
        public HorizontalPodAutoscalerSpec Spec => Autoscaler.Spec!;

        public HorizontalPodAutoscalerStatus Status(int current, int desired, List<MetricStatus>? metrics) => new()
        {
            LastScaleTime = Autoscaler.Status?.LastScaleTime,
            CurrentReplicas = current == 0 ? null : current,
            DesiredReplicas = desired,
            CurrentMetrics = metrics,
            Conditions = Conditions.All,
        };

        public HorizontalPodAutoscalerStatus Unchanged() => Status(Autoscaler.Status?.CurrentReplicas ?? 0, Autoscaler.Status?.DesiredReplicas ?? 0, Autoscaler.Status?.CurrentMetrics);
    }
}
