using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>How much a volume may hold and does, in bytes. What a volume of btrfs holds is that of the last commit, seconds ago.</summary>
internal readonly record struct VolumeRoom(long Capacity, long Used, long Available)
{
    private const ulong QuotaTree = 8;
    private const uint UsageType = 242;
    private const uint LimitType = 244;
    private const int HeldAt = 8;
    private const int HeldAloneAt = 24;
    private const int MostAt = 8;
    private const int MostAloneAt = 16;
    private const ulong IsLimitedAlone = 2;

    /// <summary>Measures a folder: by its quota where it has one, else by the file system that it lies on.</summary>
    /// <exception cref="StorageException">btrfs does not tell.</exception>
    /// <exception cref="IOException">The folder cannot be looked at.</exception>
    public static VolumeRoom Of(string path)
    {
        var drive = new DriveInfo(path);
        return (drive.DriveFormat == "btrfs" ? QuotaOf(path, drive.AvailableFreeSpace) : null)
            ?? new VolumeRoom(drive.TotalSize, drive.TotalSize - drive.TotalFreeSpace, drive.AvailableFreeSpace);
    }

    private static VolumeRoom? QuotaOf(string path, long free)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new IOException($"{path} is no folder");
        var id = BtrfsTrees.IdOf(opened.Handle);
        if (Find(opened.Handle, LimitType, id) is not { } limit || (BitConverter.ToUInt64(limit.Span) & IsLimitedAlone) == 0 || Find(opened.Handle, UsageType, id) is not { } usage)
        {
            return null;
        }

        // The size is the limit of what a volume holds alone; what it holds in all, shared with snapshots, has a wider one.
        var capacity = BitConverter.ToInt64(limit.Span[MostAloneAt..]);
        var held = BitConverter.ToInt64(usage.Span[HeldAt..]);
        var left = Math.Min(capacity - BitConverter.ToInt64(usage.Span[HeldAloneAt..]), BitConverter.ToInt64(limit.Span[MostAt..]) - held);
        return new VolumeRoom(capacity, Math.Min(held, capacity), Math.Max(0, Math.Min(left, free)));
    }

    private static ReadOnlyMemory<byte>? Find(int handle, uint type, ulong subvolume) =>
        BtrfsTrees.Search(handle, new BtrfsRange(QuotaTree, 0, type, subvolume, subvolume)) is [var item, ..] ? item.Content : null;
}
