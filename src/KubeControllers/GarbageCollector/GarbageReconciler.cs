using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Resources;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>
/// Decides over one object, whose uid is the key: deletes it when its owners are gone, and lets an owner go that waits for its
/// dependents to be gone or to have forgotten it. Whether an owner is gone is always asked of the server.
/// </summary>
internal sealed class GarbageReconciler(KubeClient client, OwnerGraph graph, ResourceMonitors monitors, EventRecorder events) : IReconciler
{
    private static readonly TimeSpan UntilListed = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan UntilServed = TimeSpan.FromMinutes(5);

    private readonly MetadataClient _metadata = new(client);
    private readonly OwnerCheck _owners = new(new MetadataClient(client), graph, events);

    public static ObjectKey KeyOf(Guid uid) => new(null, uid.ToString("D"));

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        // Most of what comes here settled while it waited: the owner's own event came, or the object went.
        if (graph.FindUnsettled(Guid.Parse(key.Name)) is not { } node)
        {
            return ReconcileResult.Done;
        }

        if ((node.IsDeletingDependents || node.IsOrphaning) && !monitors.HaveListed)
        {
            // Dependents may exist that are not known yet; to let the owner go now would lose them.
            return ReconcileResult.After(UntilListed);
        }

        var head = await _metadata.FindAsync(node.Resource, node.Namespace, node.Name, ct).ConfigureAwait(false);
        if (head is null || Uids.Parse(head.Metadata.Uid) != node.Uid)
        {
            return ReconcileResult.Done;
        }

        var live = GraphNode.Of(node.Resource, head.Metadata);
        if (live.IsOrphaning)
        {
            await EnsureOrphanedAsync(live, head, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (live.IsDeletingDependents)
        {
            await EnsureReleasedAsync(live, head, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        return live.IsBeingDeleted ? ReconcileResult.Done : await EnsureOwnedAsync(live, head, ct).ConfigureAwait(false);
    }

    private async Task EnsureOrphanedAsync(GraphNode owner, ObjectHead head, CancellationToken ct)
    {
        foreach (var dependent in graph.Dependents(owner.Uid))
        {
            var read = await _metadata.FindAsync(dependent.Resource, dependent.Namespace, dependent.Name, ct).ConfigureAwait(false);
            if (read?.Metadata.OwnerReferences?.Exists(r => Uids.Parse(r.Uid) == owner.Uid) == true)
            {
                await KeepOwnersAsync(dependent.Resource, read, r => Uids.Parse(r.Uid) != owner.Uid, ct).ConfigureAwait(false);
            }
        }

        await RemoveFinalizerAsync(owner, head, GraphNode.OrphanFinalizer, ct).ConfigureAwait(false);
    }

    private async Task EnsureReleasedAsync(GraphNode owner, ObjectHead head, CancellationToken ct)
    {
        // Dependents were looked at when the owner began to wait; the last of them to go brings the owner back here.
        if (!graph.Dependents(owner.Uid).Any(d => d.Blocks(owner.Uid)))
        {
            await RemoveFinalizerAsync(owner, head, GraphNode.ForegroundFinalizer, ct).ConfigureAwait(false);
        }
    }

    private async Task<ReconcileResult> EnsureOwnedAsync(GraphNode node, ObjectHead head, CancellationToken ct)
    {
        if (node.Owners.Count == 0 || monitors.Catalog is not { } catalog)
        {
            return ReconcileResult.Done;
        }

        var owners = await _owners.ClassifyAsync(node, catalog, ct).ConfigureAwait(false);
        if (owners.HasUnserved)
        {
            return ReconcileResult.After(UntilServed);
        }

        var gone = owners.Absent.Concat(owners.Waiting).ToHashSet();
        if (owners.HasSolid)
        {
            if (gone.Count > 0)
            {
                await KeepOwnersAsync(node.Resource, head, r => !gone.Contains(Uids.Parse(r.Uid)), ct).ConfigureAwait(false);
            }

            return ReconcileResult.Done;
        }

        await DeleteAsync(node, head, await PolicyAsync(node, head, owners, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    // An owner that waits for this one is only held up as long as this one itself has dependents to wait for.
    private async Task<string> PolicyAsync(GraphNode node, ObjectHead head, OwnerClasses owners, CancellationToken ct)
    {
        var dependents = graph.Dependents(node.Uid);
        if (owners.Waiting.Count > 0 && dependents.Count > 0)
        {
            if (dependents.Any(d => d.IsDeletingDependents))
            {
                await UnblockAsync(node, head, ct).ConfigureAwait(false);
            }

            return "Foreground";
        }

        return head.Metadata.Finalizers switch
        {
            { } f when f.Contains(GraphNode.OrphanFinalizer) => "Orphan",
            { } f when f.Contains(GraphNode.ForegroundFinalizer) => "Foreground",
            _ => "Background",
        };
    }

    // A circle of owners that all wait for each other would wait for ever.
    private async Task UnblockAsync(GraphNode node, ObjectHead head, CancellationToken ct)
    {
        if (node.Owners.Any(o => o.IsBlocking))
        {
            var references = head.Metadata.OwnerReferences!;
            references.ForEach(r => r.BlockOwnerDeletion = null);
            await WriteOwnersAsync(node.Resource, head, references, ct).ConfigureAwait(false);
            head.Metadata.ResourceVersion = null;
        }
    }

    private async Task DeleteAsync(GraphNode node, ObjectHead head, string policy, CancellationToken ct)
    {
        try
        {
            var preconditions = new DeletePreconditions { Uid = head.Metadata.Uid, ResourceVersion = head.Metadata.ResourceVersion };
            await _metadata.DeleteAsync(node.Resource, node.Namespace, node.Name, new DeleteOptions { PropagationPolicy = policy, Preconditions = preconditions }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already, which is what was wanted.
        }
    }

    private async Task RemoveFinalizerAsync(GraphNode node, ObjectHead head, string finalizer, CancellationToken ct)
    {
        var left = head.Metadata.Finalizers!.Where(f => f != finalizer).ToList();
        var metadata = new JsonObject { ["finalizers"] = left.Count == 0 ? null : JsonSerializer.SerializeToNode(left, KubeJson.Options) };
        await PatchAsync(node.Resource, head, metadata, ct).ConfigureAwait(false);
    }

    private Task KeepOwnersAsync(ServedResource resource, ObjectHead head, Predicate<OwnerReference> isKept, CancellationToken ct) =>
        WriteOwnersAsync(resource, head, head.Metadata.OwnerReferences!.FindAll(isKept), ct);

    private Task WriteOwnersAsync(ServedResource resource, ObjectHead head, List<OwnerReference> references, CancellationToken ct) =>
        PatchAsync(resource, head, new JsonObject { ["ownerReferences"] = references.Count == 0 ? null : JsonSerializer.SerializeToNode(references, KubeJson.Options) }, ct);

    private async Task PatchAsync(ServedResource resource, ObjectHead head, JsonObject metadata, CancellationToken ct)
    {
        try
        {
            await _metadata.PatchAsync(resource, head, metadata, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already; its going is looked at on its own.
        }
    }
}
