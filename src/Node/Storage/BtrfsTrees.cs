using System.Runtime.InteropServices;

namespace Sealos.Node.Storage;

/// <summary>An item of a btrfs tree: the last number of its key, and what it holds.</summary>
internal readonly record struct BtrfsItem(ulong Offset, ReadOnlyMemory<byte> Content);

/// <summary>Which items of a btrfs tree are looked for: one object's, of one type, from an offset to another.</summary>
internal readonly record struct BtrfsRange(ulong Tree, ulong Object, uint Type, ulong From, ulong To);

/// <summary>Asks the kernel for what btrfs keeps in its trees, as of its last commit. No program is started for it.</summary>
internal static partial class BtrfsTrees
{
    private const nuint TreeSearch = 0xd0009411;
    private const nuint LookUpId = 0xd0009412;
    private const nuint LimitQuota = 0x8030942b;
    private const int ArgumentSize = 4096;
    private const int KeySize = 104;
    private const int ItemHeaderSize = 32;
    private const int ItemOffsetAt = 16;
    private const int ItemLengthAt = 28;
    private const int CountAt = 64;
    private const ulong TopOfTree = 256;

    /// <summary>The id of the subvolume that an opened folder lies in.</summary>
    /// <exception cref="StorageException">It does not lie in a btrfs.</exception>
    public static ulong IdOf(int handle)
    {
        var argument = new byte[ArgumentSize];
        BitConverter.TryWriteBytes(argument.AsSpan(8), TopOfTree);
        Call(handle, LookUpId, argument);
        return BitConverter.ToUInt64(argument);
    }

    /// <summary>The first items of a range, in order; nothing when there are none left.</summary>
    /// <exception cref="StorageException">The folder does not lie in a btrfs, or that has no such tree.</exception>
    public static List<BtrfsItem> Search(int handle, BtrfsRange range)
    {
        var argument = KeyOf(range);
        Call(handle, TreeSearch, argument);
        var items = new List<BtrfsItem>();
        for (var (left, at) = (BitConverter.ToUInt32(argument, CountAt), KeySize); left > 0; left--)
        {
            var length = (int)BitConverter.ToUInt32(argument, at + ItemLengthAt);
            items.Add(new BtrfsItem(BitConverter.ToUInt64(argument, at + ItemOffsetAt), argument.AsMemory(at + ItemHeaderSize, length)));
            at += ItemHeaderSize + length;
        }

        return items;
    }

    /// <summary>Limits what a subvolume of the file system that an opened folder lies in may hold: which limits there are, and the four.</summary>
    /// <exception cref="StorageException">The folder does not lie in a btrfs, or that has no quotas.</exception>
    public static void Limit(int handle, ulong subvolume, ReadOnlySpan<ulong> limits)
    {
        ulong[] numbers = [subvolume, .. limits];
        var argument = new byte[numbers.Length * sizeof(ulong)];
        Buffer.BlockCopy(numbers, 0, argument, 0, argument.Length);
        Call(handle, LimitQuota, argument);
    }

    // Tree, then the least and the most of object, offset and transaction, then types and how many.
    private static byte[] KeyOf(BtrfsRange range)
    {
        var argument = new byte[ArgumentSize];
        ulong[] numbers = [range.Tree, range.Object, range.Object, range.From, range.To, 0, ulong.MaxValue];
        Buffer.BlockCopy(numbers, 0, argument, 0, numbers.Length * sizeof(ulong));
        uint[] types = [range.Type, range.Type, uint.MaxValue];
        Buffer.BlockCopy(types, 0, argument, numbers.Length * sizeof(ulong), types.Length * sizeof(uint));
        return argument;
    }

    private static void Call(int handle, nuint request, byte[] argument)
    {
        if (Control(handle, request, argument) != 0)
        {
            throw new StorageException($"{(request == LimitQuota ? "btrfs does not limit a volume" : "btrfs does not tell what its trees hold")}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, byte[] argument);
}
