using Sealos.Kinds.Core;
using Sealos.Node.Storage;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class VolumeUsesTests
{
    [Fact]
    public void FindUser_WhileAPodHasItsVolumes_IsThatPod()
    {
        using var folder = new TemporaryFolder();
        var ours = new PersistentVolume { Spec = new PersistentVolumeSpec { Csi = new CSIPersistentVolumeSource { Driver = StorageObjects.DriverName, VolumeHandle = "pvc-a" } } };
        var volumes = Directory.CreateDirectory(VolumeUses.FolderOf(folder.Path, "uid")).FullName;
        Assert.Null(VolumeUses.FindUser(folder.Path, "pvc-a"));
        Assert.Null(VolumeUses.FindUser(Path.Combine(folder.Path, "none"), "pvc-a"));

        VolumeUses.Note(Path.Combine(volumes, "data"), ours);
        VolumeUses.Note(Path.Combine(volumes, "data"), ours);
        Assert.Equal("uid", VolumeUses.FindUser(folder.Path, "pvc-a"));
        Assert.Null(VolumeUses.FindUser(folder.Path, "pvc-b"));

        Mounts.DeleteTree(volumes);
        Assert.Null(VolumeUses.FindUser(folder.Path, "pvc-a"));
    }
}
