using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class MountsTests
{
    private const string MountInfo = """
        22 28 0:20 / /proc rw,nosuid - proc proc rw
        30 28 0:30 / /pods/u/volumes/a rw - tmpfs tmpfs rw
        31 30 0:31 / /pods/u/volumes/a/b\040c rw - tmpfs tmpfs rw
        32 28 0:32 / /pods/uu/volumes/x rw - tmpfs tmpfs rw
        """;

    [Fact]
    public void Below_Folder_GivesItsMountsInnermostFirst()
    {
        Assert.Equal(["/pods/u/volumes/a/b c", "/pods/u/volumes/a"], Mounts.Below("/pods/u", MountInfo));
        Assert.Equal(["/proc"], Mounts.Below("/proc", MountInfo));
        Assert.Empty(Mounts.Below("/pods/u/vol", MountInfo));
    }

    [Fact]
    public void DeleteTree_LinkInside_DoesNotTouchItsTarget()
    {
        var folder = Directory.CreateTempSubdirectory("tree").FullName;
        var outside = Directory.CreateTempSubdirectory("outside").FullName;
        File.WriteAllText(Path.Combine(outside, "kept"), "");
        Directory.CreateSymbolicLink(Path.Combine(folder, "link"), outside);

        Mounts.DeleteTree(folder);

        Assert.False(Directory.Exists(folder));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Directory.Delete(outside, recursive: true);
    }
}
