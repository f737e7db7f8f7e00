using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>How much a volume may hold and does, in bytes. What a volume of btrfs holds is that of the last commit, seconds ago.</summary>
internal readonly record struct VolumeRoom(long Capacity, long Used, long Available)
{
    private const ulong QuotaTree = 8;
    private const uint UsageType = 242;
    private const uint LimitType = 244;
    private const int UsedAt = 8;
    private const int LimitAt = 8;
    private const ulong IsLimited = 1;

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
        if (Find(opened.Handle, LimitType, id) is not { } limit || (BitConverter.ToUInt64(limit.Span) & IsLimited) == 0 || Find(opened.Handle, UsageType, id) is not { } usage)
        {
            return null;
        }

        var capacity = BitConverter.ToInt64(limit.Span[LimitAt..]);
        var used = BitConverter.ToInt64(usage.Span[UsedAt..]);
        return new VolumeRoom(capacity, used, Math.Max(0, Math.Min(capacity - used, free)));
    }

    private static ReadOnlyMemory<byte>? Find(int handle, uint type, ulong subvolume) =>
        BtrfsTrees.Search(handle, new BtrfsRange(QuotaTree, 0, type, subvolume, subvolume)) is [var item, ..] ? item.Content : null;
}
