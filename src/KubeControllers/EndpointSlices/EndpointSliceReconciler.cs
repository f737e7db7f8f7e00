using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Keeps the slices of a Service in step with its pods. Slices of a deleted Service go with it, by their owner.</summary>
internal sealed class EndpointSliceReconciler(ControllerContext context, Informer<EndpointSlice> slices) : IReconciler
{
    public const string ServiceIndex = "service";

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Service> _services = context.Informer<Service>();
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly OwnWrites<EndpointSlice> _writes = new(slices, context.Time);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var service = _services.Get(key.Namespace, key.Name);
        if (service is not { Metadata.DeletionTimestamp: null } || !ServiceBackends.IsManaged(service))
        {
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<EndpointSlice>.Lag);
        }

        var pods = context.Pods.Matching(key.Namespace, service.Spec!.Selector!).ToList();
        var known = slices.ByIndex(ServiceIndex, key.ToString()).Where(s => !_writes.IsDeleted(s)).ToList();
        var plan = SlicePlan.Make(known, ServiceBackends.Group(service, pods, ZoneOf));
        await EnsureAsync(key, service, plan, ServiceBackends.LastChange(service, pods), ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Service a slice of ours belongs to, as an index key.</summary>
    public static IEnumerable<string> ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.GetValueOrDefault(SliceBuilder.ManagedByLabel) == SliceBuilder.ManagedBy
        && slice.AddressType == "IPv4" && labels.TryGetValue(SliceBuilder.ServiceLabel, out var name) ? [$"{slice.Metadata.Namespace}/{name}"] : [];

    private async Task EnsureAsync(ObjectKey key, Service service, SlicePlan plan, DateTimeOffset? lastChange, CancellationToken ct)
    {
        try
        {
            foreach (var content in plan.Create)
            {
                _writes.Note(key, await _client.CreateAsync(SliceBuilder.Build(service, content, lastChange), ct).ConfigureAwait(false));
            }
        }
        catch (ApiException e) when (Refusals.IsNamespaceTerminating(e))
        {
            return;
        }

        foreach (var content in plan.Update.Where(c => c.HasChanged || !SliceBuilder.HasLabels(c.Known!, service)))
        {
            _writes.Note(key, await _client.UpdateAsync(SliceBuilder.Build(service, content, lastChange), ct).ConfigureAwait(false));
        }

        foreach (var slice in plan.Delete)
        {
            await DeleteAsync(slice, ct).ConfigureAwait(false);
        }
    }

    private async Task DeleteAsync(EndpointSlice slice, CancellationToken ct)
    {
        _writes.NoteDeletion(slice);
        try
        {
            await _client.DeleteAsync<EndpointSlice>(slice.Metadata.Namespace, slice.Metadata.Name!, new DeleteOptions { Preconditions = new DeletePreconditions { Uid = slice.Metadata.Uid } }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, which is what was wanted.
        }
        catch
        {
            _writes.ForgetDeletion(slice);
            throw;
        }
    }

    private string? ZoneOf(string node) => _nodes.Get(null, node)?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");
}
