using Sealos.Kinds.AutoscalingV2;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>A size, and why it is not the one recommended.</summary>
internal readonly record struct Limited(int Replicas, string Reason, string Message);

/// <summary>What keeps a target from following every recommendation at once: windows of stability, and how fast it may change.</summary>
internal sealed class ScalingLimits(HorizontalPodAutoscalerSpec spec, ScalingHistory history, DateTimeOffset now)
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(300);
    private static readonly Limited Free = new(0, "DesiredWithinRange", "the desired count is within the acceptable range");

    private int Min => spec.MinReplicas ?? 1;

    private int Max => spec.MaxReplicas ?? 0;

    /// <summary>The recommendation, steadied by those of the recent past; remembers it.</summary>
    public Limited Stabilize(int current, int wanted)
    {
        var result = spec.Behavior is { } behavior ? Between(behavior, current, wanted) : history.Highest(wanted, DefaultWindow, now);
        history.Recommend(wanted, now);
        if (result == wanted)
        {
            return new Limited(result, "ReadyForNewScale", "recommended size matches current size");
        }

        return spec.Behavior is not null && wanted >= current
            ? new Limited(result, "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation")
            : new Limited(result, "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");
    }

    /// <summary>The size within the bounds and no further than may be gone in one step.</summary>
    public Limited Bound(int current, int wanted)
    {
        if (spec.Behavior is null)
        {
            return wanted < Min ? TooFew() : Within(wanted, Math.Max(2 * current, 4));
        }

        if (wanted > current)
        {
            return Within(wanted, Math.Max(current, UpLimit(current)));
        }

        var limit = Math.Min(current, DownLimit(current));
        return wanted >= current || wanted >= Math.Max(Min, limit)
            ? Free with { Replicas = wanted }
            : Min < limit ? new Limited(limit, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate") : TooFew();
    }

    private Limited TooFew() => new(Min, "TooFewReplicas", "the desired replica count is less than the minimum replica count");

    private Limited Within(int wanted, int limit)
    {
        if (wanted <= Math.Min(Max, limit))
        {
            return Free with { Replicas = wanted };
        }

        return Max > limit
            ? new Limited(limit, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
            : new Limited(Max, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
    }

    private int Between(HorizontalPodAutoscalerBehavior behavior, int current, int wanted)
    {
        var lowest = history.Lowest(wanted, Window(behavior.ScaleUp, TimeSpan.Zero), now);
        var highest = history.Highest(wanted, Window(behavior.ScaleDown, DefaultWindow), now);
        return Math.Min(Math.Max(current, lowest), highest);
    }

    private static TimeSpan Window(HPAScalingRules? rules, TimeSpan byDefault) =>
        rules?.StabilizationWindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : byDefault;

    private int UpLimit(int current) => Limit(spec.Behavior!.ScaleUp, current, 1);

    private int DownLimit(int current) => Limit(spec.Behavior!.ScaleDown, current, -1);

    // The policy with the least change is the lowest size on the way up and the highest on the way down.
    private int Limit(HPAScalingRules? rules, int current, int direction)
    {
        if (rules?.SelectPolicy == "Disabled")
        {
            return current;
        }

        var sizes = (rules?.Policies ?? []).Select(p => Next(p, history.AtStart(p, current, now), direction)).ToList();
        if (sizes.Count == 0)
        {
            return direction > 0 ? int.MaxValue : int.MinValue;
        }

        return (rules!.SelectPolicy == "Min") == (direction > 0) ? sizes.Min() : sizes.Max();
    }

    // Rounded so that a change of one is always possible.
    private static int Next(HPAScalingPolicy policy, int start, int direction)
    {
        var value = policy.Value ?? 0;
        if (policy.Type == "Pods")
        {
            return start + (direction * value);
        }

        return direction > 0 ? (int)Math.Ceiling(start * (1 + (value / 100.0))) : (int)(start * (1 - (value / 100.0)));
    }
}
