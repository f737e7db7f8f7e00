using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealos.Testing;

/// <summary>An image of one layer as an OCI layout in a tar file.</summary>
internal static class OciArchive
{
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    public static string Architecture =>
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>Writes the archive; the image's configuration is what <paramref name="run"/> says of running it.</summary>
    public static async Task WriteAsync(string file, string reference, Stream layer, JsonObject run, CancellationToken ct)
    {
        layer.Position = 0;
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(layer, ct).ConfigureAwait(false));
        var config = Bytes(new JsonObject
        {
            ["architecture"] = Architecture,
            ["os"] = "linux",
            ["config"] = run,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray("sha256:" + digest) },
        });
        var manifest = Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", Digest(config), config.Length),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar", digest, layer.Length)),
        });
        var named = Descriptor("application/vnd.oci.image.manifest.v1+json", Digest(manifest), manifest.Length);
        named["annotations"] = new JsonObject { ["io.containerd.image.name"] = reference, ["org.opencontainers.image.ref.name"] = reference[(reference.LastIndexOf(':') + 1)..] };

        await using var stream = File.Create(file);
        await using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
        await AddAsync(tar, "oci-layout", Bytes(new JsonObject { ["imageLayoutVersion"] = "1.0.0" }), ct).ConfigureAwait(false);
        await AddAsync(tar, "index.json", Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(named) }), ct).ConfigureAwait(false);
        await AddAsync(tar, "blobs/sha256/" + Digest(config), config, ct).ConfigureAwait(false);
        await AddAsync(tar, "blobs/sha256/" + Digest(manifest), manifest, ct).ConfigureAwait(false);
        layer.Position = 0;
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "blobs/sha256/" + digest) { Mode = Readable, DataStream = layer }, ct).ConfigureAwait(false);
    }

    public static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static byte[] Bytes(JsonNode document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    private static async Task AddAsync(TarWriter tar, string name, byte[] content, CancellationToken ct)
    {
        using var data = new MemoryStream(content);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = Readable, DataStream = data }, ct).ConfigureAwait(false);
    }

    private static JsonObject Descriptor(string type, string digest, long size) => new() { ["mediaType"] = type, ["digest"] = "sha256:" + digest, ["size"] = size };
}
