namespace Sealos.Node.Images;

/// <summary>The rules by which short image names become full ones.</summary>
internal static class ImageNames
{
    private const string Unpacking = "unpacking ";

    /// <summary>The names of which <c>ctr images import</c> says that it unpacks them.</summary>
    public static IReadOnlyList<string> FromImportOutput(string output)
    {
        var names = new List<string>();
        foreach (var line in output.Split('\n'))
        {
            var end = line.IndexOf(" (", StringComparison.Ordinal);
            if (line.StartsWith(Unpacking, StringComparison.Ordinal) && end > Unpacking.Length)
            {
                names.Add(line[Unpacking.Length..end]);
            }
        }

        return names;
    }

    /// <summary>Whether ctr invented the name because the archive gave only a tag; it holds the day of the import.</summary>
    public static bool IsMadeUp(string name) => name.StartsWith("import-20", StringComparison.Ordinal) && !name.Contains('/');

    /// <summary>Adds the registry, the <c>library</c> folder and the tag that a short name leaves out.</summary>
    public static string Expand(string name)
    {
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash];
        var isHost = first.Contains('.') || first.Contains(':') || first == "localhost";
        var full = isHost ? name : slash < 0 ? $"docker.io/library/{name}" : $"docker.io/{name}";
        var last = full[(full.LastIndexOf('/') + 1)..];
        return last.Contains(':') || last.Contains('@') ? full : full + ":latest";
    }
}
