using Sealos.Host.Configuration;
using Sealos.Store;

namespace Sealos.Host.Backups;

/// <summary>Writes everything that a cloud needs to come back whole into one file, while it runs or not.</summary>
/// <param name="options">Which cloud.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told of each step.</param>
public sealed class CloudBackup(CloudOptions options, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    private readonly CloudPaths _paths = new(options);

    /// <summary>Makes the backup and reads it back before it gets its name.</summary>
    /// <exception cref="IOException">The store could not be copied, or the file could not be written.</exception>
    public async Task<BackupContent> WriteAsync(string path, CancellationToken ct)
    {
        var partial = path + ".partial";
        var copy = partial + ".db";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            await CopyStoreAsync(copy, ct).ConfigureAwait(false);
            var content = new BackupContent
            {
                Program = ProductVersion.Text,
                Created = time.GetUtcNow(),
                Instance = options.Instance,
                NodeName = options.EffectiveNodeName,
                Revision = await Backup.CheckAsync(copy, ct).ConfigureAwait(false),
            };
            say($"  {content.Revision} revisions copied and checked");
            await BackupFile.WriteAsync(partial, [.. Files(copy)], content, ct).ConfigureAwait(false);
            content = await BackupFile.ReadAsync(partial, folder: null, ct).ConfigureAwait(false);
            say($"  {content.Files.Count} files written and read back");
            File.Move(partial, path, overwrite: true);
            return content;
        }
        catch (StoreException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            foreach (var left in Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? new[] { "", ".db", ".db-wal", ".db-shm", ".db.lock", ".db.spare", ".db.partial" } : [])
            {
                File.Delete(partial + left);
            }
        }
    }

    // The settings first: they are small and say what the rest belongs to.
    private IEnumerable<(string Name, string Path)> Files(string storeCopy)
    {
        yield return (CloudParts.Settings, Path.Combine(options.DataFolder, CloudParts.Settings));
        foreach (var file in Directory.GetFiles(_paths.Certificates).Where(f => !f.EndsWith(".new", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            yield return ($"{CloudParts.Certificates}/{Path.GetFileName(file)}", file);
        }

        yield return (CloudParts.Database, storeCopy);
    }

    private async Task CopyStoreAsync(string copy, CancellationToken ct)
    {
        var copying = Backup.WriteAsync(_paths.Store, copy, ct);
        while (await Task.WhenAny(copying, Task.Delay(ProgressEvery, time, ct)).ConfigureAwait(false) != copying)
        {
            var done = new FileInfo(copy + ".partial");
            if (done.Exists)
            {
                say($"  {done.Length >> 20} of about {new FileInfo(_paths.Store).Length >> 20} MiB");
            }
        }

        await copying.ConfigureAwait(false);
    }
}
