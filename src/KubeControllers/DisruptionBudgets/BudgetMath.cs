using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Common;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>What a budget's status should say.</summary>
internal static class BudgetMath
{
    /// <summary>How long an eviction that was allowed is believed in.</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    private const string Condition = "DisruptionAllowed";

    /// <summary>Whether a budget counts what its pods' controllers want, rather than the pods.</summary>
    public static bool CountsScale(PodDisruptionBudgetSpec spec) => spec.MaxUnavailable is not null || spec.MinAvailable?.Text is not null;

    /// <summary>How many pods must be healthy of those expected.</summary>
    public static int DesiredHealthy(PodDisruptionBudgetSpec spec, int expected)
    {
        if (spec.MaxUnavailable is { } unavailable)
        {
            return Math.Max(0, expected - Scale(unavailable, expected));
        }

        return spec.MinAvailable is { } available ? Scale(available, expected) : 0;
    }

    /// <summary>The status that follows from the pods and the numbers; and when to look again, where an eviction is awaited.</summary>
    public static (PodDisruptionBudgetStatus Status, TimeSpan? Again) Calculate(PodDisruptionBudget budget, IReadOnlyCollection<Pod> pods, (int Expected, int Desired) counts, DateTimeOffset now)
    {
        var awaited = Awaited(budget, pods, now);
        var healthy = pods.Count(p => p.Metadata.DeletionTimestamp is null && !awaited.ContainsKey(p.Metadata.Name!) && PodState.IsReady(p));

        // A budget that matches no pods yet must not allow the first ones to go before they are counted.
        var allowed = counts.Expected <= 0 ? 0 : Math.Max(0, healthy - counts.Desired);
        var status = new PodDisruptionBudgetStatus
        {
            ObservedGeneration = budget.Metadata.Generation,
            DisruptedPods = awaited.Count == 0 ? null : awaited,
            DisruptionsAllowed = allowed,
            CurrentHealthy = healthy,
            DesiredHealthy = counts.Desired,
            ExpectedPods = counts.Expected,
            Conditions = budget.Status?.Conditions,
        };
        status.Conditions = With(status, allowed > 0 ? ("True", "SufficientPods", "") : ("False", "InsufficientPods", ""), now);
        return (status, awaited.Count == 0 ? null : awaited.Values.Min() + DeletionTimeout - now);
    }

    /// <summary>The status when the numbers could not be found out: nothing more may go.</summary>
    public static PodDisruptionBudgetStatus Failed(PodDisruptionBudget budget, string why, DateTimeOffset now)
    {
        var old = budget.Status ?? new PodDisruptionBudgetStatus();
        var status = new PodDisruptionBudgetStatus
        {
            ObservedGeneration = old.ObservedGeneration,
            DisruptedPods = old.DisruptedPods,
            DisruptionsAllowed = 0,
            CurrentHealthy = old.CurrentHealthy ?? 0,
            DesiredHealthy = old.DesiredHealthy ?? 0,
            ExpectedPods = old.ExpectedPods ?? 0,
            Conditions = old.Conditions,
        };
        status.Conditions = With(status, ("False", "SyncFailed", why), now);
        return status;
    }

    /// <summary>Pods whose eviction was allowed, but overdue: somebody should know.</summary>
    public static IEnumerable<Pod> Overdue(PodDisruptionBudget budget, IEnumerable<Pod> pods, DateTimeOffset now) =>
        pods.Where(p => p.Metadata.DeletionTimestamp is null && budget.Status?.DisruptedPods?.TryGetValue(p.Metadata.Name!, out var since) == true && since + DeletionTimeout < now);

    private static Dictionary<string, DateTimeOffset> Awaited(PodDisruptionBudget budget, IEnumerable<Pod> pods, DateTimeOffset now)
    {
        var awaited = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            if (budget.Status?.DisruptedPods?.TryGetValue(pod.Metadata.Name!, out var since) == true && since + DeletionTimeout >= now)
            {
                awaited[pod.Metadata.Name!] = since;
            }
        }

        return awaited;
    }

    private static int Scale(IntOrString amount, int expected)
    {
        try
        {
            return amount.Scale(expected, roundUp: true);
        }
        catch (FormatException e)
        {
            throw new InvalidBudgetException(e.Message);
        }
    }

    private static List<Condition> With(PodDisruptionBudgetStatus status, (string Status, string Reason, string Message) wanted, DateTimeOffset now)
    {
        List<Condition> conditions = [.. status.Conditions ?? []];
        var at = conditions.FindIndex(c => c.Type == Condition);
        var known = at < 0 ? null : conditions[at];
        var condition = new Condition
        {
            Type = Condition,
            Status = wanted.Status,
            Reason = wanted.Reason,
            Message = wanted.Message,
            ObservedGeneration = status.ObservedGeneration,
            LastTransitionTime = known?.Status == wanted.Status ? known.LastTransitionTime : now,
        };
        if (at < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[at] = condition;
        }

        return conditions;
    }
}
