using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sealos.Node.Volumes;

/// <summary>
/// Gives a volume that others may be writing to meanwhile to a group. Every file is opened below its opened folder without following
/// links, and changed by what was opened: a name that is swapped for a link leads nowhere.
/// </summary>
internal static partial class VolumeOwnership
{
    private const int PathOnly = 0x200000;
    private const int NoFollow = 0x20000;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const int CurrentDirectory = -100;
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Changes the folder and everything in it.</summary>
    public static void Give(string folder, long group, bool onlyIfRootDiffers)
    {
        using var root = Open(CurrentDirectory, folder) ?? throw new IOException($"{folder} cannot be opened");
        if (!onlyIfRootDiffers || !IsGiven(folder, group))
        {
            Apply(root, group);
        }
    }

    private static bool IsGiven(string folder, long group)
    {
        var mode = File.GetUnixFileMode(folder);
        return LinuxFiles.GroupOf(folder) == group && VolumeGroup.Shared(mode, isFolder: true, isReadOnly: false) == mode;
    }

    private static void Apply(SafeFileHandle opened, long group)
    {
        var link = LinkOf(opened);
        var kind = LinuxFiles.KindOf(link);
        if (kind == FileKind.Directory)
        {
            // Content first: a folder that shows the group is one that was finished.
            foreach (var name in Directory.EnumerateFileSystemEntries(link).Select(p => Path.GetFileName(p)).ToList())
            {
                using var child = Open((int)opened.DangerousGetHandle(), name);
                if (child is not null && !IsLink(child))
                {
                    Apply(child, group);
                }
            }
        }

        if (ChangeOwner((int)opened.DangerousGetHandle(), "", Unchanged, (uint)group, EmptyPath) != 0)
        {
            throw Failure("change the group of a file of the volume");
        }

        File.SetUnixFileMode(link, VolumeGroup.Shared(File.GetUnixFileMode(link), kind == FileKind.Directory, isReadOnly: false));
    }

    private static string LinkOf(SafeFileHandle opened) => $"/proc/self/fd/{opened.DangerousGetHandle()}";

    // An opened link is shown as a link of its own by what it leads to in /proc.
    private static bool IsLink(SafeFileHandle opened) => LinuxFiles.IsLink((int)opened.DangerousGetHandle());

    // Null when it went meanwhile.
    private static SafeFileHandle? Open(int directory, string name)
    {
        const int NotFound = 2;
        var handle = OpenAt(directory, name, PathOnly | NoFollow | CloseOnExec);
        return handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == NotFound ? null
            : throw Failure("open a file of the volume");
    }

    private static IOException Failure(string what) => new($"cannot {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(int directory, string path, uint user, uint group, int flags);
}
