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
        Directory.CreateDirectory(Path.Combine(_mount.FullName, "pids"));
        var cgroups = new PodCgroups(_options, _mount.FullName);

        cgroups.Ensure(TestPods.Pod(Burstable));

        Assert.False(cgroups.IsUnified);
        Assert.Equal("512", Read("cpu/cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.shares"));
        Assert.Equal("100000", Read("cpu/cloud/kubepods/burstable/pod" + TestPods.Uid, "cpu.cfs_quota_us"));
        Assert.Equal("67108864", Read("memory/cloud/kubepods/burstable/pod" + TestPods.Uid, "memory.limit_in_bytes"));
        Assert.Equal("16384", Read("pids/cloud/kubepods/burstable/pod" + TestPods.Uid, "pids.max"));
        Assert.Equal("512", Read("cpu/cloud/kubepods/burstable", "cpu.shares"));
        Assert.Equal("2", Read("cpu/cloud/kubepods/besteffort", "cpu.shares"));
        Assert.Equal([TestPods.Uid], cgroups.List());
    }

    [Fact]
    public void Ensure_VersionTwo_WritesToTheOneTreeAndPassesControllersOn()
    {
        var cgroups = VersionTwo();

        cgroups.Ensure(TestPods.Pod(Burstable));

        var pod = "cloud/kubepods/burstable/pod" + TestPods.Uid;
        Assert.True(cgroups.IsUnified);
        Assert.Equal(("20", "100000 100000", "67108864", "16384"), (Read(pod, "cpu.weight"), Read(pod, "cpu.max"), Read(pod, "memory.max"), Read(pod, "pids.max")));
        Assert.Equal("20", Read("cloud/kubepods/burstable", "cpu.weight"));
        Assert.Equal("+pids", Read("cloud/kubepods/burstable", "cgroup.subtree_control"));
        Assert.Equal([TestPods.Uid], cgroups.List());
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"a","resources":{"limits":{"cpu":"2","memory":"1Gi"}}}]}""", "cloud/kubepods/pod", "79", "200000 100000", "1073741824")]
    [InlineData("""{"containers":[{"name":"a"}]}""", "cloud/kubepods/besteffort/pod", "1", "max 100000", "max")]
    [InlineData("""{"containers":[{"name":"a","resources":{"limits":{"memory":"64Mi"}}},{"name":"b"}]}""", "cloud/kubepods/burstable/pod", "1", "max 100000", "max")]
    [InlineData("""{"overhead":{"cpu":"100m","memory":"16Mi"},"containers":[{"name":"a","resources":{"limits":{"cpu":"1","memory":"64Mi"}}}]}""", "cloud/kubepods/pod", "43", "110000 100000", "83886080")]
    public void Ensure_VersionTwo_PutsEachClassWhereItBelongs(string spec, string path, string weight, string quota, string memory)
    {
        VersionTwo().Ensure(TestPods.Pod(spec));

        Assert.Equal((weight, quota, memory), (Read(path + TestPods.Uid, "cpu.weight"), Read(path + TestPods.Uid, "cpu.max"), Read(path + TestPods.Uid, "memory.max")));
    }

    [Fact]
    public void Remove_VersionTwo_TakesThePodAndItsWeightAway()
    {
        var cgroups = VersionTwo();
        cgroups.Ensure(TestPods.Pod(Burstable));

        Assert.True(cgroups.Remove(TestPods.Uid));

        Assert.Empty(cgroups.List());
        Assert.True(cgroups.RemoveAll());
        Assert.False(Directory.Exists(Path.Combine(_mount.FullName, "cloud")));
    }

    [Fact]
    public void KillAll_VersionTwo_FindsProcessesInEveryDepth()
    {
        var cgroups = VersionTwo();
        cgroups.Ensure(TestPods.Pod(Burstable));
        var container = Directory.CreateDirectory(Path.Combine(_mount.FullName, "cloud/kubepods/burstable/pod" + TestPods.Uid, "container")).FullName;
        Assert.False(cgroups.HasProcesses());

        using var sleeper = System.Diagnostics.Process.Start("sleep", "1000");
        File.WriteAllText(Path.Combine(container, "cgroup.procs"), sleeper.Id + "\n");

        Assert.True(cgroups.HasProcesses());
        Assert.True(cgroups.KillAll());
        Assert.True(sleeper.WaitForExit(10_000));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262144, 10000)]
    public void ToWeight_Shares_KeepTheirProportion(long shares, long weight) => Assert.Equal(weight, PodCgroups.ToWeight(shares));

    [Fact]
    public void Remove_PodThatHasNone_IsDone() => Assert.True(new PodCgroups(_options, _mount.FullName).Remove("nobody"));

    public void Dispose() => _mount.Delete(recursive: true);

    // The kernel makes these files; here the test does.
    private PodCgroups VersionTwo()
    {
        foreach (var path in (string[])["", "cloud", "cloud/kubepods", "cloud/kubepods/burstable", "cloud/kubepods/besteffort"])
        {
            Directory.CreateDirectory(Path.Combine(_mount.FullName, path));
            File.WriteAllText(Path.Combine(_mount.FullName, path, "cgroup.controllers"), "cpu memory pids\n");
        }

        return new PodCgroups(_options, _mount.FullName, p => Directory.Delete(p, recursive: true));
    }

    private string Read(string path, string file) => File.ReadAllText(Path.Combine(_mount.FullName, path, file));
}
