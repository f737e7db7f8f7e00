using System.IO.Compression;

namespace Sealos.Node.Logs;

/// <summary>
/// The files of one container's log. <c>0.log</c> is written; rotation renames it to <c>0.log.20260102-030405</c> and later
/// compresses that to <c>0.log.20260102-030405.gz</c>.
/// </summary>
internal static class LogFiles
{
    /// <summary>Ending of compressed files.</summary>
    public const string Compressed = ".gz";

    /// <summary>Ending of files that are just being compressed.</summary>
    public const string Unfinished = ".tmp";

    // The other kind of matching lets "0.log.*" match "0.log".
    private static readonly EnumerationOptions Simple = new() { MatchType = MatchType.Simple };

    /// <summary>The rotated files, oldest first.</summary>
    public static List<string> Rotated(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*", Simple)
            .Where(f => !f.EndsWith(Unfinished, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The rotated files and the one being written, oldest first.</summary>
    public static List<string> All(string path) => [.. Rotated(path), path];

    /// <summary>The file that follows <paramref name="file"/>, which may have been compressed or removed since.</summary>
    public static string After(string path, string file) =>
        Rotated(path).Find(f => string.CompareOrdinal(PlainName(f), PlainName(file)) > 0) ?? path;

    /// <summary>Opens a file for reading, following it through compression; null when it is gone.</summary>
    public static Stream? Open(string file)
    {
        try
        {
            return file.EndsWith(Compressed, StringComparison.Ordinal)
                ? new GZipStream(OpenPlain(file), CompressionMode.Decompress)
                : OpenPlain(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return file.EndsWith(Compressed, StringComparison.Ordinal) ? null : Open(file + Compressed);
        }
    }

    /// <summary>The name, without its folder, that an open file has by now.</summary>
    public static string CurrentName(FileStream file)
    {
        const string Deleted = " (deleted)";
        var target = File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.Name ?? Path.GetFileName(file.Name);
        return target.EndsWith(Deleted, StringComparison.Ordinal) ? target[..^Deleted.Length] : target;
    }

    private static string PlainName(string file)
    {
        var name = Path.GetFileName(file);
        return name.EndsWith(Compressed, StringComparison.Ordinal) ? name[..^Compressed.Length] : name;
    }

    // Unbuffered: the readers have buffers of their own, and a buffer would hide what is appended.
    private static FileStream OpenPlain(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
}
