using System.Runtime.InteropServices;

namespace Sealos.Node.Volumes;

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    Missing,
    File,
    Directory,
    Socket,
    CharacterDevice,
    BlockDevice,
    Other,
}

/// <summary>Calls to the kernel that .NET has no method for.</summary>
internal static partial class LinuxFiles
{
    private const uint NoOne = uint.MaxValue;
    private const ulong NoSuidNoDevices = 0x2 | 0x4;
    private const int NoFollow = 8;
    private const int Detach = 2;
    private const int CurrentDirectory = -100;
    private const uint TypeAndMode = 3;
    private const int StatxSize = 256;
    private const int StatxMode = 28;
    private const uint Group = 0x10;
    private const int StatxGroup = 24;
    private const int EmptyPath = 0x1000;
    private const uint Blocks = 0x400;
    private const int StatxBlocks = 48;
    private const int BlockSize = 512;

    /// <summary>Renames; what is at the target is replaced in one step, also when it is a link to a directory.</summary>
    public static void Rename(string from, string to) => Check(RenameFile(from, to), $"rename {from} to {to}");

    /// <summary>Changes owner and group of a file, not of what a link points to; null leaves one as it is.</summary>
    public static void ChangeOwner(string path, long? user, long? group) =>
        Check(LinkChown(path, user is { } u ? (uint)u : NoOne, group is { } g ? (uint)g : NoOne), $"change the owner of {path}");

    /// <summary>Mounts an empty file system in memory.</summary>
    public static void MountMemory(string path, string options) => Check(Mount("tmpfs", path, "tmpfs", NoSuidNoDevices, options), $"mount tmpfs at {path}");

    /// <summary>Takes a mount away; one that is in use goes with its last user.</summary>
    public static void Unmount(string path)
    {
        if (UnmountPath(path, NoFollow) != 0)
        {
            Check(UnmountPath(path, NoFollow | Detach), $"unmount {path}");
        }
    }

    /// <summary>What a path leads to, links followed.</summary>
    public static FileKind KindOf(string path)
    {
        const int Missing = 2;
        const int NotADirectory = 20;
        var buffer = new byte[StatxSize];
        if (Statx(CurrentDirectory, path, 0, TypeAndMode, buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() is Missing or NotADirectory ? FileKind.Missing : throw Failure($"look at {path}");
        }

        return (BitConverter.ToUInt16(buffer, StatxMode) >> 12) switch
        {
            8 => FileKind.File,
            4 => FileKind.Directory,
            12 => FileKind.Socket,
            2 => FileKind.CharacterDevice,
            6 => FileKind.BlockDevice,
            _ => FileKind.Other,
        };
    }

    /// <summary>What a file takes of the disk, which is less than its length where nothing was written.</summary>
    public static long AllocatedBytes(string path)
    {
        var buffer = new byte[StatxSize];
        Check(Statx(CurrentDirectory, path, 0, Blocks, buffer), $"look at {path}");
        return BitConverter.ToInt64(buffer, StatxBlocks) * BlockSize;
    }

    /// <summary>The group that a file belongs to.</summary>
    public static long GroupOf(string path)
    {
        var buffer = new byte[StatxSize];
        Check(Statx(CurrentDirectory, path, 0, Group, buffer), $"look at {path}");
        return BitConverter.ToUInt32(buffer, StatxGroup);
    }

    /// <summary>Whether what was opened, without following it, is a link.</summary>
    public static bool IsLink(int opened)
    {
        const int Link = 10;
        var buffer = new byte[StatxSize];
        Check(Statx(opened, "", EmptyPath, TypeAndMode, buffer), "look at an opened file");
        return BitConverter.ToUInt16(buffer, StatxMode) >> 12 == Link;
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw Failure(what);
        }
    }

    private static IOException Failure(string what) => new($"cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkChown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte[] buffer);
}
