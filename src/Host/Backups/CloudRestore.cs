using Sealos.Host.Configuration;
using Sealos.Host.Running;
using Sealos.Store;

namespace Sealos.Host.Backups;

/// <summary>
/// Puts a backup in a stopped cloud's place. Everything is unpacked and checked beside the data first; then the parts are exchanged by
/// renaming, and what was there before is kept for <see cref="Undo"/>.
/// </summary>
/// <param name="options">Which cloud; what is saved of it, or the defaults where there is none yet.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told of each step.</param>
public sealed class CloudRestore(CloudOptions options, TimeProvider time, Action<string> say)
{
    private const string Incoming = "restoring";
    private const string Exchanging = "before-restore.partial";
    private const string Kept = "before-restore";

    /// <summary>Where the data from before the last restore is kept.</summary>
    public string KeptFolder => Path.Combine(options.DataFolder, Kept);

    /// <summary>Refuses to go on with data of which only a part was exchanged.</summary>
    /// <exception cref="IOException">A restore was interrupted.</exception>
    public static void ThrowIfHalfDone(CloudOptions options)
    {
        if (Directory.Exists(Path.Combine(options.DataFolder, Exchanging)))
        {
            throw new IOException("a restore of this cloud was interrupted: run 'sealos restore FILE' again, or 'sealos restore --undo' for the data from before");
        }
    }

    /// <summary>Refuses while the cloud runs.</summary>
    /// <exception cref="IOException">It runs.</exception>
    public void ThrowIfRunning()
    {
        if (CloudState.Read(options, time).Processes.FirstOrDefault(p => p.Pid is not null) is { } running)
        {
            throw new IOException($"the cloud is running ({running.Name}, pid {running.Pid}): stop it first with 'sealos down'");
        }
    }

    /// <summary>Checks a backup whole and changes nothing.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Task<BackupContent> CheckAsync(string file, CancellationToken ct) => BackupFile.ReadAsync(file, folder: null, ct);

    /// <summary>Puts the backup in place.</summary>
    /// <exception cref="InvalidDataException">The backup is damaged; nothing was changed.</exception>
    /// <exception cref="IOException">The cloud runs, or the store in the backup is damaged; nothing was changed.</exception>
    public async Task<BackupContent> RestoreAsync(string file, CancellationToken ct)
    {
        ThrowIfRunning();
        PutBackInterrupted();
        var incoming = Path.Combine(options.DataFolder, Incoming);
        RemoveFolder(incoming);
        Directory.CreateDirectory(incoming, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var content = await BackupFile.ReadAsync(file, incoming, ct).ConfigureAwait(false);
            AdoptSettings(incoming, content);
            var database = Path.Combine(incoming, CloudParts.Database);
            await Backup.CheckAsync(database, ct).ConfigureAwait(false);
            await Backup.RenewAsync(database, ct).ConfigureAwait(false);
            say($"  the backup is whole: {content.Files.Count} files, {content.Revision} revisions");
            Exchange(incoming);
            return content;
        }
        catch (StoreException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            RemoveFolder(incoming);
        }
    }

    /// <summary>Exchanges the data with that from before the last restore; doing it twice changes nothing.</summary>
    /// <exception cref="IOException">The cloud runs, or nothing was ever restored here.</exception>
    public void Undo()
    {
        ThrowIfRunning();
        if (PutBackInterrupted())
        {
            return;
        }

        if (!Directory.Exists(KeptFolder))
        {
            throw new IOException($"there is nothing to undo: {KeptFolder} does not exist");
        }

        var incoming = Path.Combine(options.DataFolder, Incoming);
        RemoveFolder(incoming);
        Directory.Move(KeptFolder, incoming);
        Exchange(incoming);
        RemoveFolder(incoming);
    }

    // What belongs to this machine stays: where the data lies, and what sets this cloud apart from others here.
    private void AdoptSettings(string incoming, BackupContent content)
    {
        var restored = CloudOptions.Load(incoming) ?? throw new InvalidDataException($"the backup lacks {CloudParts.Settings}");
        var here = SavedHere() ?? options;
        var adopted = restored with
        {
            Instance = here.Instance,
            DataFolder = options.DataFolder,
            RunFolder = here.RunFolder,
            LogFolder = here.LogFolder,
            NodeName = restored.NodeName ?? (content.NodeName == options.EffectiveNodeName ? null : content.NodeName),
        };
        if (adopted.Validate() is { Count: > 0 } errors)
        {
            throw new InvalidDataException($"the backup's settings are not valid: {string.Join("; ", errors)}");
        }

        adopted.Save(incoming);
    }

    private CloudOptions? SavedHere()
    {
        try
        {
            return CloudOptions.Load(options.DataFolder);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private void Exchange(string incoming)
    {
        var exchanging = Path.Combine(options.DataFolder, Exchanging);
        var hadData = CloudParts.All.Any(p => Path.Exists(Path.Combine(options.DataFolder, p)));
        Directory.CreateDirectory(exchanging, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            foreach (var part in CloudParts.All)
            {
                Move(Path.Combine(options.DataFolder, part), Path.Combine(exchanging, part));
                Move(Path.Combine(incoming, part), Path.Combine(options.DataFolder, part));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PutBackInterrupted();
            throw;
        }

        if (hadData)
        {
            RemoveFolder(KeptFolder);
            Directory.Move(exchanging, KeptFolder);
        }
        else
        {
            RemoveFolder(exchanging);
        }
    }

    private bool PutBackInterrupted()
    {
        var exchanging = Path.Combine(options.DataFolder, Exchanging);
        if (!Directory.Exists(exchanging))
        {
            return false;
        }

        foreach (var part in CloudParts.All.Where(p => Path.Exists(Path.Combine(exchanging, p))))
        {
            var current = Path.Combine(options.DataFolder, part);
            RemoveFolder(current);
            AtomicFile.Remove(current);
            Move(Path.Combine(exchanging, part), current);
        }

        Directory.Delete(exchanging);
        say("  put back what an interrupted restore had taken away");
        return true;
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else if (File.Exists(from))
        {
            File.Move(from, to);
        }
    }

    private static void RemoveFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
