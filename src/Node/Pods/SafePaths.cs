using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sealos.Node.Pods;

/// <summary>
/// Paths below a directory whose content strangers write: opened so that no link, however it is swapped meanwhile, leads out of it,
/// and bound elsewhere by the opened file, not by name.
/// </summary>
internal static partial class SafePaths
{
    private const int OpenAt2 = 437;
    private const ulong OpenPath = 0x200000;
    private const ulong CloseOnExec = 0x80000;
    private const ulong NoMagicLinks = 0x02;
    private const ulong Beneath = 0x08;
    private const int NotFound = 2;
    private const int Exists = 17;
    private const uint DirectoryMode = 0b111_101_000;
    private const ulong BindMount = 0x1000;
    private const int Detach = 2;
    private const int CurrentDirectory = -100;

    /// <summary>Opens <paramref name="relative"/> below <paramref name="root"/>, making directories that are missing.</summary>
    /// <exception cref="IOException">It leads outside or cannot be made.</exception>
    public static SafeFileHandle Open(string root, string relative)
    {
        using var directory = OpenAt(null, root, 0) ?? throw new IOException($"{root} cannot be opened");
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        for (var count = 1; count <= parts.Length; count++)
        {
            var path = string.Join('/', parts[..count]);
            using var existing = OpenAt(directory, path, Beneath | NoMagicLinks);
            if (existing is null)
            {
                Make(directory, parts[..count]);
            }
        }

        return OpenAt(directory, parts.Length == 0 ? "." : string.Join('/', parts), Beneath | NoMagicLinks)
            ?? throw new IOException($"\"{relative}\" cannot be opened below its volume");
    }

    /// <summary>Makes <paramref name="target"/> show what <paramref name="source"/> is, in place of what it showed before.</summary>
    public static void Bind(SafeFileHandle source, string target)
    {
        Unbind(target);
        var link = $"/proc/self/fd/{source.DangerousGetHandle()}";
        if (Directory.Exists(link))
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, "");
        }

        if (Mount(link, target, null, BindMount, 0) != 0)
        {
            throw new IOException($"{target} cannot be mounted: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    /// <summary>Takes a bound path away; nothing happens when there is none.</summary>
    public static void Unbind(string target)
    {
        if (Unmount(target, Detach) != 0)
        {
            return;
        }

        if (Directory.Exists(target))
        {
            Directory.Delete(target);
        }
        else
        {
            File.Delete(target);
        }
    }

    private static void Make(SafeFileHandle root, string[] parts)
    {
        using var parent = OpenAt(root, parts.Length == 1 ? "." : string.Join('/', parts[..^1]), Beneath | NoMagicLinks)
            ?? throw new IOException($"\"{string.Join('/', parts)}\" leads out of its volume");
        if (MakeDirectoryAt((int)parent.DangerousGetHandle(), parts[^1], DirectoryMode) != 0 && Marshal.GetLastPInvokeError() != Exists)
        {
            throw new IOException($"\"{string.Join('/', parts)}\" cannot be made: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    // Null when there is no such path.
    private static SafeFileHandle? OpenAt(SafeFileHandle? directory, string path, ulong resolve)
    {
        var how = new OpenHow { Flags = OpenPath | CloseOnExec, Resolve = resolve };
        var handle = SystemCall(OpenAt2, directory is null ? CurrentDirectory : (int)directory.DangerousGetHandle(), path, ref how, (nuint)Marshal.SizeOf<OpenHow>());
        if (handle >= 0)
        {
            return new SafeFileHandle((nint)handle, ownsHandle: true);
        }

        return Marshal.GetLastPInvokeError() == NotFound ? null
            : throw new IOException($"\"{path}\" cannot be opened below its volume: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SystemCall(long number, int directory, string path, ref OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectoryAt(int directory, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
