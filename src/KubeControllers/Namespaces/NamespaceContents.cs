using Sealos.ControllerKit.Client;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.Namespaces;

/// <summary>What a namespace still holds after everything in it was told to go.</summary>
/// <param name="Remaining">Objects left, by resource.</param>
/// <param name="Finalizers">Objects held, by finalizer.</param>
/// <param name="Failures">What could not be asked or deleted.</param>
/// <param name="UnreachableGroups">Groups whose contents are unknown.</param>
internal sealed record NamespaceRemains(SortedDictionary<string, int> Remaining, SortedDictionary<string, int> Finalizers, List<string> Failures, IReadOnlyList<string> UnreachableGroups)
{
    public bool IsEmpty => Remaining.Count == 0 && Failures.Count == 0 && UnreachableGroups.Count == 0;
}

/// <summary>Deletes everything in a namespace, of whatever kinds are served.</summary>
internal sealed class NamespaceContents(KubeClient client)
{
    private readonly MetadataClient _metadata = new(client);

    /// <summary>Tells everything to go and counts what is left.</summary>
    public async Task<NamespaceRemains> DeleteAsync(string ns, CancellationToken ct)
    {
        var catalog = await ResourceCatalog.ReadAsync(client, ct).ConfigureAwait(false);
        var remains = new NamespaceRemains(new(StringComparer.Ordinal), new(StringComparer.Ordinal), [], catalog.UnreachableGroups);
        foreach (var resource in catalog.Resources.Where(r => IsDeletable(r, catalog)))
        {
            try
            {
                await DeleteAsync(resource, ns, remains, ct).ConfigureAwait(false);
            }
            catch (ApiException e)
            {
                // One kind that cannot be deleted must not keep the others; the condition names it.
                remains.Failures.Add($"{resource.DisplayName}: {e.Message}");
            }
        }

        return remains;
    }

    // Events are the same objects in two groups.
    private static bool IsDeletable(ServedResource resource, ResourceCatalog catalog) =>
        resource.IsNamespaced && resource.Verbs.Contains("list") && resource.Verbs.Contains("delete")
        && !(resource is { Group: "events.k8s.io", Kind: "Event" } && catalog.Find("v1", "Event") is not null);

    private async Task DeleteAsync(ServedResource resource, string ns, NamespaceRemains remains, CancellationToken ct)
    {
        var found = await ListAsync(resource, ns, ct).ConfigureAwait(false);
        if (found.Exists(o => o.Metadata.DeletionTimestamp is null))
        {
            await DeleteAsync(resource, ns, found, ct).ConfigureAwait(false);
            found = await ListAsync(resource, ns, ct).ConfigureAwait(false);
        }

        if (found.Count > 0)
        {
            remains.Remaining[resource.DisplayName] = found.Count;
        }

        foreach (var finalizer in found.SelectMany(o => o.Metadata.Finalizers ?? []))
        {
            remains.Finalizers[finalizer] = remains.Finalizers.GetValueOrDefault(finalizer) + 1;
        }
    }

    private async Task DeleteAsync(ServedResource resource, string ns, List<ObjectHead> found, CancellationToken ct)
    {
        if (resource.Verbs.Contains("deletecollection"))
        {
            await _metadata.DeleteAllAsync(resource, ns, ct).ConfigureAwait(false);
            return;
        }

        foreach (var head in found.Where(o => o.Metadata.DeletionTimestamp is null))
        {
            try
            {
                await _metadata.DeleteAsync(resource, ns, head.Metadata.Name, new DeleteOptions { PropagationPolicy = "Background" }, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already, which is what was wanted.
            }
        }
    }

    private async Task<List<ObjectHead>> ListAsync(ServedResource resource, string ns, CancellationToken ct)
    {
        var found = new List<ObjectHead>();
        await foreach (var page in _metadata.ListAsync(resource, ns, ct).ConfigureAwait(false))
        {
            found.AddRange(page.Items);
        }

        return found;
    }
}
