using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>Finds the budgets that guard a pod, without looking at all of them.</summary>
internal sealed class BudgetIndex(Informer<PodDisruptionBudget> budgets)
{
    private const string Selectors = "selector";

    private readonly Informer<PodDisruptionBudget> _budgets = budgets.AddIndex(Selectors, b => [LabelSelectors.SelectorKey(b.Metadata.Namespace, b.Spec?.Selector?.MatchLabels)]);

    public IEnumerable<PodDisruptionBudget> Of(Pod pod) =>
        LabelSelectors.LabelKeys(pod.Metadata.Namespace, pod.Metadata.Labels).SelectMany(k => _budgets.ByIndex(Selectors, k))
            .Where(b => LabelSelectors.Matches(b.Spec?.Selector, pod.Metadata.Labels));
}
