using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class SafePathsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("node-");

    private string Volume => Path.Combine(_root.FullName, "volume");

    public SafePathsTests() => Directory.CreateDirectory(Volume);

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("./a//b")]
    [InlineData("")]
    public void Open_MissingDirectories_AreMade(string path)
    {
        using var handle = SafePaths.Open(Volume, path);

        Assert.True(Directory.Exists(Path.Combine(Volume, path)));
        Assert.Equal(Path.GetFullPath(Path.Combine(Volume, path)), File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)!.FullName);
    }

    [Fact]
    public void Open_LinkInside_IsFollowed()
    {
        Directory.CreateDirectory(Path.Combine(Volume, "..data"));
        File.WriteAllText(Path.Combine(Volume, "..data", "key"), "value");
        File.CreateSymbolicLink(Path.Combine(Volume, "key"), "..data/key");

        using var handle = SafePaths.Open(Volume, "key");

        Assert.Equal("value", File.ReadAllText($"/proc/self/fd/{handle.DangerousGetHandle()}"));
    }

    [Theory]
    [InlineData("out", "/etc")]
    [InlineData("out/passwd", "/etc")]
    [InlineData("out", "../")]
    [InlineData("out/new", "../../")]
    public void Open_LinkOutside_IsRefused(string path, string target)
    {
        File.CreateSymbolicLink(Path.Combine(Volume, "out"), target);

        Assert.Throws<IOException>(() => SafePaths.Open(Volume, path));
        Assert.Equal([Volume], Directory.GetFileSystemEntries(_root.FullName));
    }

    public void Dispose() => _root.Delete(recursive: true);
}
