using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sealos.Host.Backups;

/// <summary>The file of a backup: a tar archive, compressed, whose last entry lists every other with its checksum; then the SHA-256 of all that.</summary>
internal static class BackupFile
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxContentBytes = 1024 * 1024;

    /// <summary>Writes files (name in the archive, path) and their description; the file is on disk when this returns.</summary>
    public static async Task WriteAsync(string path, IReadOnlyList<(string Name, string Path)> files, BackupContent content, CancellationToken ct)
    {
        var target = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, UnixCreateMode = Private });
        await using (target.ConfigureAwait(false))
        {
            var compressed = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true);
            await using (compressed.ConfigureAwait(false))
            {
                var archive = new TarWriter(compressed, TarEntryFormat.Pax, leaveOpen: true);
                await using (archive.ConfigureAwait(false))
                {
                    var sums = new SortedDictionary<string, string>(StringComparer.Ordinal);
                    foreach (var (name, file) in files)
                    {
                        sums.Add(name, await AddAsync(archive, name, file, ct).ConfigureAwait(false));
                    }

                    using var description = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(content with { Files = sums }, BackupContext.Default.BackupContent));
                    await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupContent.EntryName) { Mode = Private, DataStream = description }, ct).ConfigureAwait(false);
                }
            }

            target.Position = 0;
            var sum = await SHA256.HashDataAsync(target, ct).ConfigureAwait(false);
            await target.WriteAsync(sum, ct).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads the whole file and checks it; with <paramref name="folder"/> it is unpacked there.</summary>
    /// <exception cref="InvalidDataException">It is not a backup, or damaged; the message says what is wrong.</exception>
    public static async Task<BackupContent> ReadAsync(string path, string? folder, CancellationToken ct)
    {
        try
        {
            var source = File.OpenRead(path);
            await using (source.ConfigureAwait(false))
            {
                await VerifyAsync(source, ct).ConfigureAwait(false);
                var compressed = new GZipStream(source, CompressionMode.Decompress);
                await using (compressed.ConfigureAwait(false))
                {
                    return await ReadAsync(compressed, folder, ct).ConfigureAwait(false);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path} is not a whole backup: {e.Message}", e);
        }
        catch (Exception e) when (e is EndOfStreamException or JsonException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not a whole backup: it is damaged or was cut off", e);
        }
    }

    private static async Task VerifyAsync(FileStream source, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        for (var left = source.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), ct).ConfigureAwait(false);
            hash.AppendData(buffer, 0, read);
            left -= read > 0 ? read : throw new EndOfStreamException();
        }

        var sum = new byte[SHA256.HashSizeInBytes];
        await source.ReadExactlyAsync(sum, ct).ConfigureAwait(false);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sum))
        {
            throw new InvalidDataException("it is damaged or was cut off");
        }

        source.Position = 0;
    }

    private static async Task<string> AddAsync(TarWriter archive, string name, string file, CancellationToken ct)
    {
        var data = File.OpenRead(file);
        await using (data.ConfigureAwait(false))
        {
            var sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(data, ct).ConfigureAwait(false));
            data.Position = 0;
            await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = Private, DataStream = data }, ct).ConfigureAwait(false);
            return sum;
        }
    }

    private static async Task<BackupContent> ReadAsync(Stream stream, string? folder, CancellationToken ct)
    {
        var archive = new TarReader(stream, leaveOpen: true);
        await using (archive.ConfigureAwait(false))
        {
            var sums = new Dictionary<string, string>();
            while (await archive.GetNextEntryAsync(copyData: false, ct).ConfigureAwait(false) is { } entry)
            {
                if (entry.Name == BackupContent.EntryName)
                {
                    return Verified(await DescriptionAsync(entry, ct).ConfigureAwait(false), sums);
                }

                if (entry.EntryType is not TarEntryType.RegularFile || !CloudParts.Allows(entry.Name) || entry.DataStream is null)
                {
                    throw new InvalidDataException($"it holds '{entry.Name}', which does not belong in it");
                }

                if (!sums.TryAdd(entry.Name, await TakeAsync(entry.DataStream, folder is null ? null : Path.Combine(folder, entry.Name), ct).ConfigureAwait(false)))
                {
                    throw new InvalidDataException($"it holds '{entry.Name}' twice");
                }
            }
        }

        throw new InvalidDataException("it was cut off: its end is missing");
    }

    private static async Task<string> TakeAsync(Stream data, string? path, CancellationToken ct)
    {
        if (path is null)
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(data, ct).ConfigureAwait(false));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Private | UnixFileMode.UserExecute);
        var target = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, UnixCreateMode = Private });
        await using (target.ConfigureAwait(false))
        {
            await data.CopyToAsync(target, ct).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
            target.Position = 0;
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(target, ct).ConfigureAwait(false));
        }
    }

    private static async Task<BackupContent> DescriptionAsync(TarEntry entry, CancellationToken ct)
    {
        if (entry.DataStream is null || entry.Length > MaxContentBytes)
        {
            throw new InvalidDataException("its description is damaged");
        }

        return await JsonSerializer.DeserializeAsync(entry.DataStream, BackupContext.Default.BackupContent, ct).ConfigureAwait(false)
            ?? throw new InvalidDataException("its description is damaged");
    }

    private static BackupContent Verified(BackupContent content, Dictionary<string, string> sums)
    {
        if (content.Format != BackupContent.CurrentFormat)
        {
            throw new InvalidDataException($"it has format {content.Format}; this program reads format {BackupContent.CurrentFormat}");
        }

        foreach (var (name, sum) in content.Files)
        {
            if (!sums.Remove(name, out var found) || found != sum)
            {
                throw new InvalidDataException($"'{name}' in it is missing or damaged");
            }
        }

        return sums.Count == 0 && content.Files.ContainsKey(CloudParts.Database)
            ? content
            : throw new InvalidDataException("what it holds is not what it lists");
    }
}
