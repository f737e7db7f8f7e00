using System.Runtime.InteropServices;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>
/// Finds the subvolumes that were made in a volume, by their ids: their names are their makers', who may have chosen them to be read as
/// something else.
/// </summary>
internal static partial class BtrfsSubvolumes
{
    private const nuint TreeSearch = 0xd0009411;
    private const nuint LookUpId = 0xd0009412;
    private const int ArgumentSize = 4096;
    private const int KeySize = 104;
    private const int ItemHeaderSize = 32;
    private const int ItemOffsetAt = 16;
    private const int ItemLengthAt = 28;
    private const int CountAt = 64;
    private const ulong RootTree = 1;
    private const ulong TopOfTree = 256;
    private const uint ReferenceType = 156;

    /// <summary>The subvolumes below that of a folder, innermost first.</summary>
    public static IReadOnlyList<ulong> FindBelow(string path)
    {
        using var opened = OpenedFolder.Open(path) ?? throw new StorageException($"{path} is no folder");
        List<ulong> found = [IdOf(opened.Handle)];
        for (var i = 0; i < found.Count; i++)
        {
            AddChildren(opened.Handle, found[i], found);
        }

        found.RemoveAt(0);
        found.Reverse();
        return found;
    }

    private static ulong IdOf(int handle)
    {
        var argument = new byte[ArgumentSize];
        BitConverter.TryWriteBytes(argument.AsSpan(8), TopOfTree);
        Call(handle, LookUpId, argument);
        return BitConverter.ToUInt64(argument);
    }

    private static void AddChildren(int handle, ulong parent, List<ulong> found)
    {
        for (var from = 0UL; ;)
        {
            var argument = Search(parent, from);
            Call(handle, TreeSearch, argument);
            var count = BitConverter.ToUInt32(argument, CountAt);
            if (count == 0)
            {
                return;
            }

            for (int i = 0, at = KeySize; i < count; i++)
            {
                from = BitConverter.ToUInt64(argument, at + ItemOffsetAt);
                found.Add(from);
                at += ItemHeaderSize + (int)BitConverter.ToUInt32(argument, at + ItemLengthAt);
            }

            from++;
        }
    }

    // The key of a search: tree, then the least and the most of object, offset and transaction, then types and how many.
    private static byte[] Search(ulong parent, ulong from)
    {
        var argument = new byte[ArgumentSize];
        ulong[] numbers = [RootTree, parent, parent, from, ulong.MaxValue, 0, ulong.MaxValue];
        Buffer.BlockCopy(numbers, 0, argument, 0, numbers.Length * sizeof(ulong));
        uint[] types = [ReferenceType, ReferenceType, uint.MaxValue];
        Buffer.BlockCopy(types, 0, argument, numbers.Length * sizeof(ulong), types.Length * sizeof(uint));
        return argument;
    }

    private static void Call(int handle, nuint request, byte[] argument)
    {
        if (Control(handle, request, argument) != 0)
        {
            throw new StorageException($"btrfs does not tell of its subvolumes: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, byte[] argument);
}
