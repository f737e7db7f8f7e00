using SQLitePCL;

namespace Sealos.Store.Sqlite;

/// <summary>One SQLite connection, used by one thread at a time. Everything fails with <see cref="SqliteFailure"/>.</summary>
internal sealed class Database : IDisposable
{
    // SQLITE_DBSTATUS_CACHE_WRITE, which the binding does not name.
    private const int PagesWrittenStatus = 9;

    private readonly sqlite3 _handle;
    private readonly List<Statement> _statements = [];

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle) => _handle = handle;

    /// <summary>Whether no transaction is open.</summary>
    public bool IsAutoCommit => raw.sqlite3_get_autocommit(_handle) != 0;

    /// <summary>Opens a file that exists (an empty one will do); <paramref name="isReader"/> refuses to write.</summary>
    public static Database Open(string path, bool isReader)
    {
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = new SqliteFailure(code, raw.sqlite3_errstr(code).utf8_to_string());
            handle?.Dispose();
            throw failure;
        }

        var database = new Database(handle);
        try
        {
            raw.sqlite3_extended_result_codes(handle, 1);
            raw.sqlite3_busy_timeout(handle, 10_000);
            // Only the writer's own thread checkpoints (Writer); two connections doing it at once is what
            // SQLite before 3.51.3 has a known race in.
            raw.sqlite3_wal_autocheckpoint(handle, 0);
            if (isReader)
            {
                database.Execute("PRAGMA query_only=1");
            }

            return database;
        }
        catch (SqliteFailure)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new Statement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs a statement that is used seldom.</summary>
    public void Execute(string sql)
    {
        using var statement = PrepareOnce(sql);
        while (statement.Step())
        {
        }
    }

    /// <summary>The first column of the first row; 0 when there is none.</summary>
    public long ReadNumber(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.GetNumber(0) : 0;
    }

    /// <summary>The first column of every row.</summary>
    public List<string> ReadTexts(string sql)
    {
        var texts = new List<string>();
        using var statement = PrepareOnce(sql);
        while (statement.Step())
        {
            texts.Add(statement.GetText(0));
        }

        return texts;
    }

    public Statement PrepareOnce(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return new Statement(this, statement);
    }

    /// <summary>Pages written to the log since this was last asked.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_handle, PagesWrittenStatus, out var current, out _, 1);
        return current;
    }

    /// <summary>Copies the log into the file; answers the log's frames and how many of them are copied.</summary>
    public (int Frames, int Copied) Checkpoint(int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out var frames, out var copied);
        if (code is not raw.SQLITE_OK and not raw.SQLITE_BUSY)
        {
            throw Failure(code);
        }

        return (frames, copied);
    }

    /// <summary>
    /// Copies the whole log into the file and empties it. To be done before anything is added to a log whose way to the disk is in
    /// doubt: what a failed sync has lost stays readable until power is lost, and whatever stands behind it in the log then goes too.
    /// </summary>
    public void EmptyLog()
    {
        if (Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE).Frames > 0)
        {
            throw new SqliteFailure(raw.SQLITE_BUSY, "the log could not be emptied while it is read");
        }
    }

    /// <summary>Closing this connection does not checkpoint, even when it is the last.</summary>
    public void LeaveLogOnClose() => Check(raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));

    public void SetBusyTimeout(int milliseconds) => raw.sqlite3_busy_timeout(_handle, milliseconds);

    /// <summary>Makes the running statement fail; may be called from any thread.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_handle);

    /// <summary>Ends an open transaction without its changes; false when even that fails.</summary>
    public bool TryRollback()
    {
        if (!IsAutoCommit)
        {
            try
            {
                Execute("ROLLBACK");
            }
            catch (SqliteFailure)
            {
                return IsAutoCommit;
            }
        }

        return true;
    }

    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    public SqliteFailure Failure(int code) =>
        new(raw.sqlite3_extended_errcode(_handle) is var extended && (extended & 0xff) == (code & 0xff) ? extended : code,
            raw.sqlite3_errmsg(_handle).utf8_to_string());

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _handle.Dispose();
    }
}
