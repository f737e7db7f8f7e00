using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;

namespace Sealos.Node.Images;

/// <summary>An image on this machine.</summary>
/// <param name="Id">Digest of its configuration.</param>
/// <param name="References">Its names with tags.</param>
/// <param name="Digests">Its names with digests.</param>
/// <param name="Size">Bytes.</param>
public sealed record StoredImage(string Id, IReadOnlyList<string> References, IReadOnlyList<string> Digests, long Size);

/// <summary>The images of this machine: the built-in ones and those loaded from archives. Both are pinned, as no registry has them.</summary>
internal sealed partial class ImageStore(CriClient cri, string socketPath, TimeProvider time, ILogger<ImageStore> logger)
{
    private const string PinnedLabel = "io.cri-containerd.pinned=pinned";

    private static readonly byte[] GzipMagic = [0x1f, 0x8b];

    private static readonly TimeSpan VisibleWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan VisibleCheck = TimeSpan.FromMilliseconds(10);

    private readonly CtrCommand _ctr = new(socketPath);

    /// <summary>Imports the built-in images unless exactly these are there already.</summary>
    public async Task EnsureBuiltInAsync(string programsFolder, CancellationToken ct)
    {
        var images = await BuiltInImages.ReadAsync(programsFolder, ct).ConfigureAwait(false);
        var missing = new List<OciImage>();
        foreach (var image in images)
        {
            if (!await IsVisibleAsync(image.Reference, await OciImageWriter.IdAsync(image, ct).ConfigureAwait(false), ct).ConfigureAwait(false))
            {
                missing.Add(image);
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        using var archive = new MemoryStream();
        await OciImageWriter.WriteAsync(missing, archive, ct).ConfigureAwait(false);
        archive.Position = 0;
        await _ctr.RunAsync(["import", "-"], archive, ct).ConfigureAwait(false);
        foreach (var image in missing)
        {
            await AdoptAsync(image.Reference, await OciImageWriter.IdAsync(image, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Imports an archive in docker's or OCI's form and returns the names of its images.</summary>
    /// <exception cref="ImageException">It is not such an archive, or it names no image.</exception>
    public async Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken ct)
    {
        await using var plain = await UncompressAsync(archive, ct).ConfigureAwait(false);
        var output = await _ctr.RunAsync(["import", "-"], plain, ct).ConfigureAwait(false);
        var loaded = new List<string>();
        foreach (var name in ImageNames.FromImportOutput(output))
        {
            if (ImageNames.IsMadeUp(name))
            {
                await _ctr.RunAsync(["rm", name], null, ct).ConfigureAwait(false);
                continue;
            }

            // Pods mean docker.io/library/web:1 when they say web:1, so the image must be found under the long name.
            var full = ImageNames.Expand(name);
            if (full != name)
            {
                await _ctr.RunAsync(["tag", "--force", name, full], null, ct).ConfigureAwait(false);
            }

            await AdoptAsync(full, null, ct).ConfigureAwait(false);
            loaded.Add(full);
        }

        return loaded.Count > 0 ? loaded : throw new ImageException("the archive holds no image with a name; save it with a name and a tag");
    }

    /// <summary>All images.</summary>
    public async Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken ct) =>
        [.. (await cri.ListImagesAsync(ct).ConfigureAwait(false)).Select(i => new StoredImage(i.Id, [.. i.RepoTags], [.. i.RepoDigests], (long)i.Size))];

    /// <summary>The names that garbage collection must leave alone.</summary>
    public async Task<IReadOnlySet<string>> ListPinnedAsync(CancellationToken ct)
    {
        var output = await _ctr.RunAsync(["ls", "--quiet", "labels.\"io.cri-containerd.pinned\"==pinned"], null, ct).ConfigureAwait(false);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
    }

    private static async Task<Stream> UncompressAsync(Stream archive, CancellationToken ct)
    {
        var reader = PipeReader.Create(archive, new StreamPipeReaderOptions(leaveOpen: true));
        var start = await reader.ReadAtLeastAsync(GzipMagic.Length, ct).ConfigureAwait(false);
        var isGzip = new SequenceReader<byte>(start.Buffer).IsNext(GzipMagic);
        reader.AdvanceTo(start.Buffer.Start);
        return isGzip ? new GZipStream(reader.AsStream(), CompressionMode.Decompress) : reader.AsStream();
    }

    // CRI learns of an import by an event; until it has, a pod that uses the image would be told that it is missing.
    private async Task AdoptAsync(string reference, string? id, CancellationToken ct)
    {
        await _ctr.RunAsync(["label", reference, PinnedLabel], null, ct).ConfigureAwait(false);
        var started = time.GetTimestamp();
        while (!await IsVisibleAsync(reference, id, ct).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(started) > VisibleWithin)
            {
                throw new ImageException($"{reference} was imported but the container runtime does not list it");
            }

            await Task.Delay(VisibleCheck, time, ct).ConfigureAwait(false);
        }

        LogImported(logger, reference);
    }

    private async Task<bool> IsVisibleAsync(string reference, string? id, CancellationToken ct) =>
        await cri.ImageStatusAsync(reference, ct).ConfigureAwait(false) is { } image && (id is null || image.Id == id);

    [LoggerMessage(1, LogLevel.Information, "imported image {Reference}")]
    private static partial void LogImported(ILogger logger, string reference);
}
