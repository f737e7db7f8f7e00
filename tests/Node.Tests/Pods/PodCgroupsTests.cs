using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodCgroupsTests : IDisposable
{
    private const string Burstable = """{"containers":[{"name":"a","resources":{"requests":{"cpu":"500m"},"limits":{"cpu":"1","memory":"64Mi"}}}]}""";

    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("node-");
    private readonly NodeOptions _options = new() { Instance = "cloud" };

    [Fact]
    public void Ensure_VersionOne_WritesToEveryTree()
    {
        Directory.CreateDirectory(Path.Combine(_mount.FullName, "cpu"));
        Directory.CreateDirectory(Path.Combine(_mount.FullName, "memory"));
        var cgroups = new PodCgroups(_options, _mount.FullName);

        cgroups.Ensure(TestPods.Pod(Burstable));

        Assert.False(cgroups.IsUnified);
        Assert.Equal("512", Read("cpu/cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.shares"));
        Assert.Equal("100000", Read("cpu/cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.cfs_quota_us"));
        Assert.Equal("67108864", Read("memory/cloud/kubepods/burstable/pod" + TestPods.Uid, "memory.limit_in_bytes"));
        Assert.Equal("512", Read("cpu/cloud/kubepods/burstable", "cpu.shares"));
        Assert.Equal("2", Read("cpu/cloud/kubepods/besteffort", "cpu.shares"));
        Assert.Equal([TestPods.Uid], cgroups.List());
    }

    [Fact]
    public void Ensure_VersionTwo_WritesToTheOneTreeAndPassesControllersOn()
    {
        File.WriteAllText(Path.Combine(_mount.FullName, "cgroup.controllers"), "cpu memory\n");
        foreach (var path in (string[])["cloud", "cloud/kubepods", "cloud/kubepods/burstable"])
        {
            // The kernel makes these files; here the test does.
            Directory.CreateDirectory(Path.Combine(_mount.FullName, path));
            File.WriteAllText(Path.Combine(_mount.FullName, path, "cgroup.controllers"), "cpu memory\n");
        }

        var cgroups = new PodCgroups(_options, _mount.FullName);

        cgroups.Ensure(TestPods.Pod(Burstable));

        Assert.True(cgroups.IsUnified);
        Assert.Equal(("20", "100000 100000", "67108864"), (Read("cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.weight"), Read("cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.max"), Read("cloud/kubepods/burstable/pod" + TestPods.Uid, "memory.max")));
        Assert.Equal("+memory", Read("cloud/kubepods/burstable", "cgroup.subtree_control"));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262144, 10000)]
    public void ToWeight_Shares_KeepTheirProportion(long shares, long weight) => Assert.Equal(weight, PodCgroups.ToWeight(shares));

    [Fact]
    public void Remove_PodThatHasNone_IsDone() => Assert.True(new PodCgroups(_options, _mount.FullName).Remove("nobody"));

    public void Dispose() => _mount.Delete(recursive: true);

    private string Read(string path, string file) => File.ReadAllText(Path.Combine(_mount.FullName, path, file));
}
