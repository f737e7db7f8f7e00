using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Keeps slices equal to the Endpoints that somebody wrote by hand.</summary>
internal sealed class EndpointSliceMirroring(ControllerContext context, Informer<EndpointSlice> slices) : IReconciler
{
    public const string MirrorIndex = "mirror";

    private readonly Informer<Service> _services = context.Informer<Service>();
    private readonly Informer<Endpoints> _endpoints = context.Informer<Endpoints>();
    private readonly SliceWriter _writer = new(context, slices, MirrorIndex);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_writer.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<EndpointSlice>.Lag);
        }

        var endpoints = _endpoints.Get(key.Namespace, key.Name);
        var known = _writer.Known(key);
        var groups = MirrorBuilder.IsWanted(endpoints, _services.Get(key.Namespace, key.Name)) ? MirrorBuilder.Group(endpoints!) : [];
        if (groups.Sum(g => g.Endpoints.Count) == 0)
        {
            await _writer.DeleteAsync(known, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        var plan = SlicePlan.Make(known, groups);
        await _writer.EnsureAsync(key, plan, content => MirrorBuilder.Build(endpoints!, content), slice => MirrorBuilder.IsCurrent(slice, endpoints!), ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Endpoints that a slice of ours mirrors, as an index key.</summary>
    public static IEnumerable<string> SourceOf(EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.GetValueOrDefault(SliceBuilder.ManagedByLabel) == MirrorBuilder.ManagedBy
        && labels.TryGetValue(SliceBuilder.ServiceLabel, out var name) ? [$"{slice.Metadata.Namespace}/{name}"] : [];
}
