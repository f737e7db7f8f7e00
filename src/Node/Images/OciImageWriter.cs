using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sealos.Node.Images;

/// <summary>Writes images as a tar in OCI image layout; the same images always give the same bytes.</summary>
public static class OciImageWriter
{
    private const UnixFileMode PlainFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode PlainFolder = PlainFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes all images into one archive that containerd and other tools import.</summary>
    public static async Task WriteAsync(IReadOnlyList<OciImage> images, Stream output, CancellationToken ct)
    {
        var blobs = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var manifests = new List<(Descriptor Manifest, string Reference)>();
        foreach (var image in images)
        {
            manifests.Add((await AddImageAsync(image, blobs, ct).ConfigureAwait(false), image.Reference));
        }

        await using var tar = new TarWriter(output, TarEntryFormat.Ustar, leaveOpen: true);
        await WriteFileAsync(tar, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), ct).ConfigureAwait(false);
        await WriteFileAsync(tar, "index.json", Index(manifests), ct).ConfigureAwait(false);
        foreach (var (digest, content) in blobs)
        {
            await WriteFileAsync(tar, $"blobs/sha256/{digest["sha256:".Length..]}", content, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The id an image has once imported: the digest of its configuration.</summary>
    public static async Task<string> IdAsync(OciImage image, CancellationToken ct) =>
        AddConfig(image, await LayerAsync(image.Entries, ct).ConfigureAwait(false), new SortedDictionary<string, byte[]>(StringComparer.Ordinal)).Config.Digest;

    private static async Task<Descriptor> AddImageAsync(OciImage image, IDictionary<string, byte[]> blobs, CancellationToken ct)
    {
        var (config, layer) = AddConfig(image, await LayerAsync(image.Entries, ct).ConfigureAwait(false), blobs);
        return Add(blobs, "application/vnd.oci.image.manifest.v1+json", Manifest(config, layer));
    }

    private static (Descriptor Config, Descriptor Layer) AddConfig(OciImage image, byte[] layerContent, IDictionary<string, byte[]> blobs)
    {
        // Not compressed: first boot waits for this, and the layer never leaves the machine.
        var layer = Add(blobs, "application/vnd.oci.image.layer.v1.tar", layerContent);
        return (Add(blobs, "application/vnd.oci.image.config.v1+json", Config(image.Config, layer.Digest)), layer);
    }

    private static Descriptor Add(IDictionary<string, byte[]> blobs, string mediaType, byte[] content)
    {
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
        blobs[digest] = content;
        return new Descriptor(mediaType, digest, content.Length);
    }

    private static async Task<byte[]> LayerAsync(IReadOnlyList<OciEntry> entries, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            var written = new HashSet<string>(StringComparer.Ordinal) { "" };
            foreach (var entry in entries.OrderBy(e => e.Path, StringComparer.Ordinal))
            {
                var path = entry.Path.Trim('/');
                await WriteParentsAsync(tar, path, written, ct).ConfigureAwait(false);
                if (written.Add(path))
                {
                    await WriteEntryAsync(tar, path, entry, ct).ConfigureAwait(false);
                }
            }
        }

        return buffer.ToArray();
    }

    private static async Task WriteParentsAsync(TarWriter tar, string path, HashSet<string> written, CancellationToken ct)
    {
        for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (written.Add(path[..slash]))
            {
                await WriteEntryAsync(tar, path[..slash], new OciEntry(path[..slash], PlainFolder, default) { IsDirectory = true }, ct).ConfigureAwait(false);
            }
        }
    }

    private static async Task WriteEntryAsync(TarWriter tar, string path, OciEntry entry, CancellationToken ct)
    {
        var type = entry.LinkTarget is not null ? TarEntryType.SymbolicLink : entry.IsDirectory ? TarEntryType.Directory : TarEntryType.RegularFile;
        var item = new UstarTarEntry(type, type == TarEntryType.Directory ? path + "/" : path)
        {
            Mode = entry.Mode,
            ModificationTime = DateTimeOffset.UnixEpoch,
        };
        if (type == TarEntryType.SymbolicLink)
        {
            item.LinkName = entry.LinkTarget!;
        }
        else if (type == TarEntryType.RegularFile)
        {
            item.DataStream = new MemoryStream(entry.Content.ToArray(), writable: false);
        }

        await tar.WriteEntryAsync(item, ct).ConfigureAwait(false);
    }

    private static Task WriteFileAsync(TarWriter tar, string path, byte[] content, CancellationToken ct) =>
        WriteEntryAsync(tar, path, new OciEntry(path, PlainFile, content), ct);

    private static byte[] Config(OciImageConfig config, string layerDigest) => Json(w =>
    {
        w.WriteString("created", "1970-01-01T00:00:00Z");
        w.WriteString("architecture", RuntimeInformation.OSArchitecture == Architecture.X64 ? "amd64" : RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant());
        w.WriteString("os", "linux");
        w.WriteStartObject("config");
        if (config.User is not null)
        {
            w.WriteString("User", config.User);
        }

        WriteSet(w, "ExposedPorts", config.ExposedPorts);
        WriteArray(w, "Env", config.Environment);
        WriteArray(w, "Entrypoint", config.Entrypoint);
        WriteArray(w, "Cmd", config.Command);
        WriteMap(w, "Labels", config.Labels);
        w.WriteEndObject();
        w.WriteStartObject("rootfs");
        w.WriteString("type", "layers");
        WriteArray(w, "diff_ids", [layerDigest]);
        w.WriteEndObject();
    });

    private static byte[] Manifest(Descriptor config, Descriptor layer) => Json(w =>
    {
        w.WriteNumber("schemaVersion", 2);
        w.WriteString("mediaType", "application/vnd.oci.image.manifest.v1+json");
        w.WritePropertyName("config");
        WriteDescriptor(w, config, null);
        w.WriteStartArray("layers");
        WriteDescriptor(w, layer, null);
        w.WriteEndArray();
    });

    private static byte[] Index(IEnumerable<(Descriptor Manifest, string Reference)> manifests) => Json(w =>
    {
        w.WriteNumber("schemaVersion", 2);
        w.WriteString("mediaType", "application/vnd.oci.image.index.v1+json");
        w.WriteStartArray("manifests");
        foreach (var (manifest, reference) in manifests)
        {
            WriteDescriptor(w, manifest, reference);
        }

        w.WriteEndArray();
    });

    private static void WriteDescriptor(Utf8JsonWriter w, Descriptor descriptor, string? reference)
    {
        w.WriteStartObject();
        w.WriteString("mediaType", descriptor.MediaType);
        w.WriteString("digest", descriptor.Digest);
        w.WriteNumber("size", descriptor.Size);
        if (reference is not null)
        {
            var annotations = new Dictionary<string, string>
            {
                ["io.containerd.image.name"] = reference,
                ["org.opencontainers.image.ref.name"] = reference[(reference.LastIndexOf(':') + 1)..],
            };
            WriteMap(w, "annotations", annotations);
        }

        w.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter w, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            w.WriteStartArray(name);
            foreach (var value in values)
            {
                w.WriteStringValue(value);
            }

            w.WriteEndArray();
        }
    }

    private static void WriteMap(Utf8JsonWriter w, string name, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count > 0)
        {
            w.WriteStartObject(name);
            foreach (var (key, value) in values.OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                w.WriteString(key, value);
            }

            w.WriteEndObject();
        }
    }

    private static void WriteSet(Utf8JsonWriter w, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            w.WriteStartObject(name);
            foreach (var value in values)
            {
                w.WriteStartObject(value);
                w.WriteEndObject();
            }

            w.WriteEndObject();
        }
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private readonly record struct Descriptor(string MediaType, string Digest, long Size);
}
