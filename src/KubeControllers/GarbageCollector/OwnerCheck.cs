using System.Collections.Concurrent;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>An object's owners, by what they mean for it.</summary>
internal sealed record OwnerClasses(bool HasSolid, bool HasUnserved, List<Guid> Absent, List<Guid> Waiting);

/// <summary>Finds out which owners of an object are there, gone, or being deleted and waiting for it.</summary>
internal sealed class OwnerCheck(MetadataClient client, OwnerGraph graph, EventRecorder events)
{
    private const int Remembered = 4096;

    // A uid never comes back, so that of a crowd of dependents only the first has to ask.
    private readonly ConcurrentDictionary<(OwnerLink Owner, string? Namespace), byte> _absent = new();

    public async Task<OwnerClasses> ClassifyAsync(GraphNode node, ResourceCatalog catalog, CancellationToken ct)
    {
        var classes = new OwnerClasses(false, false, [], []);
        foreach (var owner in node.Owners)
        {
            if (catalog.Find(owner.ApiVersion, owner.Kind) is not { } resource)
            {
                classes = classes with { HasUnserved = true };
            }
            else if (resource.IsNamespaced && node.Namespace is null)
            {
                ReportNamespace(node, owner);
                classes = classes with { HasSolid = true };
            }
            else if (!await IsThereAsync(owner, resource, node.Namespace, ct).ConfigureAwait(false))
            {
                classes.Absent.Add(owner.Uid);
            }
            else if (owner.IsBlocking && graph.Find(owner.Uid)?.IsDeletingDependents == true)
            {
                classes.Waiting.Add(owner.Uid);
            }
            else
            {
                classes = classes with { HasSolid = true };
            }
        }

        return classes;
    }

    private async Task<bool> IsThereAsync(OwnerLink owner, ServedResource resource, string? ns, CancellationToken ct)
    {
        if (graph.IsKnown(owner, resource, ns))
        {
            return true;
        }

        var key = (owner, ns);
        if (_absent.ContainsKey(key))
        {
            return false;
        }

        var head = await client.FindAsync(resource, resource.IsNamespaced ? ns : null, owner.Name, ct).ConfigureAwait(false);
        if (head is not null && Uids.Parse(head.Metadata.Uid) == owner.Uid)
        {
            return true;
        }

        if (_absent.Count >= Remembered)
        {
            _absent.Clear();
        }

        _absent[key] = 0;
        return false;
    }

    private void ReportNamespace(GraphNode node, OwnerLink owner)
    {
        var about = new ObjectReference { ApiVersion = node.Resource.ApiVersion, Kind = node.Resource.Kind, Name = node.Name, Uid = node.Uid.ToString("D") };
        events.Warning(about, "OwnerRefInvalidNamespace", $"ownerRef [{owner.ApiVersion}/{owner.Kind}, name: {owner.Name}, uid: {owner.Uid:D}] is namespaced, but the object is not, and is ignored");
    }
}
