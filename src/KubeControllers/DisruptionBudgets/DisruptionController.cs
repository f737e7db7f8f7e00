using Sealos.ControllerKit;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>Wires budgets and the pods they guard to the reconcilers.</summary>
internal static class DisruptionController
{
    public static void Add(ControllerContext context, ResourceCatalog catalog)
    {
        var budgets = new BudgetIndex(context.Informer<PodDisruptionBudget>());
        context.BudgetsOf = budgets.Of;
        var events = context.Recorder("controllermanager");
        var controller = context.Add("disruptionbudgets", new BudgetReconciler(context, new ControllerScales(context, catalog), events), workers: 2);
        var stale = context.Add("staledisruptions", new StaleDisruptionReconciler(context), workers: 1);
        context.Watch<PodDisruptionBudget>(controller.Enqueue);
        context.Informer<Pod>().OnChange((old, now) =>
        {
            if (Concerns(old, now))
            {
                Enqueue(controller, budgets, old);
                Enqueue(controller, budgets, now);
            }

            if (now is not null && StaleDisruptionReconciler.IsInQuestion(now))
            {
                stale.Enqueue(ObjectKey.Of(now));
            }
        });
    }

    // Pods report often; few reports change what a budget counts.
    private static bool Concerns(Pod? old, Pod? now) =>
        old is null || now is null
        || PodState.IsReady(old) != PodState.IsReady(now)
        || (old.Metadata.DeletionTimestamp is null) != (now.Metadata.DeletionTimestamp is null)
        || Owners.ControllerOf(old)?.Uid != Owners.ControllerOf(now)?.Uid
        || !JsonSame.As(old.Metadata.Labels, now.Metadata.Labels);

    private static void Enqueue(Controller controller, BudgetIndex budgets, Pod? pod)
    {
        foreach (var budget in pod is null ? [] : budgets.Of(pod))
        {
            controller.Enqueue(ObjectKey.Of(budget));
        }
    }
}
