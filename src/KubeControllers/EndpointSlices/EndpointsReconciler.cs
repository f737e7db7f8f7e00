using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Keeps the Endpoints object of a Service in step with its pods, and removes it with the Service.</summary>
internal sealed class EndpointsReconciler(ControllerContext context) : IReconciler
{
    private readonly KubeClient _client = context.Client;
    private readonly Informer<Service> _services = context.Informer<Service>();
    private readonly Informer<Endpoints> _endpoints = context.Informer<Endpoints>();
    private readonly OwnWrites<Endpoints> _writes = new(context.Informer<Endpoints>(), context.Time);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Endpoints>.Lag);
        }

        var service = _services.Get(key.Namespace, key.Name);
        var known = _endpoints.Get(key.Namespace, key.Name);
        if (service is null)
        {
            await EnsureGoneAsync(known, ct).ConfigureAwait(false);
        }
        else if (ServiceBackends.IsManaged(service) && service.Metadata.DeletionTimestamp is null)
        {
            await EnsureCurrentAsync(key, service, known, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    // Endpoints that somebody wrote by hand, before their Service, do not have our annotation.
    private async Task EnsureGoneAsync(Endpoints? known, CancellationToken ct)
    {
        if (known is null || known.Metadata.Annotations?.ContainsKey(SliceBuilder.LastChangeAnnotation) != true)
        {
            return;
        }

        await _client.DeleteExactlyAsync(known, null, ct).ConfigureAwait(false);
    }

    private async Task EnsureCurrentAsync(ObjectKey key, Service service, Endpoints? known, CancellationToken ct)
    {
        var pods = context.Pods.Matching(key.Namespace, service.Spec!.Selector!).ToList();
        var wanted = EndpointsBuilder.Build(service, pods, known);
        if (known is not null && EndpointsBuilder.AreSame(wanted, known))
        {
            return;
        }

        try
        {
            _writes.Note(key, known is null ? await _client.CreateAsync(wanted, ct).ConfigureAwait(false) : await _client.UpdateAsync(wanted, ct).ConfigureAwait(false));
        }
        catch (ApiException e) when (Refusals.IsNamespaceTerminating(e))
        {
            // Nothing is needed in a namespace that is going away.
        }
    }
}
