using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// What a subvolume may hold and does, in bytes, as of the last commit. Its size is the limit of what it holds alone; what it holds in
/// all, shared with snapshots and copies, may be twice that. A limit that is wide lets it hold as much alone, too.
/// </summary>
internal readonly record struct BtrfsQuota(long Size, long Held, long HeldAlone, bool IsWide)
{
    private const long SharedFactor = 2;
    private const ulong QuotaTree = 8;
    private const uint UsageType = 242;
    private const uint LimitType = 244;
    private const int HeldAt = 8;
    private const int HeldAloneAt = 24;
    private const int MostAt = 8;
    private const int MostAloneAt = 16;
    private const ulong IsLimited = 1;
    private const ulong IsLimitedAlone = 2;

    // Notes of what is deleted may be written past a limit.
    private const int ToleratedShare = 16;

    /// <summary>The most that it may hold in all.</summary>
    public long Most => Size * SharedFactor;

    /// <summary>The most that it may hold alone.</summary>
    public long MostAlone => IsWide ? Most : Size;

    /// <summary>Whether it shares something with a snapshot or a copy.</summary>
    public bool IsShared => Held - HeldAlone > Size / ToleratedShare;

    /// <summary>Whether it holds so much alone that, with its size as the limit, nothing could be written.</summary>
    public bool IsOverfull => HeldAlone > (IsWide ? Size : Size + (Size / ToleratedShare));

    /// <summary>What is known of a folder's subvolume, or null where it has no size.</summary>
    /// <exception cref="StorageException">btrfs does not tell.</exception>
    /// <exception cref="IOException">The folder cannot be looked at.</exception>
    public static BtrfsQuota? Of(string path) => Read(path)?.Quota;

    /// <summary>Gives a volume of an earlier release, which has but one limit, those of this one.</summary>
    public static void Complete(string path)
    {
        if (Read(path) is { IsComplete: false } old)
        {
            Limit(path, old.Quota.Size, isWide: false);
        }
    }

    /// <summary>
    /// Gives a folder's subvolume a size. Both limits are set in one step, so that neither is ever taken for that of another size, and
    /// from the folder above: in one that is past its limit nothing may be begun, not even that.
    /// </summary>
    public static void Limit(string path, long size, bool isWide)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new IOException($"{path} is no folder");
        using var above = OpenedFolder.Open(Path.GetDirectoryName(path)!) ?? throw new IOException($"{path} lies in no folder");
        var most = size * SharedFactor;
        BtrfsTrees.Limit(above.Handle, BtrfsTrees.IdOf(opened.Handle), [IsLimited | IsLimitedAlone, (ulong)most, (ulong)(isWide ? most : size), 0, 0]);
    }

    private static (BtrfsQuota Quota, bool IsComplete)? Read(string path)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new IOException($"{path} is no folder");
        var id = BtrfsTrees.IdOf(opened.Handle);
        if (Find(opened.Handle, LimitType, id) is not { } limit || Find(opened.Handle, UsageType, id) is not { } usage)
        {
            return null;
        }

        var kinds = BitConverter.ToUInt64(limit.Span);
        if ((kinds & IsLimited) == 0)
        {
            return null;
        }

        var isComplete = (kinds & IsLimitedAlone) != 0;
        var most = BitConverter.ToInt64(limit.Span[MostAt..]);
        var size = isComplete ? most / SharedFactor : most;
        var isWide = isComplete && BitConverter.ToInt64(limit.Span[MostAloneAt..]) > size;
        return (new BtrfsQuota(size, BitConverter.ToInt64(usage.Span[HeldAt..]), BitConverter.ToInt64(usage.Span[HeldAloneAt..]), isWide), isComplete);
    }

    private static ReadOnlyMemory<byte>? Find(int handle, uint type, ulong subvolume) =>
        BtrfsTrees.Search(handle, new BtrfsRange(QuotaTree, 0, type, subvolume, subvolume)) is [var item, ..] ? item.Content : null;
}
