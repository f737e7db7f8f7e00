namespace Sealos.Node.Volumes;

/// <summary>Gives a volume to the group that a pod names in <c>fsGroup</c>.</summary>
internal static class VolumeGroup
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead;
    private const UnixFileMode Writable = Readable | UnixFileMode.UserWrite | UnixFileMode.GroupWrite;
    private const UnixFileMode Folder = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    /// <summary>The permissions of a file or folder once the group has it.</summary>
    public static UnixFileMode Shared(UnixFileMode mode, bool isFolder, bool isReadOnly) =>
        mode | (isReadOnly ? Readable : Writable) | (isFolder ? Folder : UnixFileMode.None);

    /// <summary>Changes the folder and everything in it; links are left alone.</summary>
    public static void Apply(string folder, long group, bool isReadOnly)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        ApplyTo(new DirectoryInfo(folder), group, isReadOnly);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", all))
        {
            ApplyTo(entry, group, isReadOnly);
        }
    }

    private static void ApplyTo(FileSystemInfo entry, long group, bool isReadOnly)
    {
        LinuxFiles.ChangeOwner(entry.FullName, null, group);
        entry.UnixFileMode = Shared(entry.UnixFileMode, entry is DirectoryInfo, isReadOnly);
    }
}
