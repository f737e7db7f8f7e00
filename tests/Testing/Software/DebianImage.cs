using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Testing.Software;

/// <summary>
/// An image of real software, made of Debian's packages and run by a user of its own. It takes what the image of the same name that
/// people know takes, as far as the YAML of tests and guide goes: the same programs, paths, variables and user id.
/// </summary>
public sealed record DebianImage
{
    /// <summary>Its packages are the set of this name in <c>eng/software-packages</c>, unless <see cref="Packages"/> names another.</summary>
    public required string Name { get; init; }

    /// <summary>The set of packages of an image that is one of several made of it.</summary>
    public string? Packages { get; init; }

    /// <summary>What pods call it.</summary>
    public required string Reference { get; init; }

    /// <summary>The user's name.</summary>
    public required string User { get; init; }

    /// <summary>The user's id, also that of its group.</summary>
    public required int UserId { get; init; }

    /// <summary>The user's home.</summary>
    public string Home { get; init; } = "/";

    /// <summary>Folders that the user owns.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Files by their path; those in a <c>bin</c> folder can be executed.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Links by their path.</summary>
    public IReadOnlyDictionary<string, string> Links { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders that are put in the image, relative to the repository or absolute, and where.</summary>
    public IReadOnlyList<(string From, string To)> Trees { get; init; } = [];

    /// <summary>What of the packages is left out, by the start of its path.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Folders of programs beside the usual ones.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>The program, before its arguments.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>What runs when the pod names nothing else.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The archive, made when it is not there or was made of other packages.</summary>
    public async Task<string> ArchiveAsync(CancellationToken ct)
    {
        var packages = await DebianPackages.ReadAsync(Packages ?? Name, ct).ConfigureAwait(false);
        var trees = string.Join('\n', Trees.Select(t => $"{t} {ChangedAt(Path.Combine(Repository.Root, t.From)).Ticks}"));
        var key = OciArchive.Digest(JsonSerializer.SerializeToUtf8Bytes(new { Image = this, packages, DebianLayer.Form, trees }))[..16];
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "images")).FullName;
        var file = Path.Combine(folder, $"{Name}-{key}.tar");
        if (!File.Exists(file))
        {
            await WriteAsync(file, packages, ct).ConfigureAwait(false);
            foreach (var old in Directory.EnumerateFiles(folder, Name + "-*.tar").Where(f => f != file))
            {
                File.Delete(old);
            }
        }

        return file;
    }

    private async Task WriteAsync(string file, IReadOnlyList<string> packages, CancellationToken ct)
    {
        var layerFile = file + ".layer";
        var archive = file + ".new";
        await using (var layer = new FileStream(layerFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose))
        {
            await DebianLayer.WriteAsync(layer, this, packages, ct).ConfigureAwait(false);
            await OciArchive.WriteAsync(archive, Reference, layer, Run(), ct).ConfigureAwait(false);
        }

        File.Move(archive, file, overwrite: true);
    }

    private JsonObject Run() => new()
    {
        ["User"] = $"{UserId}:{UserId}",
        ["WorkingDir"] = Home,
        ["Env"] = Array([$"PATH={string.Join(':', [.. Programs, "/usr/local/bin", "/usr/sbin", "/usr/bin"])}", "LANG=C.UTF-8", "HOME=" + Home]),
        ["Entrypoint"] = Array(Entrypoint),
        ["Cmd"] = Array(Command),
    };

    // A file that is written again does not change the folder that it lies in.
    private static DateTime ChangedAt(string folder) => Directory.EnumerateFiles(folder).Append(folder).Max(File.GetLastWriteTimeUtc);

    private static JsonArray Array(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);
}
