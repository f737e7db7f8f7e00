using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Sealos.Testing;

/// <summary>
/// An image with a shell and small tools for tests, made from the machine's static busybox, as an archive in each of the two forms
/// that people save images in.
/// </summary>
public static class ToolsImage
{
    private const string BusyBox = "/usr/bin/busybox";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    private const UnixFileMode ExecutableAsOwner = UnixFileMode.SetUser | Executable;
    private const UnixFileMode Anybodys = UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111;

    private static readonly string[] Tools =
    [
        "sh", "cat", "dd", "df", "echo", "env", "false", "grep", "head", "id", "kill", "ls", "mkdir", "nslookup", "rm", "seq", "sleep", "stat", "stty", "tail",
        "test", "touch", "tr", "true", "tty", "wc", "wget", "yes",
    ];

    /// <summary>As <c>docker save</c> writes it.</summary>
    public static async Task<string> WriteDockerArchiveAsync(string file, string reference, CancellationToken ct)
    {
        var layer = await LayerAsync(0, ct).ConfigureAwait(false);
        var config = Config(layer);
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = Digest(config) + ".json",
            ["RepoTags"] = new JsonArray(reference),
            ["Layers"] = new JsonArray(Digest(layer) + "/layer.tar"),
        });
        await WriteAsync(file, [(Digest(config) + ".json", config), (Digest(layer) + "/layer.tar", layer), ("manifest.json", Bytes(manifest))], ct).ConfigureAwait(false);
        return file;
    }

    /// <summary>An OCI layout in a tar file.</summary>
    public static Task<string> WriteOciArchiveAsync(string file, string reference, CancellationToken ct) => WriteOciArchiveAsync(file, reference, [], ["/bin/sleep", "1000000"], ct);

    /// <summary>An OCI layout in a tar file, whose image has this program and these arguments.</summary>
    public static async Task<string> WriteOciArchiveAsync(string file, string reference, string[] program, string[] arguments, CancellationToken ct)
    {
        await WriteOciArchiveAsync(file, reference, (program, arguments), ballast: 0, ct).ConfigureAwait(false);
        return file;
    }

    /// <summary>An OCI layout in a tar file, whose image holds so many bytes that are of no use.</summary>
    public static Task WriteOciArchiveAsync(string file, string reference, int ballast, CancellationToken ct) =>
        WriteOciArchiveAsync(file, reference, ([], ["/bin/sleep", "1000000"]), ballast, ct);

    private static async Task WriteOciArchiveAsync(string file, string reference, (string[] Program, string[] Arguments) command, int ballast, CancellationToken ct)
    {
        using var layer = new MemoryStream(await LayerAsync(ballast, ct).ConfigureAwait(false));
        await OciArchive.WriteAsync(file, reference, layer, Run(command.Program, command.Arguments), ct).ConfigureAwait(false);
    }

    private static async Task<byte[]> LayerAsync(int ballast, CancellationToken ct)
    {
        using var stream = new MemoryStream();
        await using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "bin/") { Mode = Executable }, ct).ConfigureAwait(false);
            using var program = new MemoryStream(await File.ReadAllBytesAsync(BusyBox, ct).ConfigureAwait(false));
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Executable, DataStream = program }, ct).ConfigureAwait(false);
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "tmp/") { Mode = Anybodys }, ct).ConfigureAwait(false);

            // A second one runs as root whoever starts it, if the kernel lets it; busybox keeps that only for tools such as ping.
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "suid/") { Mode = Executable }, ct).ConfigureAwait(false);
            program.Position = 0;
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "suid/ping") { Mode = ExecutableAsOwner, DataStream = program }, ct).ConfigureAwait(false);
            if (ballast > 0)
            {
                using var random = new MemoryStream(RandomNumberGenerator.GetBytes(ballast));
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "ballast") { Mode = Readable, DataStream = random }, ct).ConfigureAwait(false);
            }

            foreach (var tool in Tools)
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.SymbolicLink, "bin/" + tool) { LinkName = "busybox" }, ct).ConfigureAwait(false);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Config(byte[] layer) => Bytes(new JsonObject
    {
        ["architecture"] = OciArchive.Architecture,
        ["os"] = "linux",
        ["config"] = Run([], ["/bin/sleep", "1000000"]),
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray("sha256:" + Digest(layer)) },
    });

    private static JsonObject Run(string[] program, string[] arguments) =>
        new() { ["Env"] = new JsonArray("PATH=/bin"), ["Entrypoint"] = Array(program), ["Cmd"] = Array(arguments) };

    private static JsonArray Array(string[] values) => new([.. values.Select(v => (JsonNode)v)]);

    private static async Task WriteAsync(string file, IEnumerable<(string Name, byte[] Content)> entries, CancellationToken ct)
    {
        await using var stream = File.Create(file);
        await using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
        foreach (var (name, content) in entries)
        {
            using var data = new MemoryStream(content);
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = Readable, DataStream = data }, ct).ConfigureAwait(false);
        }
    }

    private static string Digest(byte[] content) => OciArchive.Digest(content);

    private static byte[] Bytes(JsonNode document) => OciArchive.Bytes(document);
}
