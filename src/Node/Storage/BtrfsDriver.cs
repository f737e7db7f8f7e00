using System.Globalization;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// Volumes as btrfs subvolumes: sizes are quotas, so they change at once, and snapshots and clones cost nothing until something is
/// written. The file system is that of the data folder where it is btrfs, else lies in an image.
/// </summary>
internal sealed class BtrfsDriver(VolumeFolder folder, BtrfsImage? image) : IVolumeDriver
{
    private const long SharedFactor = 2;

    public string Name => "btrfs";

    public bool EnforcesSizes => true;

    public async Task OpenAsync(CancellationToken ct)
    {
        if (image is not null)
        {
            await image.MountAsync(folder.Root, ct).ConfigureAwait(false);
        }

        folder.Prepare();
        await BtrfsAsync(["quota", "enable", folder.Root], ct).ConfigureAwait(false);
    }

    public async Task CreateAsync(string handle, long bytes, string? source, CancellationToken ct)
    {
        var path = folder.PathOf(handle);
        if (!Directory.Exists(path))
        {
            string[] make = source is null ? ["subvolume", "create", path] : ["subvolume", "snapshot", folder.PathOf(source), path];
            await BtrfsAsync(make, ct).ConfigureAwait(false);
        }

        if (source is null)
        {
            File.SetUnixFileMode(path, VolumeFolder.ForAll);
        }

        await ResizeAsync(handle, bytes, ct).ConfigureAwait(false);
    }

    // What a volume shares with a snapshot or a copy is not its alone. Who overwrites that needs new room for it, while the old is held
    // until the last byte of its extent is overwritten: with one limit for both, a database on a volume that is half full would be
    // refused its own pages after a snapshot. So the size is what a volume may hold alone, and twice that what it may hold in all.
    public async Task ResizeAsync(string handle, long bytes, CancellationToken ct)
    {
        var path = folder.PathOf(handle);
        await BtrfsAsync(["qgroup", "limit", (bytes * SharedFactor).ToString(CultureInfo.InvariantCulture), path], ct).ConfigureAwait(false);
        await BtrfsAsync(["qgroup", "limit", "-e", bytes.ToString(CultureInfo.InvariantCulture), path], ct).ConfigureAwait(false);
    }

    public Task SnapshotAsync(string handle, string snapshot, CancellationToken ct) =>
        folder.Exists(snapshot) ? Task.CompletedTask : BtrfsAsync(["subvolume", "snapshot", "-r", folder.PathOf(handle), folder.PathOf(snapshot)], ct);

    public async Task DeleteAsync(string handle, CancellationToken ct)
    {
        var path = folder.PathOf(handle);
        if (Directory.Exists(path))
        {
            // Of a folder that a volume's owner mounted something into, nothing is deleted.
            Mounts.UnmountBelow(path);
            foreach (var nested in BtrfsSubvolumes.FindBelow(path))
            {
                await BtrfsAsync(["subvolume", "delete", "--subvolid", nested.ToString(CultureInfo.InvariantCulture), folder.Root], ct).ConfigureAwait(false);
            }

            await BtrfsAsync(["subvolume", "delete", path], ct).ConfigureAwait(false);
        }
    }

    private static Task<string> BtrfsAsync(IReadOnlyList<string> arguments, CancellationToken ct) => StorageCommand.RunAsync("btrfs", arguments, ct);
}
