using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Storage;
using Sealos.Node.Storage;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Storage;

public sealed class ProvisioningRulesTests
{
    public static TheoryData<string, Action<PersistentVolumeClaimSpec>, Action<StorageClass>> Refused() => new()
    {
        { "volumeMode Block is not supported", c => c.VolumeMode = "Block", _ => { } },
        { "claim Selector is not supported", c => c.Selector = new LabelSelector(), _ => { } },
        { "mountOptions of StorageClass \"standard\" are not supported", _ => { }, s => s.MountOptions = ["discard"] },
        { "unknown parameters: fsType, tier", _ => { }, s => s.Parameters = new() { ["tier"] = "gold", ["fsType"] = "ext4" } },
        { "1Gi is more than the storage of this node, which is 512Mi", c => c.Resources!.Requests!["storage"] = Quantity.Parse("1Gi"), _ => { } },
        { "300Mi is more than is left of the storage of this node: of 512Mi, 256Mi are promised", c => c.Resources!.Requests!["storage"] = Quantity.Parse("300Mi"), _ => { } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Check_AsksForWhatIsNotBuilt_IsRefusedByName(string why, Action<PersistentVolumeClaimSpec> ofClaim, Action<StorageClass> ofClass)
    {
        var claim = new PersistentVolumeClaim { Spec = new PersistentVolumeClaimSpec { Resources = new VolumeResourceRequirements { Requests = new() { ["storage"] = Quantity.Parse("8Mi") } } } };
        var storageClass = StorageObjects.Classes()[0];
        ProvisioningRules.Check(claim, storageClass, 512 << 20, 256 << 20);

        ofClaim(claim.Spec);
        ofClass(storageClass);

        Assert.Contains(why, Assert.Throws<StorageException>(() => ProvisioningRules.Check(claim, storageClass, 512 << 20, 256 << 20)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Released", "Delete", false, true)]
    [InlineData("Released", "Retain", false, false)]
    [InlineData("Released", "Retain", true, true)]
    [InlineData("Bound", "Delete", true, false)]
    [InlineData("Available", "Delete", true, true)]
    [InlineData("Available", "Delete", false, false)]
    public void IsUnused_IsWhatNobodyCanReachAnyMore(string phase, string policy, bool isDeleted, bool isUnused)
    {
        var volume = new PersistentVolume
        {
            Metadata = new ObjectMeta { Finalizers = [StorageObjects.Finalizer], DeletionTimestamp = isDeleted ? DateTimeOffset.UnixEpoch : null },
            Spec = new PersistentVolumeSpec { PersistentVolumeReclaimPolicy = policy, ClaimRef = new ObjectReference { Uid = "uid" } },
            Status = new PersistentVolumeStatus { Phase = phase },
        };

        Assert.Equal(isUnused, VolumeDeleter.IsUnused(volume));
        volume.Spec.ClaimRef = null;
        Assert.Equal(isUnused && isDeleted, VolumeDeleter.IsUnused(volume));
    }
}
