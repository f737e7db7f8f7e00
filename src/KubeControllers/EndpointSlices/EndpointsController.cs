using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Wires Services and pods to the two reconcilers that publish endpoints.</summary>
internal static class EndpointsController
{
    /// <summary>Services by what they select.</summary>
    internal const string SelectorIndex = "selector";

    /// <summary>Services with that index, whoever is the first to need it.</summary>
    internal static Informer<Service> WithSelectors(Informer<Service> services) =>
        services.AddIndex(SelectorIndex, s => ServiceBackends.IsManaged(s) ? [LabelSelectors.SelectorKey(s.Metadata.Namespace, s.Spec!.Selector)] : []);

    public static void Add(ControllerContext context)
    {
        var services = WithSelectors(context.Informer<Service>());
        var slices = context.Informer<EndpointSlice>().AddIndex(EndpointSliceReconciler.ServiceIndex, EndpointSliceReconciler.ServiceOf)
            .AddIndex(EndpointSliceMirroring.MirrorIndex, EndpointSliceMirroring.SourceOf);
        Controller[] controllers =
        [
            context.Add("endpointslices", new EndpointSliceReconciler(context, slices), workers: 4),
            context.Add("endpoints", new EndpointsReconciler(context), workers: 4),
        ];
        var mirror = context.Add("endpointslice-mirroring", new EndpointSliceMirroring(context, slices), workers: 2);
        context.Watch<Service>(mirror.Enqueue);
        context.Watch<Endpoints>(mirror.Enqueue);
        context.Watch<Service>(Enqueue);
        context.Watch<Endpoints>(controllers[1].Enqueue);
        slices.OnChange((old, now) =>
        {
            EnqueueOwner(controllers[0], EndpointSliceReconciler.ServiceOf(now ?? old!));
            EnqueueOwner(mirror, EndpointSliceMirroring.SourceOf(now ?? old!));
        });
        context.Informer<Pod>().OnChange((old, now) =>
        {
            if (old is not null && now is not null && !HasChanged(old, now))
            {
                return;
            }

            foreach (var key in Keys(old).Concat(Keys(now)).Distinct())
            {
                foreach (var service in services.ByIndex(SelectorIndex, key))
                {
                    Enqueue(ObjectKey.Of(service));
                }
            }
        });

        void Enqueue(ObjectKey key) => Array.ForEach(controllers, c => c.Enqueue(key));
    }

    private static void EnqueueOwner(Controller controller, IEnumerable<string> owners)
    {
        if (owners.FirstOrDefault() is { } owner && owner.Split('/') is [var ns, var name])
        {
            controller.Enqueue(new ObjectKey(ns, name));
        }
    }

    private static IEnumerable<string> Keys(Pod? pod) => pod is null ? [] : LabelSelectors.LabelKeys(pod.Metadata.Namespace, pod.Metadata.Labels);

    // Most updates of a pod are not about its endpoints.
    private static bool HasChanged(Pod old, Pod now) =>
        ServiceBackends.AddressOf(old) != ServiceBackends.AddressOf(now)
        || PodState.IsReady(old) != PodState.IsReady(now)
        || PodState.IsTerminal(old) != PodState.IsTerminal(now)
        || old.Metadata.DeletionTimestamp is null != now.Metadata.DeletionTimestamp is null
        || PodState.NodeName(old) != PodState.NodeName(now)
        || (old.Metadata.Labels?.Count ?? 0) != (now.Metadata.Labels?.Count ?? 0) || !LabelSelectors.Matches(old.Metadata.Labels, now.Metadata.Labels);
}
