using System.Runtime.InteropServices;

namespace Sealos.Node.Volumes;

/// <summary>
/// Measures a folder that its users may be changing meanwhile. Nothing is reached by its path, so that a folder that is swapped for a
/// link leads nowhere; and a folder that is too deep or holds too many files to be measured counts as too large.
/// </summary>
internal static partial class TreeSize
{
    private const int Deepest = 200;
    private const int MostEntries = 1_000_000;
    private const int BlockSize = 512;
    private const int BufferSize = 256;
    private const int ModeAt = 28;
    private const int LinksAt = 16;
    private const int InodeAt = 32;
    private const int BlocksAt = 48;
    private const int DeviceAt = 136;
    private const int MostLinked = 100_000;
    private const uint TypeLinksInodeAndBlocks = 0x505;
    private const int NoFollow = 0x100;
    private const int IsFolder = 4;
    private const int NotFound = 2;

    /// <summary>Whether the files of a folder, whose own path nobody else can change, take more than so many bytes of the disk.</summary>
    public static bool IsOver(string path, long limit) => Measure(path, limit) is not { } bytes || bytes > limit;

    /// <summary>
    /// How many bytes of the disk the files of such a folder take, counted until they are more than <paramref name="enough"/>; null where it
    /// is too deep or holds too many files.
    /// </summary>
    public static long? Measure(string path, long enough)
    {
        var opened = new Stack<OpenedFolder>();
        try
        {
            Push(opened, OpenedFolder.Open(path));
            var (bytes, entries) = (0L, 0);
            var buffer = new byte[BufferSize];
            var linked = new HashSet<(ulong Device, ulong Inode)>();
            while (opened.TryPeek(out var folder))
            {
                if (folder.Next() is not { } name)
                {
                    opened.Pop().Dispose();
                    continue;
                }

                if (++entries > MostEntries)
                {
                    return null;
                }

                if (Statx(folder.Handle, name, NoFollow, TypeLinksInodeAndBlocks, buffer) != 0)
                {
                    if (Marshal.GetLastPInvokeError() != NotFound)
                    {
                        throw OpenedFolder.Failure("measure a file");
                    }

                    // What is gone by now takes nothing.
                    continue;
                }

                var isFolder = BitConverter.ToUInt16(buffer, ModeAt) >> 12 == IsFolder;
                if (!isFolder && IsKnown(linked, buffer))
                {
                    continue;
                }

                bytes += BitConverter.ToInt64(buffer, BlocksAt) * BlockSize;
                if (bytes > enough)
                {
                    return bytes;
                }

                if (isFolder)
                {
                    if (opened.Count >= Deepest)
                    {
                        return null;
                    }

                    Push(opened, folder.OpenFolder(name));
                }
            }

            return bytes;
        }
        finally
        {
            foreach (var folder in opened)
            {
                folder.Dispose();
            }
        }
    }

    // A file takes its room once, whatever number of names it has; those of more files than can be remembered count each time.
    private static bool IsKnown(HashSet<(ulong Device, ulong Inode)> linked, byte[] buffer)
    {
        if (BitConverter.ToUInt32(buffer, LinksAt) < 2)
        {
            return false;
        }

        var file = (BitConverter.ToUInt64(buffer, DeviceAt), BitConverter.ToUInt64(buffer, InodeAt));
        return linked.Contains(file) || (linked.Count < MostLinked && !linked.Add(file));
    }

    private static void Push(Stack<OpenedFolder> opened, OpenedFolder? folder)
    {
        if (folder is not null)
        {
            opened.Push(folder);
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int Statx(int directory, byte[] name, int flags, uint mask, byte[] buffer);
}
