using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Sealos.Node.Images;
using Xunit;

namespace Sealos.Node.Tests.Images;

public sealed class OciImageWriterTests
{
    private static readonly OciImage Sample = new(
        "sealos.hub/library/sample:1",
        [
            new OciEntry("/usr/bin/run", UnixFileMode.UserRead | UnixFileMode.UserExecute, "#!"u8.ToArray()),
            new OciEntry("/bin", UnixFileMode.None, default) { LinkTarget = "usr/bin" },
        ],
        new OciImageConfig
        {
            Entrypoint = ["/usr/bin/run"],
            Command = ["serve"],
            Environment = ["A=b"],
            ExposedPorts = ["8080/tcp"],
            User = "1000",
            Labels = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" },
        });

    [Fact]
    public async Task Write_SameImageTwice_GivesTheSameBytes()
    {
        Assert.Equal(await WriteAsync([Sample]), await WriteAsync([Sample]));
    }

    [Fact]
    public async Task Write_Image_EveryBlobIsNamedByItsDigestAndReachableFromTheIndex()
    {
        var files = await ReadAsync(await WriteAsync([Sample]));

        foreach (var (name, content) in files.Where(f => f.Key.StartsWith("blobs/", StringComparison.Ordinal)))
        {
            Assert.Equal("blobs/sha256/" + Convert.ToHexStringLower(SHA256.HashData(content)), name);
        }

        var entry = Json(files["index.json"]).GetProperty("manifests")[0];
        Assert.Equal(Sample.Reference, entry.GetProperty("annotations").GetProperty("io.containerd.image.name").GetString());
        Assert.Equal("1", entry.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString());
        var manifest = Json(Blob(files, entry));
        var layer = manifest.GetProperty("layers")[0];
        Assert.Equal(Blob(files, layer).Length, layer.GetProperty("size").GetInt64());
        Assert.Equal(await OciImageWriter.IdAsync(Sample, TestContext.Current.CancellationToken), manifest.GetProperty("config").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Write_Config_SaysHowToRun()
    {
        var files = await ReadAsync(await WriteAsync([Sample]));
        var manifest = Json(Blob(files, Json(files["index.json"]).GetProperty("manifests")[0]));
        var config = Json(Blob(files, manifest.GetProperty("config")));

        Assert.Equal("linux", config.GetProperty("os").GetString());
        Assert.Equal(
            """{"User":"1000","ExposedPorts":{"8080/tcp":{}},"Env":["A=b"],"Entrypoint":["/usr/bin/run"],"Cmd":["serve"],"Labels":{"a":"1","b":"2"}}""",
            config.GetProperty("config").GetRawText());
        Assert.Equal(manifest.GetProperty("layers")[0].GetProperty("digest").GetString(), config.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString());
    }

    [Fact]
    public async Task Write_Layer_HoldsParentsBeforeFilesWithTheirModes()
    {
        var files = await ReadAsync(await WriteAsync([Sample]));
        var manifest = Json(Blob(files, Json(files["index.json"]).GetProperty("manifests")[0]));
        using var layer = new TarReader(new MemoryStream(Blob(files, manifest.GetProperty("layers")[0])));

        var seen = new List<string>();
        while (layer.GetNextEntry() is { } entry)
        {
            seen.Add($"{entry.EntryType} {entry.Name} {entry.LinkName} {Convert.ToString((int)entry.Mode, 8)} {entry.ModificationTime.ToUnixTimeSeconds()}");
        }

        Assert.Equal(["SymbolicLink bin usr/bin 0 0", "Directory usr/  755 0", "Directory usr/bin/  755 0", "RegularFile usr/bin/run  500 0"], seen);
    }

    [Fact]
    public async Task Write_TwoImagesWithTheSameLayer_StoresItOnce()
    {
        var files = await ReadAsync(await WriteAsync([Sample, Sample with { Reference = "sealos.hub/library/sample:2" }]));

        Assert.Equal(2, Json(files["index.json"]).GetProperty("manifests").GetArrayLength());
        Assert.Equal(3, files.Keys.Count(k => k.StartsWith("blobs/", StringComparison.Ordinal)));
    }

    private static async Task<byte[]> WriteAsync(IReadOnlyList<OciImage> images)
    {
        using var buffer = new MemoryStream();
        await OciImageWriter.WriteAsync(images, buffer, TestContext.Current.CancellationToken);
        return buffer.ToArray();
    }

    private static async Task<Dictionary<string, byte[]>> ReadAsync(byte[] archive)
    {
        var files = new Dictionary<string, byte[]>();
        using var tar = new TarReader(new MemoryStream(archive));
        while (await tar.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            using var content = new MemoryStream();
            await entry.DataStream!.CopyToAsync(content, TestContext.Current.CancellationToken);
            files[entry.Name] = content.ToArray();
        }

        return files;
    }

    private static byte[] Blob(Dictionary<string, byte[]> files, JsonElement descriptor) =>
        files["blobs/sha256/" + descriptor.GetProperty("digest").GetString()!["sha256:".Length..]];

    private static JsonElement Json(byte[] content) => JsonSerializer.Deserialize<JsonElement>(content);
}
