using Sealos.Node.Stats;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Stats;

public sealed class ClaimStatsTests
{
    [Fact]
    public void Measure_Claims_TellsOfEachPodsAndLeavesOutWhatIsGone()
    {
        using var folder = new TemporaryFolder();
        var now = DateTimeOffset.UnixEpoch;

        var found = ClaimStats.Measure(
            [
                new UsedClaim("one", "v", "ns", "data", folder.Path), new UsedClaim("two", "w", "ns", "data", folder.Path),
                new UsedClaim("two", "gone", "ns", "other", Path.Combine(folder.Path, "gone")),
            ],
            now);

        var size = (ulong)new DriveInfo(folder.Path).TotalSize;
        Assert.Equal(("v", new ClaimReference("data", "ns"), size), Told(Assert.Single(found["one"])));
        Assert.Equal(("w", new ClaimReference("data", "ns"), size), Told(Assert.Single(found["two"])));

        static (string, ClaimReference, ulong) Told(VolumeUsage usage) => (usage.Name, usage.PvcRef, usage.CapacityBytes);
    }
}
