using System.Formats.Tar;
using System.Text;

namespace Sealos.Testing.Software;

/// <summary>The files of an image, straight from packages into a layer: nothing is unpacked on the machine, and no script of a package runs.</summary>
internal sealed class DebianLayer
{
    /// <summary>Changes when layers are written differently, so that old ones are not used.</summary>
    public const int Form = 2;

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;
    private const UnixFileMode Anybodys = UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111;
    private const string BusyBox = "usr/bin/busybox";

    // Folders of a merged /usr, where packages of this age still name both.
    private static readonly string[] Merged = ["bin", "lib", "lib64", "sbin"];

    private static readonly string[] Unwanted =
    [
        "usr/share/doc/", "usr/share/man/", "usr/share/info/", "usr/share/locale/", "usr/share/lintian/", "usr/share/bash-completion/", "usr/share/gcc/",
        "usr/lib/x86_64-linux-gnu/gconv/", "usr/lib/aarch64-linux-gnu/gconv/", "lib/systemd/", "usr/lib/systemd/", "etc/init.d/", "etc/cron", "etc/logrotate.d/", "etc/default/",
    ];

    private static readonly string[] Tools =
    [
        "[", "awk", "basename", "cat", "chmod", "cp", "cut", "date", "dd", "df", "dirname", "du", "env", "expr", "false", "find", "grep", "head", "hostname", "id", "kill",
        "ln", "ls", "mkdir", "mktemp", "mv", "nslookup", "od", "ps", "pwd", "readlink", "rm", "rmdir", "sed", "seq", "sh", "sleep", "sort", "stat", "sync", "tail", "tee",
        "test", "touch", "tr", "true", "uname", "wc", "wget", "xargs",
    ];

    private readonly TarWriter _tar;
    private readonly DebianImage _image;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    private DebianLayer(TarWriter tar, DebianImage image)
    {
        _tar = tar;
        _image = image;
    }

    /// <summary>Writes the layer of an image.</summary>
    public static async Task WriteAsync(Stream stream, DebianImage image, IReadOnlyList<string> packages, CancellationToken ct)
    {
        await using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        var layer = new DebianLayer(tar, image);
        await layer.AddRootAsync(ct).ConfigureAwait(false);
        foreach (var package in packages)
        {
            await DebianPackages.ExtractAsync(package, s => layer.AddPackageAsync(s, ct), ct).ConfigureAwait(false);
        }

        await layer.AddToolsAsync(ct).ConfigureAwait(false);
        await layer.AddOwnAsync(ct).ConfigureAwait(false);
    }

    private async Task AddRootAsync(CancellationToken ct)
    {
        foreach (var folder in Merged)
        {
            await FolderAsync("usr/" + folder, Executable, 0, ct).ConfigureAwait(false);
            await LinkAsync(folder, "usr/" + folder, ct).ConfigureAwait(false);
        }

        await FolderAsync("tmp", Anybodys, 0, ct).ConfigureAwait(false);
        await FileAsync("etc/passwd", $"root:x:0:0:root:/:/bin/sh\n{_image.User}:x:{_image.UserId}:{_image.UserId}::{_image.Home}:/bin/sh\n", ct).ConfigureAwait(false);
        await FileAsync("etc/group", $"root:x:0:\n{_image.User}:x:{_image.UserId}:\n", ct).ConfigureAwait(false);
        await FileAsync("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", ct).ConfigureAwait(false);
    }

    private async Task AddPackageAsync(Stream package, CancellationToken ct)
    {
        await using var reader = new TarReader(package, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: true, ct).ConfigureAwait(false) is { } entry)
        {
            var path = Merge(entry.Name);
            if (path.Length == 0 || Array.Exists(Unwanted, path.StartsWith) || _image.Without.Any(w => path.StartsWith(w, StringComparison.Ordinal)) || !_written.Add(path))
            {
                continue;
            }

            var copy = new PaxTarEntry(entry.EntryType is TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType, path)
            {
                Mode = entry.Mode & Executable,
                ModificationTime = entry.ModificationTime,
            };
            if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                copy.LinkName = entry.EntryType is TarEntryType.HardLink ? Merge(entry.LinkName) : entry.LinkName;
            }
            else if (entry.DataStream is { } data)
            {
                copy.DataStream = data;
            }

            await _tar.WriteEntryAsync(copy, ct).ConfigureAwait(false);
        }
    }

    private async Task AddToolsAsync(CancellationToken ct)
    {
        foreach (var tool in Tools.Select(t => "usr/bin/" + t).Where(t => !_written.Contains(t) && _written.Contains(BusyBox)))
        {
            await LinkAsync(tool, "busybox", ct).ConfigureAwait(false);
        }
    }

    private async Task AddOwnAsync(CancellationToken ct)
    {
        foreach (var folder in _image.Folders)
        {
            await FolderAsync(folder.TrimStart('/'), Executable, _image.UserId, ct).ConfigureAwait(false);
        }

        foreach (var (path, content) in _image.Files)
        {
            await FileAsync(path.TrimStart('/'), content, ct).ConfigureAwait(false);
        }

        foreach (var (path, target) in _image.Links)
        {
            await LinkAsync(path.TrimStart('/'), target, ct).ConfigureAwait(false);
        }

        foreach (var (source, target) in _image.Trees)
        {
            var from = Path.Combine(Repository.Root, source);
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null && !IsForBuilding(f)).Order(StringComparer.Ordinal))
            {
                await using var data = File.OpenRead(file);
                var mode = File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute) ? Executable : Readable;
                await WriteFileAsync(target.TrimStart('/') + "/" + Path.GetRelativePath(from, file), data, mode, ct).ConfigureAwait(false);
            }
        }
    }

    // What people develop with: types, maps, sources of what is compiled.
    private static bool IsForBuilding(string file) => Path.GetExtension(file) is ".ts" or ".map" or ".md" or ".mts" or ".cts";

    private static string Merge(string path)
    {
        var plain = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path.TrimStart('/');
        plain = plain.TrimEnd('/');
        return Array.Exists(Merged, m => plain.StartsWith(m + "/", StringComparison.Ordinal)) ? "usr/" + plain : Array.IndexOf(Merged, plain) >= 0 ? "" : plain;
    }

    private async Task FolderAsync(string path, UnixFileMode mode, int owner, CancellationToken ct)
    {
        _written.Add(path);
        await _tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, path) { Mode = mode, Uid = owner, Gid = owner, ModificationTime = DateTimeOffset.UnixEpoch }, ct).ConfigureAwait(false);
    }

    private async Task LinkAsync(string path, string target, CancellationToken ct)
    {
        _written.Add(path);
        await _tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target, ModificationTime = DateTimeOffset.UnixEpoch }, ct).ConfigureAwait(false);
    }

    private async Task FileAsync(string path, string content, CancellationToken ct)
    {
        using var data = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await WriteFileAsync(path, data, Path.GetFileName(Path.GetDirectoryName(path)) == "bin" ? Executable : Readable, ct).ConfigureAwait(false);
    }

    private async Task WriteFileAsync(string path, Stream data, UnixFileMode mode, CancellationToken ct)
    {
        _written.Add(path);
        await _tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = data }, ct).ConfigureAwait(false);
    }
}
