using Sealos.Node.Pressure;
using Xunit;

namespace Sealos.Node.Tests.Pressure;

public sealed class ThresholdTests
{
    [Fact]
    public void TryParse_Defaults_AreKubernetesOwn()
    {
        Assert.Null(Threshold.TryParse(new PressureOptions().Thresholds, out var thresholds));

        Assert.Equal(["memory.available 100Mi", "nodefs.available 10%", "nodefs.inodesFree 5%", "pid.available 5%"], thresholds.Select(t => $"{t.Signal} {t.Text}"));
        Assert.Empty(new PressureOptions().Validate());
    }

    [Theory]
    [InlineData("memory.available<1Ki", 1023, 2000, true)]
    [InlineData("memory.available<1Ki", 1024, 2000, false)]
    [InlineData("memory.available<10%", 199, 2000, true)]
    [InlineData("memory.available<10%", 200, 2000, false)]
    [InlineData("nodefs.inodesFree<5%", 0, 0, false)]
    public void IsMet_LessThanTheLeast(string text, long available, long total, bool isMet)
    {
        Threshold.TryParse(text, out var thresholds);

        Assert.Equal(isMet, thresholds[0].IsMet(new Room(available, total)));
    }

    [Theory]
    [InlineData("memory.available")]
    [InlineData("memory.available<")]
    [InlineData("memory.available<x")]
    [InlineData("memory.available<-1")]
    [InlineData("memory.available<101%")]
    [InlineData("swap.available<10%")]
    public void TryParse_Wrong_IsNamed(string text) => Assert.Contains($"'{text}'", Threshold.TryParse(text, out _)!, StringComparison.Ordinal);

    [Fact]
    public void CountProcesses_LoadAverage_IsTheNumberAfterTheSlash() => Assert.Equal(345, MachineRoom.CountProcesses("0.10 0.20 0.30 2/345 6789\n"));

    [Fact]
    public void Read_ThisMachine_KnowsItsRoom()
    {
        using var folder = new TemporaryFolder();

        var room = MachineRoom.Read(folder.Path);

        Assert.All(new[] { room.Memory, room.Disk, room.Processes }, r => Assert.InRange(r.Available, 1, r.Total));
        Assert.Equal(new DriveInfo(folder.Path).TotalSize, room.Disk.Total);
    }
}
