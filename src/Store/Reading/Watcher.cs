using System.Runtime.CompilerServices;

namespace Sealos.Store.Reading;

/// <summary>Follows the log from a position: recent events from memory, older ones from disk.</summary>
internal sealed class Watcher(StoreState state, RecentEvents recent, ReaderPool readers, CancellationToken closed)
{
    // Revisions are dense, so a window of them bounds one read, whatever the prefix.
    private const int Window = 512;

    public async IAsyncEnumerable<StoreEvent> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (afterRevision < state.Compacted)
        {
            throw new CompactedException(afterRevision, state.Compacted);
        }

        var position = afterRevision;
        var events = new List<StoreEvent>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, typeof(KeyValueStore));
            var changed = recent.Changed;
            var before = position;
            position = recent.Read(position, prefix, events) ?? ReadFromDisk(position, prefix, events);
            foreach (var written in events)
            {
                yield return written;
            }

            events.Clear();
            if (position == before)
            {
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private long ReadFromDisk(long position, string prefix, List<StoreEvent> into)
    {
        var upTo = Math.Min(position + Window, state.Revision);
        return upTo <= position ? position : readers.Read(reader => reader.ReadHistory(position, upTo, prefix, into));
    }
}
