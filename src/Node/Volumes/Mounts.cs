using System.Globalization;
using System.Text.RegularExpressions;

namespace Sealos.Node.Volumes;

/// <summary>The mounts of this process's namespace.</summary>
internal static partial class Mounts
{
    private const int MountPointField = 4;
    private const string UpperOption = "upperdir=";

    /// <summary>The mount points at or below a folder, innermost first.</summary>
    public static List<string> Below(string folder, string mountInfo) =>
        [.. mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => Unescape(l.Split(' ')[MountPointField]))
            .Where(m => m == folder || m.StartsWith(folder + "/", StringComparison.Ordinal))
            .OrderByDescending(m => m.Length)];

    /// <summary>Whether something is mounted at the folder.</summary>
    public static bool IsMounted(string folder) => Below(folder, Read()).Contains(folder);

    /// <summary>The options of the file system that is mounted at the folder; none where there is none.</summary>
    public static IReadOnlyList<string> OptionsOf(string folder) => OptionsOf(folder, Read());

    internal static IReadOnlyList<string> OptionsOf(string folder, string mountInfo) =>
        mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(l => Unescape(l.Split(' ')[MountPointField]) == folder)?.Split(' ')[^1].Split(',') ?? [];

    /// <summary>The folders that running containers' changes to their root file systems are written into, by the container's id.</summary>
    public static IReadOnlyDictionary<string, string> WritableLayers(string containerdState) => WritableLayers(containerdState, Read());

    internal static IReadOnlyDictionary<string, string> WritableLayers(string containerdState, string mountInfo)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fields in mountInfo.Split('\n').Where(l => l.Contains(" - overlay ", StringComparison.Ordinal)).Select(l => l.Split(' ')))
        {
            if (Unescape(fields[MountPointField]) is var mount && mount.StartsWith(containerdState + "/", StringComparison.Ordinal) && Path.GetFileName(mount) == "rootfs"
                && fields[^1].Split(',').FirstOrDefault(o => o.StartsWith(UpperOption, StringComparison.Ordinal)) is { } upper)
            {
                found[Path.GetFileName(Path.GetDirectoryName(mount)!)] = Unescape(upper[UpperOption.Length..]);
            }
        }

        return found;
    }

    /// <summary>Unmounts everything at and below a folder and deletes it; links are deleted, not followed.</summary>
    public static void DeleteTree(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        UnmountBelow(folder);
        if (Below(folder, Read()) is [var left, ..])
        {
            throw new IOException($"{left} is still mounted, so {folder} is not deleted");
        }

        TreeDeletion.Delete(folder);
    }

    /// <summary>Unmounts everything at and below a folder.</summary>
    public static void UnmountBelow(string folder)
    {
        foreach (var mount in Below(folder, Read()))
        {
            LinuxFiles.Unmount(mount);
        }
    }

    private static string Read() => File.ReadAllText("/proc/self/mountinfo");

    private static string Unescape(string field) =>
        OctalPattern().Replace(field, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex OctalPattern();
}
