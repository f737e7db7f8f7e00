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
    public void OptionsOf_Folder_GivesThoseOfTheFileSystemThatIsMountedLast()
    {
        const string Disk = "40 28 0:40 / /volumes rw - btrfs /dev/loop0 rw,nodatacow,ssd\n41 40 0:41 / /volumes rw - btrfs /dev/loop1 rw,nodatacow";

        Assert.Equal(["rw", "nodatacow"], Mounts.OptionsOf("/volumes", Disk));
        Assert.Empty(Mounts.OptionsOf("/vol", Disk));
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

    [Fact]
    public void DeleteTree_DeepAndWide_IsGone()
    {
        var folder = Directory.CreateTempSubdirectory("tree").FullName;
        DeepTree.Make(folder, 5);
        DeepTree.Run("mkdir wide && cd wide && seq 3000 | xargs touch && touch ../.deleted-0 && mkdir -p ../.deleted-1/x", folder);

        Mounts.DeleteTree(folder);

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task DeleteTree_FoldersAreSwappedForLinksMeanwhile_DoesNotTouchWhatTheyLeadTo()
    {
        var folder = Directory.CreateTempSubdirectory("tree").FullName;
        var outside = Directory.CreateTempSubdirectory("outside").FullName;
        DeepTree.Run("seq 2000 | xargs touch", outside);
        DeepTree.Run("mkdir -p a/b && cd a/b && seq 2000 | xargs touch", folder);
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        Directory.Move(Path.Combine(folder, "a"), Path.Combine(folder, "c"));
                        File.CreateSymbolicLink(Path.Combine(folder, "a"), outside);
                        File.Delete(Path.Combine(folder, "a"));
                        Directory.Move(Path.Combine(folder, "c"), Path.Combine(folder, "a"));
                    }
                    catch (IOException)
                    {
                        // Deleted meanwhile.
                    }
                }
            },
            TestContext.Current.CancellationToken);

        while (Directory.Exists(folder))
        {
            try
            {
                Mounts.DeleteTree(folder);
            }
            catch (IOException)
            {
                // Written to meanwhile.
            }
        }

        await stop.CancelAsync();
        await swapping;
        Assert.Equal(2000, Directory.GetFiles(outside).Length);
        Directory.Delete(outside, recursive: true);
    }

    [Fact]
    public void WritableLayers_AreThoseOfContainersAlone()
    {
        const string Overlays = """
            50 28 0:50 / /run/c/state/io.containerd.runtime.v2.task/k8s.io/one/rootfs rw - overlay overlay rw,lowerdir=/data/1/fs,upperdir=/data/2/fs,workdir=/data/2/work
            51 28 0:51 / /run/c/state/io.containerd.runtime.v2.task/k8s.io/two/rootfs rw - overlay overlay rw,lowerdir=/data/1/fs,upperdir=/da\040ta/3/fs
            52 28 0:52 / /elsewhere/k8s.io/three/rootfs rw - overlay overlay rw,upperdir=/data/4/fs
            53 28 0:53 / /run/c/state/io.containerd.grpc.v1.cri/sandboxes/four/shm rw - tmpfs shm rw
            """;

        Assert.Equal(new Dictionary<string, string> { ["one"] = "/data/2/fs", ["two"] = "/da ta/3/fs" }, Mounts.WritableLayers("/run/c/state", Overlays));
    }
}
