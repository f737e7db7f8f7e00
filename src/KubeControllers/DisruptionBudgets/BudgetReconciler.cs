using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>Keeps a budget's status true: how many of its pods are well, and how many of them may go.</summary>
internal sealed class BudgetReconciler(ControllerContext context, ControllerScales scales, EventRecorder events) : IReconciler
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly Informer<PodDisruptionBudget> _budgets = context.Informer<PodDisruptionBudget>();
    private readonly OwnWrites<PodDisruptionBudget> _writes = new(context.Informer<PodDisruptionBudget>(), context.Time);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_budgets.Get(key.Namespace, key.Name) is not { Spec: { } spec } budget)
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<PodDisruptionBudget>.Lag);
        }

        var pods = PodsOf(budget);
        try
        {
            var counts = await CountAsync(budget, pods, ct).ConfigureAwait(false);
            var (status, again) = BudgetMath.Calculate(budget, pods, counts, context.Time.GetUtcNow());
            if (await EnsureStatusAsync(key, budget, status, ct).ConfigureAwait(false))
            {
                Report(budget, pods);
            }

            return new ReconcileResult(again);
        }
        catch (InvalidBudgetException e)
        {
            // Nothing more may be evicted while it is not known how many may; nobody tells when that can be found out.
            if (await EnsureStatusAsync(key, budget, BudgetMath.Failed(budget, e.Message, context.Time.GetUtcNow()), ct).ConfigureAwait(false))
            {
                events.Warning(budget, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {e.Message}");
            }

            return ReconcileResult.After(AskAgain);
        }
    }

    private List<Pod> PodsOf(PodDisruptionBudget budget) =>
        budget.Spec!.Selector is null
            ? []
            : [.. context.Pods.Matching(budget.Metadata.Namespace, budget.Spec.Selector.MatchLabels ?? []).Where(p => LabelSelectors.Matches(budget.Spec.Selector, p.Metadata.Labels))];

    private void Report(PodDisruptionBudget budget, List<Pod> pods)
    {
        if (pods.Count == 0)
        {
            events.Normal(budget, "NoPods", "No matching pods found");
        }

        foreach (var pod in BudgetMath.Overdue(budget, pods, context.Time.GetUtcNow()))
        {
            events.Warning(pod, "NotDeleted", $"Pod was expected by PDB {ObjectKey.Of(budget)} to be deleted but it wasn't");
        }
    }

    private async Task<(int Expected, int Desired)> CountAsync(PodDisruptionBudget budget, List<Pod> pods, CancellationToken ct)
    {
        var expected = pods.Count;
        if (BudgetMath.CountsScale(budget.Spec!))
        {
            (expected, var unmanaged) = await scales.SumAsync(pods, ct).ConfigureAwait(false);
            if (unmanaged.Count > 0 && budget.Status?.ExpectedPods != expected)
            {
                events.Warning(budget, "UnmanagedPods", $"Pods selected by this PodDisruptionBudget (selector: {LabelSelectors.Text(budget.Spec!.Selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
            }
        }
        else if (budget.Spec!.MinAvailable is null)
        {
            expected = 0;
        }

        return (expected, BudgetMath.DesiredHealthy(budget.Spec!, expected));
    }

    private async Task<bool> EnsureStatusAsync(ObjectKey key, PodDisruptionBudget budget, PodDisruptionBudgetStatus status, CancellationToken ct)
    {
        if (JsonSame.As(status, budget.Status))
        {
            return false;
        }

        // A conflict is thrown: an eviction came between, and must be counted before the next one may.
        _writes.Note(key, await context.Client.UpdateStatusAsync(new PodDisruptionBudget { Metadata = budget.Metadata, Spec = budget.Spec, Status = status }, ct).ConfigureAwait(false));
        return true;
    }
}
