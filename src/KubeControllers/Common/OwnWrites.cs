using System.Collections.Concurrent;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.KubeControllers.Common;

/// <summary>
/// Keeps a controller from acting on a cache that has not seen its own last writes, which would make it write them again.
/// Remembers per key the newest version written, and the uids of children whose deletion was asked for.
/// </summary>
internal sealed class OwnWrites<T>
    where T : class, IKubeObject<T>, new()
{
    /// <summary>When to look again at a key whose writes are not yet seen; the event itself usually comes first.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(100);

    // Entries are dropped when their key is next asked for; those of objects that are gone, when there are many.
    private const int ManyEntries = 1024;

    // Beyond this the write is taken as seen: a server restored from a backup may have gone back in versions.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Informer<T> _informer;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ObjectKey, (string Version, long At)> _written = new();
    private readonly ConcurrentDictionary<string, long> _deleted = new(StringComparer.Ordinal);

    public OwnWrites(Informer<T> informer, TimeProvider time)
    {
        _informer = informer;
        _time = time;
        informer.OnChange((old, now) =>
        {
            if (now is null || now.Metadata.DeletionTimestamp is not null)
            {
                _deleted.TryRemove((now ?? old)!.Metadata.Uid ?? "", out _);
            }
        });
    }

    /// <summary>Remembers that reconciling <paramref name="key"/> wrote an object, and returns it.</summary>
    public T Note(ObjectKey key, T written)
    {
        if (written.Metadata.ResourceVersion is { } version)
        {
            var entry = (version, _time.GetTimestamp());
            _written.AddOrUpdate(key, entry, (_, known) => IsNewer(version, known.Version) ? entry : known);
            if (_written.Count > ManyEntries)
            {
                Sweep();
            }
        }

        return written;
    }

    /// <summary>Whether the cache has yet to see something that reconciling <paramref name="key"/> wrote.</summary>
    public bool AreUnseen(ObjectKey key)
    {
        if (!_written.TryGetValue(key, out var entry))
        {
            return false;
        }

        if (IsUnseen(entry))
        {
            return true;
        }

        _written.TryRemove(new KeyValuePair<ObjectKey, (string, long)>(key, entry));
        return false;
    }

    /// <summary>Deletes this very object, which counts as gone from then on unless that fails; false when it was gone already.</summary>
    public async Task<bool> DeleteAsync(KubeClient client, T obj, DeleteOptions? options, CancellationToken ct)
    {
        var uid = obj.Metadata.Uid ?? "";
        _deleted[uid] = _time.GetTimestamp();
        try
        {
            return await client.DeleteExactlyAsync(obj, options, ct).ConfigureAwait(false);
        }
        catch
        {
            _deleted.TryRemove(uid, out _);
            throw;
        }
    }

    /// <summary>Whether its deletion was asked for but is not yet seen.</summary>
    public bool IsDeleted(T obj) => _deleted.ContainsKey(obj.Metadata.Uid ?? "");

    private bool IsUnseen((string Version, long At) entry) => !_informer.HasSeen(entry.Version) && _time.GetElapsedTime(entry.At) < Patience;

    private void Sweep()
    {
        foreach (var entry in _written.Where(e => !IsUnseen(e.Value)))
        {
            _written.TryRemove(entry);
        }

        foreach (var entry in _deleted.Where(e => _time.GetElapsedTime(e.Value) > Patience))
        {
            _deleted.TryRemove(entry);
        }
    }

    private static bool IsNewer(string version, string known) =>
        !long.TryParse(known, out var old) || !long.TryParse(version, out var now) || now > old;
}
