namespace Sealos.Host.Configuration;

/// <summary>Files that are written whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a file's content; a reader or a crash sees the old or the new, never a part.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = $"{path}.{Environment.ProcessId}.new";
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Like <see cref="Write"/>, but touches nothing when the file holds this already: a start must not need room on a full disk.</summary>
    public static void WriteIfChanged(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        if (!File.Exists(path) || File.GetUnixFileMode(path) != mode || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            Write(path, content, mode);
        }
    }

    /// <summary>Removes a file that may not be there, nor its folder.</summary>
    public static void Remove(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }
}
