namespace Sealos.Host.Configuration;

/// <summary>Whether other users than the owner come through to a folder.</summary>
internal static class FolderAccess
{
    private const int MostLinks = 40;

    /// <summary>The first folder on the way to a path, itself included, that lets only its owner or group through; null when there is none.</summary>
    public static string? FindClosed(string path) => FindClosed(path, MostLinks);

    private static string? FindClosed(string path, int links)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } parent && FindClosed(parent, links) is { } closed)
        {
            return closed;
        }

        if (!Directory.Exists(full))
        {
            return null;
        }

        if (links > 0 && new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: false) is { } target)
        {
            return FindClosed(target.FullName, links - 1);
        }

        return File.GetUnixFileMode(full).HasFlag(UnixFileMode.OtherExecute) ? null : full;
    }
}
