using System.Globalization;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// Volumes as btrfs subvolumes: sizes are quotas, so they change at once, and snapshots and clones cost nothing until something is
/// written. The file system is that of the data folder where it is btrfs, else lies in an image.
/// </summary>
internal sealed class BtrfsDriver(VolumeFolder folder, BtrfsImage? image) : IVolumeDriver
{
    private readonly SemaphoreSlim _changing = new(1);

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
        foreach (var (path, _) in Volumes(null))
        {
            BtrfsQuota.Complete(path);
        }
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
    public Task ResizeAsync(string handle, long bytes, CancellationToken ct) => WhileAloneAsync(
        () =>
        {
            var path = folder.PathOf(handle);
            BtrfsQuota.Limit(path, bytes, BtrfsQuota.Of(path) is { IsWide: true });
            return Task.CompletedTask;
        },
        ct);

    // A limit is made narrow only once all that was deleted is gone and counted, or the rest of it would be too much for it again.
    public Task SettleAsync(CancellationToken ct) => WhileAloneAsync(
        async () =>
        {
            // Of what was written since the last commit nothing was known when others were deleted.
            SetWidth(true, q => q is { IsWide: false, IsOverfull: true }, null);
            if (Volumes(null).Any(v => IsToBeNarrow(v.Quota)) && !BtrfsSubvolumes.AreLeaving(folder.Root))
            {
                await SynchronizeAsync(ct).ConfigureAwait(false);
                SetWidth(false, IsToBeNarrow, null);
            }
        },
        ct);

    public Task SnapshotAsync(string handle, string snapshot, CancellationToken ct) =>
        folder.Exists(snapshot) ? Task.CompletedTask : BtrfsAsync(["subvolume", "snapshot", "-r", folder.PathOf(handle), folder.PathOf(snapshot)], ct);

    // What others share with it becomes theirs alone: more than their size, perhaps, and then they could write nothing any more.
    public Task DeleteAsync(string handle, CancellationToken ct) => WhileAloneAsync(
        async () =>
        {
            if (folder.Exists(handle))
            {
                if (Volumes(handle).Any(v => v.Quota.IsShared))
                {
                    await SynchronizeAsync(ct).ConfigureAwait(false);
                    SetWidth(true, q => q.Held > q.Size && !q.IsWide, handle);
                }

                await RemoveAsync(handle, ct).ConfigureAwait(false);
            }
        },
        ct);

    /// <summary>Removes a volume or snapshot that is there, whatever becomes of the others.</summary>
    public async Task RemoveAsync(string handle, CancellationToken ct)
    {
        // Of a folder that a volume's owner mounted something into, nothing is deleted.
        var path = folder.PathOf(handle);
        Mounts.UnmountBelow(path);
        foreach (var nested in BtrfsSubvolumes.FindBelow(path))
        {
            await BtrfsAsync(["subvolume", "delete", "--subvolid", nested.ToString(CultureInfo.InvariantCulture), folder.Root], ct).ConfigureAwait(false);
        }

        await BtrfsAsync(["subvolume", "delete", path], ct).ConfigureAwait(false);
    }

    private static bool IsToBeNarrow(BtrfsQuota quota) => quota is { IsWide: true, IsOverfull: false };

    private void SetWidth(bool isWide, Func<BtrfsQuota, bool> concerns, string? without)
    {
        foreach (var (path, quota) in Volumes(without).Where(v => concerns(v.Quota)))
        {
            BtrfsQuota.Limit(path, quota.Size, isWide);
        }
    }

    // Nobody writes to a snapshot.
    private List<(string Path, BtrfsQuota Quota)> Volumes(string? without)
    {
        List<(string, BtrfsQuota)> found = [];
        foreach (var path in folder.List().Where(h => h != without && !h.StartsWith(StorageObjects.SnapshotPrefix, StringComparison.Ordinal)).Select(folder.PathOf))
        {
            if (BtrfsQuota.Of(path) is { } quota)
            {
                found.Add((path, quota));
            }
        }

        return found;
    }

    private Task SynchronizeAsync(CancellationToken ct) => BtrfsAsync(["filesystem", "sync", folder.Root], ct);

    // Limits follow from what is there.
    private async Task WhileAloneAsync(Func<Task> act, CancellationToken ct)
    {
        await _changing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await act().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private static Task<string> BtrfsAsync(IReadOnlyList<string> arguments, CancellationToken ct) => StorageCommand.RunAsync("btrfs", arguments, ct);
}
