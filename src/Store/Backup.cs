using Sealos.Store.Sqlite;

namespace Sealos.Store;

/// <summary>Copies of a store: made while a server works on it, checked whole, and made ready to be started from.</summary>
public static class Backup
{
    /// <summary>
    /// How far revisions jump when a copy takes a store's place. Clients have seen revisions that the copy does not hold; if they were
    /// given out again, a client could go on from one of them and miss what happened.
    /// </summary>
    private const long RevisionJump = 1_000_000_000;

    /// <summary>Copies one snapshot into a file of its own, mode 0600; another process may be writing to the store.</summary>
    /// <exception cref="StoreException">It could not be read or written, or the copy is damaged.</exception>
    public static Task WriteAsync(string source, string destination, CancellationToken cancellationToken) => !File.Exists(source)
        ? Task.FromException(new StoreException($"there is no store {source}"))
        : Task.Run(() => Write(source, destination, cancellationToken), cancellationToken);

    /// <summary>Checks every page and every value of a copy; answers its newest revision.</summary>
    /// <exception cref="StoreException">It is damaged, or not a store that this program reads.</exception>
    public static async Task<long> CheckAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new StoreException($"there is no store {path}");
        }

        var store = await KeyValueStore.OpenAsync(Unattended(path), cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            await Task.Run(() => ReadAll(store, cancellationToken), cancellationToken).ConfigureAwait(false);
            return store.Revision;
        }
    }

    /// <summary>Makes a copy fit to take a store's place: its history is forgotten, and revisions go on beyond all that were ever given out.</summary>
    /// <exception cref="StoreException">It could not be written.</exception>
    public static async Task RenewAsync(string path, CancellationToken cancellationToken)
    {
        var store = await KeyValueStore.OpenAsync(Unattended(path), cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            await store.CompactAsync(store.Revision, cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(() => Jump(path), cancellationToken).ConfigureAwait(false);
    }

    private static StoreOptions Unattended(string path) => new(path) { CompactionInterval = TimeSpan.Zero, FullCheckBytes = long.MaxValue };

    private static void ReadAll(KeyValueStore store, CancellationToken cancellationToken)
    {
        const int Page = 500;
        string? after = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = store.List("", null, after, Page);
            if (values.Count < Page)
            {
                return;
            }

            after = values[^1].Key;
        }
    }

    private static void Jump(string path)
    {
        try
        {
            using var file = StoreFile.Open(Unattended(path));
            using var connection = new Writing.WriterConnection(file);
            connection.Compact(connection.Revision, connection.Revision + RevisionJump);
            connection.Database.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_TRUNCATE);
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToStoreException($"making {path} ready");
        }
    }

    internal static void Write(string source, string destination, CancellationToken cancellationToken)
    {
        var partial = destination + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
            File.Delete(partial);
            Copy(source, partial, cancellationToken);
            using (var file = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
            {
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, destination, overwrite: true);
        }
        catch (SqliteFailure failure)
        {
            TryDelete(partial);
            cancellationToken.ThrowIfCancellationRequested();
            throw failure.ToStoreException($"the backup to {destination}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(partial);
            throw new StoreException($"the backup to {destination} failed: {e.Message}", e) { IsTransient = true };
        }
    }

    private static void Copy(string source, string partial, CancellationToken cancellationToken)
    {
        // Values hold secrets: the copy is made in a file that only its owner can read.
        using (new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
        }

        using (var database = Database.Open(source, isReader: false))
        {
            // The store may be another process', whose writer alone copies the log back.
            database.LeaveLogOnClose();
            using var registration = cancellationToken.UnsafeRegister(static state => ((Database)state!).Interrupt(), database);
            cancellationToken.ThrowIfCancellationRequested();
            using var statement = database.PrepareOnce("VACUUM INTO ?1");
            statement.Bind(1, partial);
            statement.Step();
        }

        using var copy = Database.Open(partial, isReader: true);
        var findings = copy.ReadTexts("PRAGMA quick_check(1)");
        if (findings is not ["ok"])
        {
            throw new StoreException($"the copy {partial} is damaged: {findings.FirstOrDefault()}");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left behind is overwritten by the next backup; the failure to tell is the first one.
        }
    }
}
