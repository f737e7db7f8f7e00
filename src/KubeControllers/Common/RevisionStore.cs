using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Common;

/// <summary>An owner's revisions: the one of its template as it is now, all that are known, and how often a name was taken.</summary>
internal sealed record KnownRevisions(ControllerRevision Update, IReadOnlyList<ControllerRevision> All, int? Collisions);

/// <summary>Reads and writes the revisions of owners of one kind.</summary>
internal sealed class RevisionStore<TOwner>
    where TOwner : class, IKubeObject<TOwner>, new()
{
    private const string OwnerIndex = "owner";
    private const string OrphanIndex = "orphans";

    private readonly KubeClient _client;
    private readonly Informer<ControllerRevision> _revisions;
    private readonly OwnWrites<ControllerRevision> _writes;
    private readonly Claims<TOwner, ControllerRevision> _claims;

    public RevisionStore(ControllerContext context)
    {
        _client = context.Client;
        _revisions = context.Informer<ControllerRevision>()
            .AddIndex(OwnerIndex, r => Owners.ControllerOf(r)?.Uid is { } uid ? [uid] : [])
            .AddIndex(OrphanIndex, r => Owners.ControllerOf(r) is null ? [r.Metadata.Namespace ?? ""] : []);
        _writes = new OwnWrites<ControllerRevision>(_revisions, context.Time);
        _claims = new Claims<TOwner, ControllerRevision>(context.Client);
    }

    public bool AreWritesUnseen(ObjectKey key) => _writes.AreUnseen(key);

    /// <summary>The owner's revisions; the one of its template is made, or made the newest, when it is not.</summary>
    public async Task<KnownRevisions> EnsureAsync(ObjectKey key, RevisedTemplate<TOwner> revised, CancellationToken ct)
    {
        var owner = revised.Owner.Metadata;
        var candidates = _revisions.ByIndex(OwnerIndex, owner.Uid ?? "").Concat(_revisions.ByIndex(OrphanIndex, owner.Namespace ?? ""));
        var known = await _claims.ClaimAsync(revised.Owner, revised.Selector, candidates, ct).ConfigureAwait(false);
        var newest = known.Select(r => r.Revision ?? 0).DefaultIfEmpty(0).Max();
        var update = TemplateRevisions.Find(revised.Template, known);
        if (update is null)
        {
            (update, var collisions) = await CreateAsync(revised, newest + 1, ct).ConfigureAwait(false);
            _writes.Note(key, update);
            return new KnownRevisions(update, [.. known, update], collisions);
        }

        if ((update.Revision ?? 0) < newest)
        {
            var patched = _writes.Note(key, await _client.PatchAsync<ControllerRevision>(key.Namespace, update.Metadata.Name!, new JsonObject { ["revision"] = newest + 1 }, null, ct).ConfigureAwait(false));
            known[known.IndexOf(update)] = patched;
            update = patched;
        }

        return new KnownRevisions(update, known, revised.Collisions);
    }

    public async Task DeleteAsync(IEnumerable<ControllerRevision> outdated, CancellationToken ct)
    {
        foreach (var revision in outdated)
        {
            try
            {
                await _client.DeleteAsync<ControllerRevision>(revision.Metadata.Namespace, revision.Metadata.Name!, null, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already, which is what was wanted.
            }
        }
    }

    private async Task<(ControllerRevision Revision, int? Collisions)> CreateAsync(RevisedTemplate<TOwner> revised, long number, CancellationToken ct)
    {
        while (true)
        {
            var wanted = TemplateRevisions.Build(revised, number);
            try
            {
                return (await _client.CreateAsync(wanted, ct).ConfigureAwait(false), revised.Collisions);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                var there = await _client.FindAsync<ControllerRevision>(wanted.Metadata.Namespace, wanted.Metadata.Name!, ct).ConfigureAwait(false);
                if (there is not null && Owners.IsControlledBy(there, revised.Owner) && TemplateRevisions.AreEqual(there.Data, wanted.Data))
                {
                    return (there, revised.Collisions);
                }

                revised = revised with { Collisions = (revised.Collisions ?? 0) + 1 };
            }
        }
    }
}
