using System.Globalization;
using System.Runtime.InteropServices;

namespace Sealos.Node.Volumes;

/// <summary>
/// Gives a volume that others may be writing to meanwhile to a group. Every file is opened below its opened folder without following
/// links, and changed by what was opened: a name that is swapped for a link leads nowhere.
/// </summary>
internal static partial class VolumeOwnership
{
    private const int Deepest = 1000;
    private const int EmptyPath = 0x1000;
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Changes the folder and everything in it.</summary>
    /// <exception cref="IOException">It cannot be changed, or its folders lie too deep in each other.</exception>
    public static void Give(string folder, long group, bool onlyIfRootDiffers, CancellationToken ct)
    {
        using var root = OpenedFolder.Open(folder) ?? throw new IOException($"{folder} cannot be opened");
        if (!onlyIfRootDiffers || !IsGiven(folder, group))
        {
            ApplyAll(root, group, ct);
        }
    }

    private static bool IsGiven(string folder, long group)
    {
        var mode = File.GetUnixFileMode(folder);
        return LinuxFiles.GroupOf(folder) == group && VolumeGroup.Shared(mode, isFolder: true, isReadOnly: false) == mode;
    }

    private static void ApplyAll(OpenedFolder root, long group, CancellationToken ct)
    {
        var opened = new Stack<OpenedFolder>([root]);
        try
        {
            while (opened.TryPeek(out var folder))
            {
                ct.ThrowIfCancellationRequested();
                if (folder.Next() is not { } name)
                {
                    // Content first: a folder that shows the group is one that was finished.
                    Apply(folder.Handle, isFolder: true, group);
                    _ = opened.Pop();
                    Close(folder, root);
                }
                else if (folder.OpenFolder(name) is { } inner)
                {
                    opened.Push(inner);
                    if (opened.Count > Deepest)
                    {
                        throw new IOException(string.Create(CultureInfo.InvariantCulture, $"the volume has folders that lie more than {Deepest} deep, too deep to give them to fsGroup; move them up, or set no fsGroup"));
                    }
                }
                else
                {
                    ApplyToFile(folder, name, group);
                }
            }
        }
        finally
        {
            foreach (var folder in opened)
            {
                Close(folder, root);
            }
        }
    }

    private static void Close(OpenedFolder folder, OpenedFolder root)
    {
        if (folder != root)
        {
            folder.Dispose();
        }
    }

    private static void ApplyToFile(OpenedFolder folder, byte[] name, long group)
    {
        using var file = folder.OpenEntry(name);
        if (file is not null && !LinuxFiles.IsLink((int)file.DangerousGetHandle()))
        {
            Apply((int)file.DangerousGetHandle(), isFolder: false, group);
        }
    }

    private static void Apply(int opened, bool isFolder, long group)
    {
        if (ChangeOwner(opened, "", Unchanged, (uint)group, EmptyPath) != 0)
        {
            throw OpenedFolder.Failure("change the group of a file of the volume");
        }

        var link = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{opened}");
        var isReallyFolder = isFolder || LinuxFiles.KindOf(link) == FileKind.Directory;
        File.SetUnixFileMode(link, VolumeGroup.Shared(File.GetUnixFileMode(link), isReallyFolder, isReadOnly: false));
    }

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(int directory, string path, uint user, uint group, int flags);
}
