using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// Volumes as plain folders: work everywhere, and keep nobody to a size. They cannot be copied: whoever writes to one meanwhile could
/// swap a folder for a link and have the machine's own files copied.
/// </summary>
internal sealed class DirectoryDriver(VolumeFolder folder) : IVolumeDriver
{
    public string Name => "directories";

    public bool EnforcesSizes => false;

    public Task OpenAsync(CancellationToken ct)
    {
        folder.Prepare();
        return Task.CompletedTask;
    }

    public Task CreateAsync(string handle, long bytes, string? source, CancellationToken ct)
    {
        var path = folder.PathOf(handle);
        if (source is not null)
        {
            throw new StorageException("a volume that begins as a copy of another needs btrfs; on this node volumes are directories");
        }

        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, VolumeFolder.ForAll);
        }

        return Task.CompletedTask;
    }

    public Task ResizeAsync(string handle, long bytes, CancellationToken ct) => Task.CompletedTask;

    public Task SnapshotAsync(string handle, string snapshot, CancellationToken ct) =>
        throw new StorageException("snapshots need btrfs; on this node volumes are directories");

    public Task DeleteAsync(string handle, CancellationToken ct)
    {
        Mounts.DeleteTree(folder.PathOf(handle));
        return Task.CompletedTask;
    }

    public Task SettleAsync(CancellationToken ct) => Task.CompletedTask;
}
