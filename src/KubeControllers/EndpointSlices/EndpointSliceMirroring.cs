using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Keeps slices equal to the Endpoints that somebody wrote by hand.</summary>
internal sealed class EndpointSliceMirroring(ControllerContext context, Informer<EndpointSlice> slices) : IReconciler
{
    public const string MirrorIndex = "mirror";

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Service> _services = context.Informer<Service>();
    private readonly Informer<Endpoints> _endpoints = context.Informer<Endpoints>();
    private readonly OwnWrites<EndpointSlice> _writes = new(slices, context.Time);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<EndpointSlice>.Lag);
        }

        var endpoints = _endpoints.Get(key.Namespace, key.Name);
        var known = slices.ByIndex(MirrorIndex, key.ToString()).Where(s => !_writes.IsDeleted(s)).ToList();
        var groups = MirrorBuilder.IsWanted(endpoints, _services.Get(key.Namespace, key.Name)) ? MirrorBuilder.Group(endpoints!) : [];
        if (groups.Sum(g => g.Endpoints.Count) == 0)
        {
            foreach (var slice in known)
            {
                await DeleteAsync(slice, ct).ConfigureAwait(false);
            }

            return ReconcileResult.Done;
        }

        await EnsureAsync(key, endpoints!, SlicePlan.Make(known, groups), ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Endpoints that a slice of ours mirrors, as an index key.</summary>
    public static IEnumerable<string> SourceOf(EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.GetValueOrDefault(SliceBuilder.ManagedByLabel) == MirrorBuilder.ManagedBy
        && labels.TryGetValue(SliceBuilder.ServiceLabel, out var name) ? [$"{slice.Metadata.Namespace}/{name}"] : [];

    private async Task EnsureAsync(ObjectKey key, Endpoints endpoints, SlicePlan plan, CancellationToken ct)
    {
        try
        {
            foreach (var content in plan.Create)
            {
                _writes.Note(key, await _client.CreateAsync(MirrorBuilder.Build(endpoints, content), ct).ConfigureAwait(false));
            }
        }
        catch (ApiException e) when (Refusals.IsNamespaceTerminating(e))
        {
            return;
        }

        foreach (var content in plan.Update.Where(c => c.HasChanged || !MirrorBuilder.IsCurrent(c.Known!, endpoints)))
        {
            _writes.Note(key, await _client.UpdateAsync(MirrorBuilder.Build(endpoints, content), ct).ConfigureAwait(false));
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
}
