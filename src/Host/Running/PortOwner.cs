using System.Globalization;

namespace Sealos.Host.Running;

/// <summary>Finds which process listens on a TCP port, as a person would ask when a port is in use.</summary>
public static class PortOwner
{
    private const string Listening = "0A";

    /// <summary>The name and pid of the process that listens, "another process" when it cannot be seen, or null when nobody does.</summary>
    public static string? Find(int port)
    {
        var inodes = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(f => ListeningInodes(f, port)).ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0)
        {
            return null;
        }

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && Holds(folder, inodes))
            {
                return $"{File.ReadAllText(Path.Combine(folder, "comm")).Trim()} (pid {pid})";
            }
        }

        return "another process";
    }

    private static IEnumerable<string> ListeningInodes(string file, int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(file).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal))
            {
                yield return $"socket:[{fields[9]}]";
            }
        }
    }

    private static bool Holds(string folder, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(fd => File.ResolveLinkTarget(fd, false) is { } target && inodes.Contains(Path.GetFileName(target.FullName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile, or is not ours to look into.
            return false;
        }
    }
}
