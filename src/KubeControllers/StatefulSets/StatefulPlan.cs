using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Something to do for one pod: make the one of an ordinal in a revision, or delete one that is there.</summary>
internal readonly record struct StatefulAction(int Ordinal, string? Revision, Pod? Delete)
{
    /// <summary>Whether it is deleted because it ended, and not because it is surplus or outdated.</summary>
    public bool IsReplacement => Delete is not null && PodState.IsTerminal(Delete);
}

/// <summary>Decides what a StatefulSet does next. In order, that is one thing at a time; in parallel, all that can be done.</summary>
internal sealed class StatefulPlan
{
    private readonly StatefulSet _set;
    private readonly string _current;
    private readonly string _update;
    private readonly DateTimeOffset _now;
    private readonly bool _isOrdered;
    private readonly Pod?[] _replicas;
    private readonly List<Pod> _surplus;
    private readonly List<StatefulAction> _actions = [];

    private StatefulPlan(StatefulSet set, IReadOnlyList<Pod> pods, (string Current, string Update) revisions, DateTimeOffset now)
    {
        _set = set;
        (_current, _update) = revisions;
        _now = now;
        _isOrdered = set.Spec!.PodManagementPolicy != "Parallel";
        var byOrdinal = pods.Where(p => StatefulPods.OrdinalOf(set, p) is not null).ToDictionary(p => StatefulPods.OrdinalOf(set, p)!.Value);
        var first = StatefulPods.FirstOrdinal(set);
        _replicas = [.. Enumerable.Range(first, StatefulPods.Replicas(set)).Select(byOrdinal.GetValueOrDefault)];
        _surplus = [.. byOrdinal.Where(p => p.Key < first || p.Key >= first + _replicas.Length).OrderByDescending(p => p.Key).Select(p => p.Value)];
    }

    /// <summary>The next things to do; none while something has to be waited for.</summary>
    public static IReadOnlyList<StatefulAction> Make(StatefulSet set, IReadOnlyList<Pod> pods, (string Current, string Update) revisions, DateTimeOffset now)
    {
        var plan = new StatefulPlan(set, pods, revisions, now);
        if (plan.FillReplicas() && plan.RemoveSurplus())
        {
            plan.ReplaceOutdated();
        }

        return plan._actions;
    }

    // Each step says whether the next may begin.
    private bool FillReplicas()
    {
        for (var i = 0; i < _replicas.Length; i++)
        {
            var ordinal = StatefulPods.FirstOrdinal(_set) + i;
            var pod = _replicas[i];
            if (pod is null)
            {
                _actions.Add(new StatefulAction(ordinal, RevisionFor(i), null));
            }
            else if (PodState.IsTerminal(pod) && pod.Metadata.DeletionTimestamp is null)
            {
                _actions.Add(new StatefulAction(ordinal, null, pod));
            }
            else if (IsAvailable(pod))
            {
                continue;
            }

            if (_isOrdered)
            {
                return false;
            }
        }

        return true;
    }

    private bool RemoveSurplus()
    {
        var firstUnhealthy = _replicas.Concat(Enumerable.Reverse(_surplus)).FirstOrDefault(p => p is not null && !IsHealthy(p));
        foreach (var pod in _surplus)
        {
            if (pod.Metadata.DeletionTimestamp is null)
            {
                if (_isOrdered && !IsAvailable(pod) && pod != firstUnhealthy)
                {
                    return false;
                }

                _actions.Add(new StatefulAction(StatefulPods.OrdinalOf(_set, pod)!.Value, null, pod));
            }

            if (_isOrdered)
            {
                return false;
            }
        }

        return true;
    }

    // Highest first, one at a time even in parallel: an update that goes wrong stops at the first pod.
    private void ReplaceOutdated()
    {
        if (_set.Spec!.UpdateStrategy?.Type == "OnDelete" || _actions.Count > 0)
        {
            return;
        }

        for (var i = _replicas.Length - 1; i >= Partition; i--)
        {
            var pod = _replicas[i]!;
            if (StatefulPods.RevisionOf(pod) != _update && pod.Metadata.DeletionTimestamp is null)
            {
                _actions.Add(new StatefulAction(StatefulPods.FirstOrdinal(_set) + i, null, pod));
                return;
            }

            if (!IsAvailable(pod))
            {
                return;
            }
        }
    }

    private int Partition => _set.Spec!.UpdateStrategy?.RollingUpdate?.Partition ?? 0;

    private string RevisionFor(int index) => _set.Spec!.UpdateStrategy?.Type != "OnDelete" && index < Partition ? _current : _update;

    private static bool IsHealthy(Pod pod) => pod.Status?.Phase == "Running" && PodState.IsReady(pod) && pod.Metadata.DeletionTimestamp is null;

    private bool IsAvailable(Pod pod) => IsHealthy(pod) && PodState.IsAvailable(pod, _set.Spec!.MinReadySeconds ?? 0, _now);
}
