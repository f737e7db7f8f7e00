using Sealos.Store.Sqlite;

namespace Sealos.Store.Writing;

/// <summary>The newest row of a key.</summary>
internal readonly record struct LatestRow(long Revision, long CreateRevision, bool IsDeleted);

/// <summary>The one connection that writes, with its prepared statements.</summary>
internal sealed class WriterConnection : IDisposable
{
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _latest;
    private readonly Statement _append;
    private readonly Statement _deleteSuperseded;
    private readonly Statement _deleteTombstones;
    private readonly Statement _setCompacted;

    public WriterConnection(StoreFile file)
    {
        Database = file.OpenWriter();
        try
        {
            _begin = Database.Prepare("BEGIN IMMEDIATE");
            _commit = Database.Prepare("COMMIT");
            _latest = Database.Prepare("SELECT revision, create_revision, deleted, value, checksum FROM log WHERE key=?1 ORDER BY revision DESC LIMIT 1");
            _append = Database.Prepare("INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
            _deleteSuperseded = Database.Prepare(
                "DELETE FROM log WHERE revision IN (SELECT previous_revision FROM log WHERE revision>?1 AND revision<=?2 AND previous_revision>0)");
            _deleteTombstones = Database.Prepare("DELETE FROM log WHERE revision>?1 AND revision<=?2 AND deleted=1");
            _setCompacted = Database.Prepare("UPDATE state SET value=?1 WHERE name='compacted'");
            Compacted = Database.ReadNumber("SELECT value FROM state WHERE name='compacted'");
            Revision = Math.Max(Compacted, Database.ReadNumber("SELECT max(revision) FROM log"));
        }
        catch (SqliteFailure)
        {
            Database.Dispose();
            throw;
        }
    }

    public Database Database { get; }

    /// <summary>The newest revision when the connection was opened.</summary>
    public long Revision { get; }

    /// <summary>The compacted revision when the connection was opened.</summary>
    public long Compacted { get; }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>The key's newest row; revision 0 when there is none.</summary>
    public LatestRow FindLatest(string key)
    {
        _latest.Bind(1, key);
        try
        {
            if (!_latest.Step())
            {
                return default;
            }

            var row = new LatestRow(_latest.GetNumber(0), _latest.GetNumber(1), _latest.GetNumber(2) != 0);
            if (!_latest.IsNull(4))
            {
                RowChecksum.Verify(_latest.GetNumber(4), row.Revision, key, row.IsDeleted ? [] : _latest.ViewBytes(3), row.CreateRevision);
            }

            return row;
        }
        finally
        {
            _latest.Reset();
        }
    }

    public void Append(StoreEvent written, long previousRevision)
    {
        _append.Bind(1, written.Revision).Bind(2, written.Key);
        if (written.Value is { } value)
        {
            _append.Bind(3, value.Span);
        }
        else
        {
            _append.BindNull(3);
        }

        _append.Bind(4, written.CreateRevision).Bind(5, previousRevision).Bind(6, written.Value is null ? 1 : 0);
        _append.Bind(7, RowChecksum.Of(written.Revision, written.Key, (written.Value ?? default).Span, written.CreateRevision)).Run();
    }

    /// <summary>
    /// Forgets what the revisions after <paramref name="from"/> up to <paramref name="to"/> superseded. Work is in
    /// proportion to that range: each row names the one it replaced.
    /// </summary>
    public void Compact(long from, long to)
    {
        Begin();
        _deleteSuperseded.Bind(1, from).Bind(2, to).Run();
        _deleteTombstones.Bind(1, from).Bind(2, to).Run();
        _setCompacted.Bind(1, to).Run();
        Commit();
    }

    public void Dispose() => Database.Dispose();
}
