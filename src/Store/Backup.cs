using Sealos.Store.Sqlite;

namespace Sealos.Store;

/// <summary>Copies one snapshot of a store into a file of its own.</summary>
internal static class Backup
{
    public static void Write(string source, string destination, CancellationToken cancellationToken)
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
