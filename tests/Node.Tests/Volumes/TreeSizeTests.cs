using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class TreeSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsOver_CountsWhatFilesTake_WhereverTheyAre()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a", "b"));
        File.WriteAllBytes(Path.Combine(_folder.Path, "a", "b", "file"), new byte[100_000]);

        Assert.True(TreeSize.IsOver(_folder.Path, 99_000));
        Assert.False(TreeSize.IsOver(_folder.Path, 200_000));
        Assert.False(TreeSize.IsOver(Path.Combine(_folder.Path, "gone"), 0));
    }

    [Fact]
    public void IsOver_FileWithManyNames_TakesItsRoomOnce()
    {
        File.WriteAllBytes(Path.Combine(_folder.Path, "file"), new byte[100_000]);
        foreach (var name in (string[])["second", "third"])
        {
            using var ln = System.Diagnostics.Process.Start("ln", [Path.Combine(_folder.Path, "file"), Path.Combine(_folder.Path, name)]);
            ln.WaitForExit();
        }

        Assert.True(TreeSize.IsOver(_folder.Path, 99_000));
        Assert.False(TreeSize.IsOver(_folder.Path, 190_000));
    }

    [Fact]
    public void IsOver_Links_LeadNowhere()
    {
        using var other = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(other.Path, "large"), new byte[1_000_000]);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "file"), Path.Combine(other.Path, "large"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "folder"), other.Path);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "self"), _folder.Path);

        Assert.False(TreeSize.IsOver(_folder.Path, 100_000));
    }

    [Fact]
    public void IsOver_FolderThatIsTooDeepToBeMeasured_CountsAsTooLarge()
    {
        var path = _folder.Path;
        for (var i = 0; i < 201; i++)
        {
            path = Path.Combine(path, "d");
        }

        Directory.CreateDirectory(path);

        Assert.True(TreeSize.IsOver(_folder.Path, long.MaxValue));
    }
}
