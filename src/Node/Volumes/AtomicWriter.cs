using System.Globalization;

namespace Sealos.Node.Volumes;

/// <summary>
/// Writes a set of files such that a reader sees all of the old or all of the new: the files lie in a folder named after the time,
/// the link <c>..data</c> points there and is swapped in one step, and each visible name is a link through <c>..data</c>.
/// </summary>
internal static class AtomicWriter
{
    private const string Current = "..data";
    private const string Next = "..data_tmp";
    private const int LongestPath = 4096;
    private const int LongestName = 255;
    private const UnixFileMode Folder = (UnixFileMode)0b111_101_101;

    /// <summary>Makes <paramref name="folder"/> hold exactly these files; false when it already does.</summary>
    /// <exception cref="IOException">A path is not allowed, or writing failed.</exception>
    public static bool Write(string folder, IReadOnlyDictionary<string, PayloadFile> files, long? group, TimeProvider time)
    {
        foreach (var path in files.Keys)
        {
            Validate(path);
        }

        var now = Path.Combine(folder, Current);
        var old = new FileInfo(now).LinkTarget;
        var isChanged = old is null || !IsSame(Path.Combine(folder, old), files, group);
        if (isChanged)
        {
            var made = WriteFolder(folder, files, group, time);
            File.Delete(Path.Combine(folder, Next));
            File.CreateSymbolicLink(Path.Combine(folder, Next), made);
            LinuxFiles.Rename(Path.Combine(folder, Next), now);
        }

        LinkNames(folder, files.Keys);
        RemoveStale(folder, new FileInfo(now).LinkTarget!);
        return isChanged;
    }

    private static void Validate(string path)
    {
        var parts = path.Split('/');
        var isBad = path.Length is 0 or > LongestPath || path.StartsWith('/') || path.StartsWith("..", StringComparison.Ordinal)
            || parts.Any(p => p is "" or "." or ".." || p.Length > LongestName);
        if (isBad)
        {
            throw new IOException($"invalid path \"{path}\": it must be relative, without \"..\", and its first name must not begin with \"..\"");
        }
    }

    private static bool IsSame(string folder, IReadOnlyDictionary<string, PayloadFile> files, long? group)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet();
        return found.SetEquals(files.Keys) && files.All(f =>
            File.GetUnixFileMode(Path.Combine(folder, f.Key)) == ModeOf(f.Value, group)
            && File.ReadAllBytes(Path.Combine(folder, f.Key)).AsSpan().SequenceEqual(f.Value.Data));
    }

    private static UnixFileMode ModeOf(PayloadFile file, long? group) =>
        group is null ? file.Mode : VolumeGroup.Shared(file.Mode, isFolder: false, isReadOnly: true);

    private static string WriteFolder(string folder, IReadOnlyDictionary<string, PayloadFile> files, long? group, TimeProvider time)
    {
        var moment = time.GetUtcNow().UtcDateTime.ToString("'..'yyyy_MM_dd_HH_mm_ss.fffffff", CultureInfo.InvariantCulture);
        var name = moment;
        for (var i = 1; Directory.Exists(Path.Combine(folder, name)); i++)
        {
            name = moment + i.ToString(CultureInfo.InvariantCulture);
        }

        var target = Path.Combine(folder, name);
        MakeFolder(target);
        foreach (var (path, file) in files)
        {
            var full = Path.Combine(target, path);
            MakeParents(target, path);
            File.WriteAllBytes(full, file.Data);
            File.SetUnixFileMode(full, file.Mode);
            if (file.User is { } user)
            {
                LinuxFiles.ChangeOwner(full, user, null);
            }
        }

        if (group is { } id)
        {
            VolumeGroup.Apply(target, id, isReadOnly: true);
        }

        return name;
    }

    private static void MakeParents(string target, string path)
    {
        for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            MakeFolder(Path.Combine(target, path[..slash]));
        }
    }

    // The process's umask would take bits away from a mode given at creation.
    private static void MakeFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Folder);
        }
    }

    private static void LinkNames(string folder, IEnumerable<string> paths)
    {
        var names = paths.Select(p => p.Split('/')[0]).ToHashSet();
        foreach (var name in names.Where(n => new FileInfo(Path.Combine(folder, n)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(folder, name), $"{Current}/{name}");
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = Path.GetFileName(entry);
            if (!name.StartsWith("..", StringComparison.Ordinal) && !names.Contains(name))
            {
                File.Delete(entry);
            }
        }
    }

    private static void RemoveStale(string folder, string current)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateDirectories())
        {
            if (entry.LinkTarget is null && entry.Name != current && entry.Name.StartsWith("..", StringComparison.Ordinal))
            {
                entry.Delete(recursive: true);
            }
        }
    }
}
