namespace Sealos.Node.Storage;

/// <summary>
/// How much a volume may hold and does, in bytes. What a volume of btrfs holds is that of the last commit, seconds ago; with what it
/// shares with snapshots and copies that may be more than its capacity. Overfull is one that holds more than that alone.
/// </summary>
internal readonly record struct VolumeRoom(long Capacity, long Used, long Available, bool IsOverfull = false)
{
    /// <summary>Measures a folder: by its quota where it has one, else by the file system that it lies on.</summary>
    /// <exception cref="StorageException">btrfs does not tell.</exception>
    /// <exception cref="IOException">The folder cannot be looked at.</exception>
    public static VolumeRoom Of(string path)
    {
        var drive = new DriveInfo(path);
        return drive.DriveFormat == "btrfs" && BtrfsQuota.Of(path) is { } quota ? Of(quota, drive.AvailableFreeSpace)
            : new VolumeRoom(drive.TotalSize, drive.TotalSize - drive.TotalFreeSpace, drive.AvailableFreeSpace);
    }

    // The room above a size, while its limit is wide, is not there to be counted on.
    private static VolumeRoom Of(BtrfsQuota quota, long free)
    {
        var left = Math.Min(quota.Size - quota.HeldAlone, quota.Most - quota.Held);
        return new VolumeRoom(quota.Size, quota.Held, Math.Max(0, Math.Min(left, free)), quota.IsOverfull);
    }
}
