using System.Globalization;
using Sealos.Store.Sqlite;

namespace Sealos.Store;

/// <summary>The database file: its lock, its layout and the check made before it is trusted.</summary>
internal sealed class StoreFile : IDisposable
{
    // "SLOS": tells a store from any other SQLite file.
    private const int ApplicationId = 0x534C4F53;
    private const int LayoutVersion = 2;
    private const int PageBytes = 4096;

    // Kept short: one row of `log` a write, found by revision or by key. A deletion is a row without a value.
    private const string Layout = """
        CREATE TABLE log(
            revision INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            value BLOB,
            create_revision INTEGER NOT NULL,
            previous_revision INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            checksum INTEGER);
        CREATE UNIQUE INDEX log_key ON log(key, revision);
        CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO state VALUES('compacted', 0);
        """;

    private readonly StoreOptions _options;
    private readonly FileStream _lock;

    private StoreFile(StoreOptions options, FileStream fileLock)
    {
        _options = options;
        _lock = fileLock;
        Spare = new SpareRoom(options.Path);
    }

    public string Path => _options.Path;

    /// <summary>What a start on a full disk lives on.</summary>
    public SpareRoom Spare { get; }

    /// <summary>Takes the file for this process, makes it when missing and checks it.</summary>
    public static StoreFile Open(StoreOptions options)
    {
        var file = new StoreFile(options, TakeLock(options.Path));
        try
        {
            file.Spare.ReleaseWhenFull();
            file.CreateEmptyIfMissing();
            using var database = file.OpenConnection();
            file.Check(database);
            EmptyLogWhereThereIsRoom(database);
            return file;
        }
        catch (SqliteFailure failure)
        {
            file.Dispose();
            throw failure.IsCorruption ? Damaged(options.Path, failure.Message, failure) : failure.ToStoreException($"opening the store {options.Path}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Whether what a crashed server left in the log ever reached the disk is not known. On a full disk the cloud starts all the same.
    private static void EmptyLogWhereThereIsRoom(Database database)
    {
        try
        {
            database.EmptyLog();
        }
        catch (SqliteFailure failure) when (failure.PrimaryCode == SQLitePCL.raw.SQLITE_FULL)
        {
        }
    }

    /// <summary>A connection that writes with full durability.</summary>
    public Database OpenWriter()
    {
        var database = OpenConnection();
        database.Execute("PRAGMA cache_size=-8000");
        if (_options.MaxFileBytes is { } bytes)
        {
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={Math.Max(1, bytes / PageBytes)}"));
        }

        return database;
    }

    public Database OpenReader() => Database.Open(Path, isReader: true);

    public void Dispose() => _lock.Dispose();

    private static FileStream TakeLock(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the store {path} cannot be opened: {e.Message} Is another server using it?", e);
        }
    }

    private static StoreException Damaged(string path, string what, Exception? inner) =>
        new($"the store {path} is damaged: {what}. {StoreException.WhatToDo}", inner) { IsDamaged = true };

    // Values hold secrets, so the file is its owner's alone; SQLite gives its log the same mode.
    private void CreateEmptyIfMissing()
    {
        if (!File.Exists(Path))
        {
            using var stream = new FileStream(Path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }

    private Database OpenConnection()
    {
        var database = Database.Open(Path, isReader: false);
        try
        {
            // Full durability; and the journal with which the file is made must not come back to undo what was written since.
            database.Execute("PRAGMA synchronous=EXTRA");
            database.Execute("PRAGMA auto_vacuum=INCREMENTAL");
            database.Execute("PRAGMA journal_mode=WAL");
            database.Execute("PRAGMA journal_size_limit=16777216");
            return database;
        }
        catch (SqliteFailure)
        {
            database.Dispose();
            throw;
        }
    }

    private void Check(Database database)
    {
        if (database.ReadNumber("SELECT count(*) FROM sqlite_schema") == 0)
        {
            CreateLayout(database);
        }

        if (database.ReadNumber("PRAGMA application_id") != ApplicationId)
        {
            throw new StoreException($"{Path} is an SQLite file of another program, not a store");
        }

        var version = database.ReadNumber("PRAGMA user_version");
        if (version == 1)
        {
            AddChecksums(database);
            version = LayoutVersion;
        }

        if (version != LayoutVersion)
        {
            throw new StoreException($"the store {Path} has layout {version}; this program reads layout {LayoutVersion}");
        }

        if (new FileInfo(Path).Length <= _options.FullCheckBytes)
        {
            CheckPages(database);
        }

        CheckRevisions(database);
    }

    private void CheckPages(Database database)
    {
        var findings = database.ReadTexts("PRAGMA quick_check(3)");
        if (findings is not ["ok"])
        {
            throw Damaged(Path, string.Join("; ", findings), null);
        }
    }

    private void CheckRevisions(Database database)
    {
        var compacted = database.ReadNumber("SELECT value FROM state WHERE name='compacted'");
        var oldest = database.ReadNumber("SELECT min(revision) FROM log");
        var newest = database.ReadNumber("SELECT max(revision) FROM log");
        var newestByKey = database.ReadNumber("SELECT max(revision) FROM log WHERE key=(SELECT key FROM log WHERE revision=(SELECT max(revision) FROM log))");
        if (compacted < 0 || oldest < 0 || newest != newestByKey)
        {
            throw Damaged(Path, "its revisions do not agree with its index", null);
        }
    }

    // Rows of the first layout have no checksum and are taken as they are until they are written again.
    private static void AddChecksums(Database database)
    {
        database.Execute("BEGIN IMMEDIATE");
        database.Execute("ALTER TABLE log ADD COLUMN checksum INTEGER");
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={LayoutVersion}"));
        database.Execute("COMMIT");
    }

    private static void CreateLayout(Database database)
    {
        database.Execute("BEGIN IMMEDIATE");
        foreach (var statement in Layout.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            database.Execute(statement);
        }

        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={ApplicationId}"));
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={LayoutVersion}"));
        database.Execute("COMMIT");
    }
}
