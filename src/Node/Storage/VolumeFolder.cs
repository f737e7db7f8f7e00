using System.Text.RegularExpressions;

namespace Sealos.Node.Storage;

/// <summary>The folder that all volumes of a node lie in.</summary>
internal sealed partial class VolumeFolder(string root)
{
    /// <summary>Volumes are for all users of their containers; nobody else gets as far as the folder they lie in.</summary>
    public const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Making = ".making";

    public string Root => root;

    /// <summary>Where a volume lies, or would.</summary>
    /// <exception cref="StorageException">The handle is none.</exception>
    public string PathOf(string handle) =>
        HandlePattern().IsMatch(handle) ? Path.Combine(root, handle) : throw new StorageException($"\"{handle}\" is not the handle of a volume");

    /// <summary>Whether it could be the handle of a volume.</summary>
    public static bool IsHandle(string handle) => HandlePattern().IsMatch(handle);

    public bool Exists(string handle) => Directory.Exists(PathOf(handle));

    public void Prepare()
    {
        Directory.CreateDirectory(root, Private);
        File.SetUnixFileMode(root, Private);
        Directory.CreateDirectory(Path.Combine(root, Making), Private);
    }

    /// <summary>Notes that a volume is about to be made, so that a start after a crash finds it whether it was made or not.</summary>
    public void BeginMaking(string handle) => File.WriteAllBytes(MarkOf(handle), []);

    /// <summary>The volume has its object, or is gone again.</summary>
    public void EndMaking(string handle) => File.Delete(MarkOf(handle));

    /// <summary>Volumes that were about to be made and of which it was never noted what became of them.</summary>
    public IReadOnlyList<string> ListMaking() => [.. Directory.EnumerateFiles(Path.Combine(root, Making)).Select(p => Path.GetFileName(p)).Where(n => HandlePattern().IsMatch(n))];

    /// <summary>Everything that lies there.</summary>
    public IReadOnlyList<string> List() =>
        Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Select(p => Path.GetFileName(p)).Where(n => HandlePattern().IsMatch(n))] : [];

    private string MarkOf(string handle) => Path.Combine(root, Making, Path.GetFileName(PathOf(handle)));

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{0,199}\z")]
    private static partial Regex HandlePattern();
}
