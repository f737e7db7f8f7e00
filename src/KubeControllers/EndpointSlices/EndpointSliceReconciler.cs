using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Keeps the slices of a Service in step with its pods. Slices of a deleted Service go with it, by their owner.</summary>
internal sealed class EndpointSliceReconciler(ControllerContext context, Informer<EndpointSlice> slices) : IReconciler
{
    public const string ServiceIndex = "service";

    private readonly Informer<Service> _services = context.Informer<Service>();
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly SliceWriter _writer = new(context, slices, ServiceIndex);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var service = _services.Get(key.Namespace, key.Name);
        if (service is not { Metadata.DeletionTimestamp: null } || !ServiceBackends.IsManaged(service))
        {
            return ReconcileResult.Done;
        }

        if (_writer.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<EndpointSlice>.Lag);
        }

        var pods = context.Pods.Matching(key.Namespace, service.Spec!.Selector!).ToList();
        var plan = SlicePlan.Make(_writer.Known(key), ServiceBackends.Group(service, pods, ZoneOf));
        var lastChange = ServiceBackends.LastChange(service, pods);
        await _writer.EnsureAsync(key, plan, content => SliceBuilder.Build(service, content, lastChange), slice => SliceBuilder.HasLabels(slice, service), ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Service a slice of ours belongs to, as an index key.</summary>
    public static IEnumerable<string> ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.GetValueOrDefault(SliceBuilder.ManagedByLabel) == SliceBuilder.ManagedBy
        && slice.AddressType == "IPv4" && labels.TryGetValue(SliceBuilder.ServiceLabel, out var name) ? [$"{slice.Metadata.Namespace}/{name}"] : [];

    private string? ZoneOf(string node) => _nodes.Get(null, node)?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");
}
