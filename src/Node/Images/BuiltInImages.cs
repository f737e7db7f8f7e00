namespace Sealos.Node.Images;

/// <summary>The images that every cloud has from its first boot, wrapped around the programs that the build compiled.</summary>
public static class BuiltInImages
{
    /// <summary>The image of every pod's first process.</summary>
    public const string Pause = "sealos.hub/library/pause:1";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Nobody in particular, and numeric, so that a pod that demands "not root" may run it.
    private const string User = "65532:65532";

    private static readonly string[] HelloVersions = ["1", "2"];

    /// <summary>Reads the compiled programs from <paramref name="programsFolder"/>.</summary>
    /// <exception cref="ImageException">A program is missing.</exception>
    public static async Task<IReadOnlyList<OciImage>> ReadAsync(string programsFolder, CancellationToken ct)
    {
        var images = new List<OciImage> { new(Pause, [await ProgramAsync(programsFolder, "pause", "/pause", ct).ConfigureAwait(false)], new OciImageConfig { Entrypoint = ["/pause"], User = "65535:65535" }) };
        foreach (var version in HelloVersions)
        {
            var config = new OciImageConfig { Entrypoint = ["/hello"], ExposedPorts = ["8080/tcp"], User = User };
            images.Add(new OciImage($"sealos.hub/library/hello:{version}", [await ProgramAsync(programsFolder, $"hello-{version}", "/hello", ct).ConfigureAwait(false)], config));
        }

        return images;
    }

    private static async Task<OciEntry> ProgramAsync(string folder, string file, string path, CancellationToken ct)
    {
        try
        {
            return new OciEntry(path, Executable, await File.ReadAllBytesAsync(Path.Combine(folder, file), ct).ConfigureAwait(false));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException($"the program '{file}' of a built-in image is missing from {folder}; images/build makes it", e);
        }
    }
}
