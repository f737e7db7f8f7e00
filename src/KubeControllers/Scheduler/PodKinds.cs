using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.EndpointSlices;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>What pods are of one kind with a pod: those of its services and of whoever made it.</summary>
internal sealed class PodKinds(ControllerContext context)
{
    private readonly Informer<Service> _services = EndpointsController.WithSelectors(context.Informer<Service>());
    private readonly Informer<ReplicaSet> _replicaSets = context.Informer<ReplicaSet>();
    private readonly Informer<ReplicationController> _replicationControllers = context.Informer<ReplicationController>();
    private readonly Informer<StatefulSet> _statefulSets = context.Informer<StatefulSet>();

    /// <summary>Selects all of the pod's kind; null where nothing tells them apart from others.</summary>
    public LabelSelector? Find(Pod pod)
    {
        var selector = MadeBy(pod) is { } own ? new LabelSelector { MatchLabels = new(own.MatchLabels ?? []), MatchExpressions = own.MatchExpressions } : new LabelSelector { MatchLabels = [] };
        var services = LabelSelectors.LabelKeys(pod.Metadata.Namespace, pod.Metadata.Labels).SelectMany(k => _services.ByIndex(EndpointsController.SelectorIndex, k))
            .Where(s => LabelSelectors.Matches(s.Spec!.Selector, pod.Metadata.Labels));
        foreach (var (key, value) in services.SelectMany(s => s.Spec!.Selector ?? []))
        {
            selector.MatchLabels![key] = value;
        }

        return selector.MatchLabels!.Count == 0 && selector.MatchExpressions is not { Count: > 0 } ? null : selector;
    }

    private LabelSelector? MadeBy(Pod pod)
    {
        if (Owners.ControllerOf(pod) is not { Name: { } name } owner)
        {
            return null;
        }

        return owner.Kind switch
        {
            "ReplicaSet" => _replicaSets.Get(pod.Metadata.Namespace, name)?.Spec?.Selector,
            "ReplicationController" => _replicationControllers.Get(pod.Metadata.Namespace, name)?.Spec?.Selector is { } labels ? new LabelSelector { MatchLabels = labels } : null,
            "StatefulSet" => _statefulSets.Get(pod.Metadata.Namespace, name)?.Spec?.Selector,
            _ => null,
        };
    }
}
