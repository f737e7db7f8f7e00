using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Volumes;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Volumes;

public sealed class VolumeMatchTests
{
    private static readonly PersistentVolumeClaim Claim = Claimed(_ => { });

    [Fact]
    public void FindBest_SeveralFit_TakesTheSmallestWithTheFewestModes()
    {
        var both = Free("both", "1Gi", s => s.AccessModes = ["ReadWriteOnce", "ReadWriteMany"]);
        var large = Free("large", "5Gi");
        var right = Free("right", "2Gi");

        Assert.Same(right, VolumeMatch.FindBest(Claim, [both, large, right], isDelayed: false));
        Assert.Same(both, VolumeMatch.FindBest(Claim, [both], isDelayed: false));
    }

    [Fact]
    public void FindBest_KeptForTheClaim_ComesBeforeBetterOnesWhateverItsClass()
    {
        var kept = Free("kept", "9Gi", s => (s.StorageClassName, s.ClaimRef) = ("other", new ObjectReference { Namespace = "ns", Name = "c" }));

        Assert.Same(kept, VolumeMatch.FindBest(Claim, [Free("right", "1Gi"), kept], isDelayed: false));
        Assert.Same(kept, VolumeMatch.FindBest(Claim, [kept], isDelayed: true));
    }

    public static TheoryData<string, Action<PersistentVolume>> Unfit() => new()
    {
        { "too small", v => v.Spec!.Capacity!["storage"] = Sealos.Objects.Meta.Quantity.Parse("1Mi") },
        { "another class", v => v.Spec!.StorageClassName = "b" },
        { "another mode of access", v => v.Spec!.AccessModes = ["ReadOnlyMany"] },
        { "a block device", v => v.Spec!.VolumeMode = "Block" },
        { "other labels", v => v.Metadata.Labels = new() { ["disk"] = "slow" } },
        { "going away", v => v.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch },
        { "not available", v => v.Status!.Phase = "Released" },
        { "somebody else's", v => v.Spec!.ClaimRef = new ObjectReference { Namespace = "ns", Name = "other" } },
        { "an older claim's of that name", v => v.Spec!.ClaimRef = new ObjectReference { Namespace = "ns", Name = "c", Uid = "older" } },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void FindBest_Unfit_IsPassedBy(string why, Action<PersistentVolume> change)
    {
        var claim = Claimed(s => s.Selector = new LabelSelector { MatchLabels = new() { ["disk"] = "fast" } });
        var volume = Free("v", "1Gi");
        volume.Metadata.Labels = new() { ["disk"] = "fast" };
        Assert.Same(volume, VolumeMatch.FindBest(claim, [volume], isDelayed: false));

        change(volume);

        Assert.True(VolumeMatch.FindBest(claim, [volume], isDelayed: false) is null, why);
    }

    [Fact]
    public void FindBest_WaitsForAConsumer_TakesAFreeOneOnlyForANodeThatReachesIt()
    {
        var volume = Free("v", "1Gi");

        Assert.Null(VolumeMatch.FindBest(Claim, [volume], isDelayed: true));
        Assert.Null(VolumeMatch.FindBest(Claim, [volume], isDelayed: true, Node("n2")));
        Assert.Same(volume, VolumeMatch.FindBest(Claim, [volume], isDelayed: true, Node("n1")));
    }

    [Theory]
    [InlineData("1Mi", "a", "requested PV is too small")]
    [InlineData("1Gi", "b", "storageClassName does not match")]
    [InlineData("1Gi", "a", null)]
    public void Mismatch_OfAVolumeAskedForByName_SaysWhatIsWrong(string size, string storageClass, string? why) =>
        Assert.Equal(why, VolumeMatch.Mismatch(Make.Volume("v", storageClass, size), Claim));

    private static PersistentVolumeClaim Claimed(Action<PersistentVolumeClaimSpec> change)
    {
        var claim = Make.Claim("ns", "c", "a");
        claim.Metadata.Uid = "u";
        change(claim.Spec!);
        return claim;
    }

    private static PersistentVolume Free(string name, string size, Action<PersistentVolumeSpec>? change = null)
    {
        var volume = Make.Volume(name, "a", size, change);
        volume.Status = new PersistentVolumeStatus { Phase = "Available" };
        return volume;
    }

    private static Node Node(string name) => new() { Metadata = new ObjectMeta { Name = name, Labels = new() { ["kubernetes.io/hostname"] = name } } };
}
