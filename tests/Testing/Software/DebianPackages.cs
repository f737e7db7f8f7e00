namespace Sealos.Testing.Software;

/// <summary>The packages that <c>eng/fetch-packages</c> has downloaded.</summary>
internal static class DebianPackages
{
    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "packages");

    /// <summary>The files of a set of packages; their names hold the versions.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string set, CancellationToken ct)
    {
        var list = Path.Combine(Folder, set + ".list");
        return File.Exists(list)
            ? await File.ReadAllLinesAsync(list, ct).ConfigureAwait(false)
            : throw new InvalidOperationException($"the packages of image {set} are missing: run eng/fetch-packages artifacts/packages (./test does) where the machine's apt sources can be reached");
    }

    /// <summary>Reads the files in a package, as a tar stream, with what dpkg-deb is given to do.</summary>
    public static async Task ExtractAsync(string file, Func<Stream, Task> read, CancellationToken ct)
    {
        using var process = Command.Start("dpkg-deb", ["--fsys-tarfile", Path.Combine(Folder, file)]);
        await read(process.StandardOutput.BaseStream).ConfigureAwait(false);

        // A tar file ends with padding that its reader leaves, and its writer would wait for.
        await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, ct).ConfigureAwait(false);
        var error = await process.StandardError.ReadToEndAsync(ct).ConfigureAwait(false);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} is no Debian package: {error}");
        }
    }
}
