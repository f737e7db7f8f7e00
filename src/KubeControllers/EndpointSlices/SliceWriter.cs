using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Makes the slices of what they are made of as a plan says, and keeps in mind what the cache has not seen of that.</summary>
internal sealed class SliceWriter(ControllerContext context, Informer<EndpointSlice> slices, string index)
{
    private readonly KubeClient _client = context.Client;
    private readonly OwnWrites<EndpointSlice> _writes = new(slices, context.Time);

    public bool AreUnseen(ObjectKey key) => _writes.AreUnseen(key);

    /// <summary>The slices that are there.</summary>
    public List<EndpointSlice> Known(ObjectKey key) => slices.ByIndex(index, key.ToString()).Where(s => !_writes.IsDeleted(s)).ToList();

    /// <summary>Writes what a plan says; slices that keep their content are written only when they are not current otherwise.</summary>
    public async Task EnsureAsync(ObjectKey key, SlicePlan plan, Func<SliceContent, EndpointSlice> build, Func<EndpointSlice, bool> isCurrent, CancellationToken ct)
    {
        try
        {
            foreach (var content in plan.Create)
            {
                _writes.Note(key, await _client.CreateAsync(build(content), ct).ConfigureAwait(false));
            }
        }
        catch (ApiException e) when (Refusals.IsNamespaceTerminating(e))
        {
            return;
        }

        foreach (var content in plan.Update.Where(c => c.HasChanged || !isCurrent(c.Known!)))
        {
            _writes.Note(key, await _client.UpdateAsync(build(content), ct).ConfigureAwait(false));
        }

        await DeleteAsync(plan.Delete, ct).ConfigureAwait(false);
    }

    public async Task DeleteAsync(IEnumerable<EndpointSlice> unwanted, CancellationToken ct)
    {
        foreach (var slice in unwanted)
        {
            await _writes.DeleteAsync(_client, slice, null, ct).ConfigureAwait(false);
        }
    }
}
