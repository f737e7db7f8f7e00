using Sealos.ApiServer.Watch;
using Sealos.Store;

namespace Sealos.ApiServer.Registry;

/// <summary>Writes objects to the store and waits until the caches have seen them.</summary>
internal sealed class ObjectStore(KeyValueStore store, CacheSet caches)
{
    // Kubernetes' own limit, in its own words: what cannot be kept there must not be kept here.
    private const int MaxObjectBytes = 3 * 512 * 1024;

    /// <summary>The revision that everything read from the caches now is at.</summary>
    public long Revision => caches.Applied;

    /// <summary>Writes an object's stored form; <paramref name="expectedRevision"/> is 0 for one that must not exist yet.</summary>
    /// <exception cref="RevisionConflictException">The object is at another revision.</exception>
    public async Task<CachedObject> PutAsync(Resource resource, byte[] stored, string @namespace, string name, long expectedRevision)
    {
        if (stored.Length > MaxObjectBytes)
        {
            throw new ApiException(500, null, "etcdserver: request is too large");
        }

        // Not cancelled with the request: a client that goes away must not leave a write whose outcome nobody waited for.
        var revision = await WriteAsync(() => store.PutAsync(resource.Key(@namespace, name), stored, expectedRevision, CancellationToken.None)).ConfigureAwait(false);
        var cached = resource.Cache.Get(@namespace, name);
        return cached is not null && cached.Revision == revision ? cached : Detached(resource, stored, @namespace, name, revision);
    }

    /// <summary>Removes an object that is at <paramref name="expectedRevision"/>.</summary>
    /// <exception cref="RevisionConflictException">The object is at another revision or gone.</exception>
    public Task DeleteAsync(Resource resource, string @namespace, string name, long expectedRevision) =>
        WriteAsync(() => store.DeleteAsync(resource.Key(@namespace, name), expectedRevision, CancellationToken.None));

    /// <summary>Whoever wrote or lost against a writer reads, afterwards, what is stored now.</summary>
    private async Task<long> WriteAsync(Func<Task<long>> write)
    {
        try
        {
            var revision = await write().ConfigureAwait(false);
            await caches.WaitForAsync(revision, CancellationToken.None).ConfigureAwait(false);
            return revision;
        }
        catch (RevisionConflictException e)
        {
            await caches.WaitForAsync(e.Current > 0 ? e.Current : store.Revision, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The served form of bytes that are not (or no longer) in the cache.</summary>
    public static CachedObject Detached(Resource resource, ReadOnlySpan<byte> stored, string @namespace, string name, long revision) =>
        ObjectScanner.Load(@namespace.Length == 0 ? name : $"{@namespace}/{name}", stored, revision, resource.Cache.Fields);

    /// <summary>What a dry run answers with: the object as it would be, without a revision when it does not exist yet.</summary>
    public static CachedObject Unwritten(Resource resource, byte[] stored, string @namespace, string name, long revision)
    {
        if (revision > 0)
        {
            return Detached(resource, stored, @namespace, name, revision);
        }

        return new CachedObject
        {
            Namespace = @namespace,
            Name = name,
            Uid = "",
            Revision = 0,
            Utf8 = stored,
            BodyStart = ObjectBytes.BodyStart(stored),
            Labels = null,
            Fields = [],
        };
    }
}
