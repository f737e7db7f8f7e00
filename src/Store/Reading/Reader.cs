using Sealos.Store.Sqlite;

namespace Sealos.Store.Reading;

/// <summary>A connection that reads one snapshot at a time, beside the writer and never in its way.</summary>
internal sealed class Reader : IDisposable
{
    private const long MaxHistoryBytes = 4 * 1024 * 1024;

    private readonly Database _database;
    private readonly Statement _begin;
    private readonly Statement _end;
    private readonly Statement _compacted;
    private readonly Statement _get;
    private readonly Statement _list;
    private readonly Statement _history;

    public Reader(StoreFile file)
    {
        _database = file.OpenReader();
        try
        {
            _begin = _database.Prepare("BEGIN");
            _end = _database.Prepare("COMMIT");
            _compacted = _database.Prepare("SELECT value FROM state WHERE name='compacted'");
            _get = _database.Prepare("SELECT key, value, create_revision, revision, checksum FROM log WHERE key=?1 AND deleted=0 AND revision=(SELECT max(revision) FROM log WHERE key=?1)");
            _list = _database.Prepare("""
                SELECT l.key, l.value, l.create_revision, l.revision, l.checksum
                FROM (SELECT key, max(revision) AS newest FROM log INDEXED BY log_key
                      WHERE key>=?1 AND key<?2 AND key>?3 AND revision<=?4 GROUP BY key ORDER BY key) AS k
                CROSS JOIN log AS l ON l.revision=k.newest
                WHERE l.deleted=0 ORDER BY k.key LIMIT ?5
                """);
            _history = _database.Prepare("""
                SELECT revision, key, value, create_revision, deleted, checksum
                FROM log WHERE revision>?1 AND revision<=?2 ORDER BY revision
                """);
        }
        catch (SqliteFailure)
        {
            _database.Dispose();
            throw;
        }
    }

    public StoredValue? Get(string key)
    {
        _get.Bind(1, key);
        var found = _get.Step() ? Row(_get) : null;
        _get.Reset();
        return found;
    }

    public List<StoredValue> List(string prefix, long? atRevision, string? startAfter, int limit)
    {
        var values = new List<StoredValue>();
        _begin.Run();
        try
        {
            if (atRevision is { } revision)
            {
                EnsureKept(revision);
            }

            _list.Bind(1, prefix).Bind(2, KeyRange.EndOf(prefix)).Bind(3, startAfter ?? "");
            _list.Bind(4, atRevision ?? long.MaxValue).Bind(5, limit == 0 ? -1 : limit);
            while (_list.Step())
            {
                values.Add(Row(_list));
            }

            _list.Reset();
        }
        finally
        {
            _end.Run();
        }

        return values;
    }

    /// <summary>
    /// Adds events after <paramref name="position"/>, at most up to <paramref name="upTo"/>; answers how far it came.
    /// </summary>
    public long ReadHistory(long position, long upTo, string prefix, List<StoreEvent> into)
    {
        _begin.Run();
        try
        {
            EnsureKept(position);
            long bytes = 0;
            var reached = upTo;
            _history.Bind(1, position).Bind(2, upTo);
            while (_history.Step())
            {
                var written = Event();
                bytes += written.Value?.Length ?? 0;
                if (written.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    into.Add(written);
                }

                if (bytes > MaxHistoryBytes)
                {
                    reached = written.Revision;
                    break;
                }
            }

            _history.Reset();
            return reached;
        }
        finally
        {
            _end.Run();
        }
    }

    public void Dispose() => _database.Dispose();

    private static StoredValue Row(Statement row)
    {
        var value = new StoredValue(row.GetText(0), row.GetBytes(1), row.GetNumber(2), row.GetNumber(3));
        if (!row.IsNull(4))
        {
            RowChecksum.Verify(row.GetNumber(4), value.ModRevision, value.Key, value.Value.Span, value.CreateRevision);
        }

        return value;
    }

    private void EnsureKept(long revision)
    {
        _compacted.Step();
        var compacted = _compacted.GetNumber(0);
        _compacted.Reset();
        if (revision < compacted)
        {
            throw new CompactedException(revision, compacted);
        }
    }

    private StoreEvent Event()
    {
        var revision = _history.GetNumber(0);
        var createRevision = _history.GetNumber(3);
        var isDeletion = _history.GetNumber(4) != 0;
        var isCreation = createRevision == revision;
        var key = _history.GetText(1);
        var value = isDeletion ? null : _history.GetBytes(2);
        if (!_history.IsNull(5))
        {
            RowChecksum.Verify(_history.GetNumber(5), revision, key, value, createRevision);
        }

        return new StoreEvent(
            revision,
            key,
            isDeletion ? StoreEventType.Deleted : isCreation ? StoreEventType.Created : StoreEventType.Updated,
            isDeletion ? default(ReadOnlyMemory<byte>?) : value,
            createRevision);
    }
}
