using Sealos.Node.Pods;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Pods;

[Trait("Needs", "root")]
public sealed class SafePathsBindTests
{
    [Fact]
    public void Bind_FileAndFolder_ShowTheSourceUntilUnbound()
    {
        using var folder = new TemporaryFolder();
        var volume = Directory.CreateDirectory(Path.Combine(folder.Path, "volume", "sub")).Parent!.FullName;
        File.WriteAllText(Path.Combine(volume, "sub", "file"), "text");
        var (file, directory) = (Path.Combine(folder.Path, "bound", "0"), Path.Combine(folder.Path, "bound", "1"));

        Bind(volume, "sub/file", file);
        Bind(volume, "sub", directory);
        Bind(volume, "sub", directory);

        Assert.Equal("text", File.ReadAllText(file));
        Assert.Equal("text", File.ReadAllText(Path.Combine(directory, "file")));
        Mounts.DeleteTree(Path.Combine(folder.Path, "bound"));
        Assert.False(Directory.Exists(directory));
        Assert.Equal("text", File.ReadAllText(Path.Combine(volume, "sub", "file")));
    }

    private static void Bind(string volume, string path, string target)
    {
        using var source = SafePaths.Open(volume, path);
        SafePaths.Bind(source, target);
    }
}
