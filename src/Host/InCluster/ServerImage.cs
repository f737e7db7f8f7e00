using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Sealos.Node.Images;

namespace Sealos.Host.InCluster;

/// <summary>
/// The image of the services for another cluster, made of what is on this machine: the program, the .NET runtime that runs it, and the
/// libraries those two load. Nothing else is in it: no shell, no package manager.
/// </summary>
public static class ServerImage
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runs = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const string ProgramFolder = "/app";
    private const string RuntimeFolder = "/usr/share/dotnet";
    private const string Authorities = "/etc/ssl/certs/ca-certificates.crt";

    // Loaded by name at run time, so that no file says so.
    private static readonly string[] LoadedByName = ["libssl.so.3", "libcrypto.so.3"];
    private static readonly string[] LibraryFolders = [$"/usr/lib/{Triplet}", $"/lib/{Triplet}", "/usr/lib64", "/lib64", "/usr/lib", "/lib"];

    /// <summary>What this build's image is called unless it is given another name.</summary>
    public static string Reference => $"sealos.hub/library/sealos:{Running.CloudLauncher.BuildMark()}";

    private static string Triplet => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    /// <summary>Writes the image as an archive that <c>sealos image load</c>, docker and others import.</summary>
    /// <exception cref="IOException">Something that belongs into it is not on this machine.</exception>
    public static async Task WriteAsync(string reference, Stream output, CancellationToken ct)
    {
        var entries = new Dictionary<string, OciEntry>(StringComparer.Ordinal);
        var runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var version = Path.GetFileName(Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()));
        await AddFileAsync(entries, Path.Combine(runtime, "dotnet"), $"{RuntimeFolder}/dotnet", ct).ConfigureAwait(false);
        foreach (var part in new[] { $"host/fxr/{version}", $"shared/Microsoft.NETCore.App/{version}", $"shared/Microsoft.AspNetCore.App/{version}" })
        {
            await AddFolderAsync(entries, Path.Combine(runtime, part), $"{RuntimeFolder}/{part}", ct).ConfigureAwait(false);
        }

        await AddFolderAsync(entries, AppContext.BaseDirectory, ProgramFolder, ct).ConfigureAwait(false);
        await AddLibrariesAsync(entries, [.. entries.Keys.Where(k => k.EndsWith(".so", StringComparison.Ordinal) || k.EndsWith("/dotnet", StringComparison.Ordinal)).Select(k => SourceOf(k, runtime))], ct).ConfigureAwait(false);
        if (File.Exists(Authorities))
        {
            await AddFileAsync(entries, Authorities, Authorities, ct).ConfigureAwait(false);
        }

        Add(entries, "/etc/passwd", "sealos:x:65532:65532::/tmp:/nonexistent\n");
        Add(entries, "/etc/group", "sealos:x:65532:\n");
        Add(entries, "/etc/nsswitch.conf", "hosts: files dns\n");
        foreach (var folder in new[] { "/tmp", "/run/sealos", "/etc/sealos/settings", "/etc/sealos/tls" })
        {
            entries[folder] = new OciEntry(folder, Runs, default) { IsDirectory = true };
        }

        var config = new OciImageConfig
        {
            Entrypoint = [$"{RuntimeFolder}/dotnet", $"{ProgramFolder}/sealos.dll"],
            Environment = ["DOTNET_EnableDiagnostics=0", "HOME=/tmp", $"SSL_CERT_FILE={Authorities}"],
            ExposedPorts = ["8080/tcp", "8443/tcp"],
            User = "65532:65532",
        };
        await OciImageWriter.WriteAsync([new OciImage(reference, [.. entries.Values], config)], output, ct).ConfigureAwait(false);
    }

    private static string SourceOf(string path, string runtime) =>
        path.StartsWith(ProgramFolder + "/", StringComparison.Ordinal) ? Path.Combine(AppContext.BaseDirectory, path[(ProgramFolder.Length + 1)..]) : runtime + path[RuntimeFolder.Length..];

    // What the loader says these need, at the paths where it looks for them.
    private static async Task AddLibrariesAsync(Dictionary<string, OciEntry> entries, IReadOnlyList<string> programs, CancellationToken ct)
    {
        var byName = LoadedByName.Select(n => LibraryFolders.Select(f => Path.Combine(f, n)).FirstOrDefault(File.Exists) ?? throw new IOException($"{n} is not on this machine; it belongs into the image (Debian: libssl3)")).ToList();
        var needed = new HashSet<string>(byName, StringComparer.Ordinal);
        foreach (var line in (await LoaderAsync([.. programs, .. byName], ct).ConfigureAwait(false)).Split('\n'))
        {
            // "name => /path (address)", or "/path (address)" for the loader itself.
            var text = line.Split("=>")[^1].Trim();
            if (text.StartsWith('/') && text.IndexOf(" (", StringComparison.Ordinal) is var end and > 0)
            {
                needed.Add(text[..end]);
            }
        }

        foreach (var library in needed.Where(n => !n.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal)))
        {
            await AddFileAsync(entries, library, library, ct).ConfigureAwait(false);
        }
    }

    private static async Task<string> LoaderAsync(IReadOnlyList<string> files, CancellationToken ct)
    {
        var start = new ProcessStartInfo("ldd", files) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start) ?? throw new IOException("ldd could not be started");
        var errors = process.StandardError.ReadToEndAsync(ct);
        var text = await process.StandardOutput.ReadToEndAsync(ct).ConfigureAwait(false);
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        await errors.ConfigureAwait(false);
        return text;
    }

    private static async Task AddFolderAsync(Dictionary<string, OciEntry> entries, string from, string to, CancellationToken ct)
    {
        if (!Directory.Exists(from))
        {
            throw new IOException($"{from} is not there; it belongs into the image");
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            await AddFileAsync(entries, file, $"{to}/{Path.GetRelativePath(from, file)}", ct).ConfigureAwait(false);
        }
    }

    // Links are followed: the image holds each library under the name it is loaded by.
    private static async Task AddFileAsync(Dictionary<string, OciEntry> entries, string from, string to, CancellationToken ct) =>
        entries[to] = new OciEntry(to, (File.GetUnixFileMode(from) & UnixFileMode.UserExecute) != 0 ? Runs : Plain, await File.ReadAllBytesAsync(from, ct).ConfigureAwait(false));

    private static void Add(Dictionary<string, OciEntry> entries, string path, string text) => entries[path] = new OciEntry(path, Plain, Encoding.ASCII.GetBytes(text));
}
