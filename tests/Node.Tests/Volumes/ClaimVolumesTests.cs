using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Storage;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class ClaimVolumesTests
{
    private readonly FakeVolumeObjects _objects = new(TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ReadWriteOncePod", true)]
    [InlineData("ReadWriteOnce", false)]
    public async Task SetUp_WhileAnotherPodOfTheNodeHasTheVolume_IsRefusedOnlyWhereItIsForOnePod(string mode, bool isRefused)
    {
        using var folder = new TemporaryFolder();
        using var claims = new ClaimVolumes(_objects, OptionsIn(folder));
        Bind(folder, mode);
        Directory.CreateDirectory(MarkOf(folder, "first"));
        await SetUpAsync(claims, folder, "first");
        await SetUpAsync(claims, folder, "first");

        if (isRefused)
        {
            var refused = await Assert.ThrowsAsync<InvalidDataException>(() => SetUpAsync(claims, folder, "second"));
            Assert.Equal("volume uses the ReadWriteOncePod access mode and is already in use by another pod", refused.Message);
            Assert.Null(VolumeUses.FindUser(folder.Path, "pvc-u", except: "first"));
        }
        else
        {
            await SetUpAsync(claims, folder, "second");
        }

        Mounts.DeleteTree(VolumeUses.FolderOf(folder.Path, "first"));
        Assert.Equal(Path.Combine(folder.Path, "persistent", "pvc-u"), await SetUpAsync(claims, folder, "second"));
    }

    [Fact]
    public async Task SetUp_OfManyPodsAtOnce_GivesTheVolumeToOne()
    {
        using var folder = new TemporaryFolder();
        using var claims = new ClaimVolumes(_objects, OptionsIn(folder));
        Bind(folder, "ReadWriteOncePod");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Record.ExceptionAsync(() => SetUpAsync(claims, folder, $"pod-{i}")).AsTask(), Ct)));

        Assert.Single(outcomes, o => o is null);
    }

    private static Task<string> SetUpAsync(ClaimVolumes claims, TemporaryFolder folder, string uid)
    {
        var mark = MarkOf(folder, uid);
        Directory.CreateDirectory(Path.GetDirectoryName(mark)!);
        var pod = new Pod { Metadata = new ObjectMeta { Name = uid, Namespace = "ns", Uid = uid }, Spec = new PodSpec() };
        return claims.SetUpAsync(pod, new Volume { Name = "data", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = "c" } }, mark, Ct);
    }

    private static VolumeOptions OptionsIn(TemporaryFolder folder) => new() { PodsRoot = folder.Path, SecretsRoot = folder.Path, PersistentRoot = Path.Combine(folder.Path, "persistent") };

    private static string MarkOf(TemporaryFolder folder, string uid) => Path.Combine(VolumeUses.FolderOf(folder.Path, uid), "data");

    private void Bind(TemporaryFolder folder, string mode)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "persistent", "pvc-u"));
        _objects.Claims["c"] = new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta { Name = "c", Namespace = "ns", Uid = "u" },
            Spec = new PersistentVolumeClaimSpec { VolumeName = "v" },
            Status = new PersistentVolumeClaimStatus { Phase = "Bound" },
        };
        _objects.Volumes["v"] = new PersistentVolume
        {
            Metadata = new ObjectMeta { Name = "v" },
            Spec = new PersistentVolumeSpec
            {
                AccessModes = [mode],
                ClaimRef = new ObjectReference { Uid = "u" },
                Csi = new CSIPersistentVolumeSource { Driver = StorageObjects.DriverName, VolumeHandle = "pvc-u" },
            },
        };
    }
}
