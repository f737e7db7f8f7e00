using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

[Trait("Needs", "root")]
public sealed class VolumeOwnershipTests
{
    private const long Group = 4711;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Give_Tree_GivesEverythingInItAndNothingThatLinksLeadTo()
    {
        using var folder = new TemporaryFolder();
        var volume = Directory.CreateDirectory(Path.Combine(folder.Path, "volume", "sub")).Parent!.FullName;
        var outside = Path.Combine(folder.Path, "outside");
        File.WriteAllText(outside, "");
        File.SetUnixFileMode(outside, UnixFileMode.UserRead);
        var inside = Path.Combine(volume, "sub", "file");
        File.WriteAllText(inside, "");
        File.SetUnixFileMode(inside, UnixFileMode.UserRead);
        File.CreateSymbolicLink(Path.Combine(volume, "link"), outside);
        Directory.CreateSymbolicLink(Path.Combine(volume, "folder"), folder.Path);

        VolumeOwnership.Give(volume, Group, onlyIfRootDiffers: false, Ct);

        Assert.Equal((Group, Group, Group), (LinuxFiles.GroupOf(volume), LinuxFiles.GroupOf(Path.Combine(volume, "sub")), LinuxFiles.GroupOf(inside)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(inside));
        Assert.True(File.GetUnixFileMode(volume).HasFlag(UnixFileMode.SetGroup));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(outside));
        Assert.NotEqual(Group, LinuxFiles.GroupOf(outside));
        Assert.NotEqual(Group, LinuxFiles.GroupOf(folder.Path));
    }

    [Fact]
    public void Give_OnlyIfTheRootDiffers_LeavesAGivenVolumeAlone()
    {
        using var folder = new TemporaryFolder();
        VolumeOwnership.Give(folder.Path, Group, onlyIfRootDiffers: true, Ct);
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);

        VolumeOwnership.Give(folder.Path, Group, onlyIfRootDiffers: true, Ct);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(file));

        VolumeOwnership.Give(folder.Path, Group + 1, onlyIfRootDiffers: true, Ct);
        Assert.Equal(Group + 1, LinuxFiles.GroupOf(file));
    }

    [Fact]
    public void Give_FolderOfFoldersWithoutEnd_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var volume = Directory.CreateDirectory(Path.Combine(folder.Path, "volume")).FullName;
        DeepTree.Make(volume, 5);

        Assert.Contains("more than 1000 deep", Assert.Throws<IOException>(() => VolumeOwnership.Give(volume, Group, onlyIfRootDiffers: false, Ct)).Message, StringComparison.Ordinal);
        Mounts.DeleteTree(volume);
    }

    [Fact]
    public void Give_NamesThatAreNoText_AreGivenToo()
    {
        using var folder = new TemporaryFolder();
        var volume = Directory.CreateDirectory(Path.Combine(folder.Path, "volume")).FullName;
        DeepTree.Run("mkdir \"$(printf 'a\\377')\" && touch \"$(printf 'a\\377/b\\376')\" && chmod 600 *", volume);

        VolumeOwnership.Give(volume, Group, onlyIfRootDiffers: false, Ct);

        Assert.Equal("2", DeepTree.Run("find . -mindepth 1 -gid 4711 | wc -l", volume).Trim());
        Mounts.DeleteTree(volume);
        Assert.False(Directory.Exists(volume));
    }
}
