using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Reads and writes the revisions of StatefulSets.</summary>
internal sealed class RevisionStore(KubeClient client, Informer<ControllerRevision> revisions, TimeProvider time)
{
    public const string OwnerIndex = "owner";

    private readonly OwnWrites<ControllerRevision> _writes = new(revisions, time);

    public bool AreWritesUnseen(ObjectKey key) => _writes.AreUnseen(key);

    /// <summary>The set's revisions; the one of its template is made, or made the newest, when it is not.</summary>
    public async Task<StatefulRevisions> EnsureAsync(ObjectKey key, StatefulSet set, CancellationToken ct)
    {
        var known = Of(set);
        var newest = known.Select(r => r.Revision ?? 0).DefaultIfEmpty(0).Max();
        var collisions = set.Status?.CollisionCount;
        var update = StatefulRevisions.Find(set, known);
        if (update is null)
        {
            (update, collisions) = await CreateAsync(set, newest + 1, collisions, ct).ConfigureAwait(false);
            _writes.Note(key, update);
        }
        else if ((update.Revision ?? 0) < newest)
        {
            update = _writes.Note(key, await client.PatchAsync<ControllerRevision>(key.Namespace, update.Metadata.Name!, new JsonObject { ["revision"] = newest + 1 }, null, ct).ConfigureAwait(false));
        }

        var current = known.FirstOrDefault(r => r.Metadata.Name == set.Status?.CurrentRevision) ?? update;
        return new StatefulRevisions(current, update, collisions);
    }

    public async Task EnsureHistoryAsync(StatefulSet set, StatefulRevisions current, IReadOnlyList<Pod> pods, CancellationToken ct)
    {
        foreach (var revision in current.Outdated(set, Of(set), pods))
        {
            try
            {
                await client.DeleteAsync<ControllerRevision>(revision.Metadata.Namespace, revision.Metadata.Name!, null, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already, which is what was wanted.
            }
        }
    }

    private IReadOnlyList<ControllerRevision> Of(StatefulSet set) => revisions.ByIndex(OwnerIndex, set.Metadata.Uid ?? "");

    private async Task<(ControllerRevision Revision, int? Collisions)> CreateAsync(StatefulSet set, long number, int? collisions, CancellationToken ct)
    {
        while (true)
        {
            var wanted = StatefulRevisions.Build(set, number, collisions);
            try
            {
                return (await client.CreateAsync(wanted, ct).ConfigureAwait(false), collisions);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                var there = await client.FindAsync<ControllerRevision>(wanted.Metadata.Namespace, wanted.Metadata.Name!, ct).ConfigureAwait(false);
                if (there is not null && Owners.IsControlledBy(there, set) && JsonNode.DeepEquals(there.Data, wanted.Data))
                {
                    return (there, collisions);
                }

                collisions = (collisions ?? 0) + 1;
            }
        }
    }
}
