using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ResourceMappingTests
{
    private const long NodeMemory = 10L * 1024 * 1024 * 1024;

    [Theory]
    [InlineData("{}", 2, 0, 0, 1000)]
    [InlineData("""{"requests":{"cpu":"500m"}}""", 512, 0, 0, 999)]
    [InlineData("""{"limits":{"cpu":"250m"}}""", 256, 25000, 0, 999)]
    [InlineData("""{"limits":{"cpu":"1m"}}""", 2, 1000, 0, 999)]
    [InlineData("""{"requests":{"cpu":"100m","memory":"1Gi"},"limits":{"memory":"2Gi"}}""", 102, 0, 2147483648, 900)]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", 1024, 100000, 1073741824, -997)]
    public void Of_Container_MapsSharesQuotaMemoryAndOomScore(string resources, long shares, long quota, long memory, long oom)
    {
        var pod = TestPods.Pod($$"""{"containers":[{"name":"c","resources":{{resources}}}]}""");

        var result = ResourceMapping.Of(pod, pod.Containers[0], NodeMemory, isUnified: false);

        Assert.Equal((shares, quota, memory, oom), (result.CpuShares, result.CpuQuota, result.MemoryLimitInBytes, result.OomScoreAdj));
        Assert.Empty(result.Unified);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, 67108864L)]
    public void OfPod_InitContainerWithoutLimit_LeavesASandboxLimited(bool isOneSandbox, long? expected)
    {
        var pod = TestPods.Pod("""{"initContainers":[{"name":"i"}],"containers":[{"name":"a","resources":{"limits":{"memory":"64Mi"}}}]}""");

        Assert.Equal(expected, ResourceMapping.Of(pod, isOneSandbox).MemoryBytes);
    }

    [Fact]
    public void Of_UnifiedCgroups_KillsAGroupTogether()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"c"}]}""");

        Assert.Equal("1", ResourceMapping.Of(pod, pod.Containers[0], NodeMemory, isUnified: true).Unified["memory.oom.group"]);
    }

    [Fact]
    public void Of_CriticalPod_IsKilledLast()
    {
        var pod = TestPods.Pod("""{"priority":2000000000,"containers":[{"name":"c"}]}""");

        Assert.Equal(-997, ResourceMapping.Of(pod, pod.Containers[0], NodeMemory, isUnified: false).OomScoreAdj);
    }

    [Fact]
    public void Of_PodWithOverhead_HasRoomForIt()
    {
        var pod = TestPods.Pod("""{"overhead":{"cpu":"500m","memory":"1Mi"},"containers":[{"name":"a","resources":{"limits":{"cpu":"500m","memory":"1Mi"}}}]}""");

        Assert.Equal(new CgroupLimits(1024, 100000, 2097152), ResourceMapping.Of(pod));
    }

    [Theory]
    [InlineData("""[{"name":"a"}]""", "[]", 2, null, null)]
    [InlineData("""[{"name":"a","resources":{"requests":{"cpu":"1"}}},{"name":"b"}]""", "[]", 1024, null, null)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Mi"}}},{"name":"b","resources":{"limits":{"cpu":"500m","memory":"1Mi"}}}]""", "[]", 1536, 150000L, 2097152L)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1"}}}]""", """[{"name":"i","resources":{"limits":{"cpu":"3"}}}]""", 3072, 300000L, null)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1"}}}]""", """[{"name":"s","restartPolicy":"Always","resources":{"limits":{"cpu":"1"}}},{"name":"i","resources":{"limits":{"cpu":"500m"}}}]""", 2048, 200000L, null)]
    public void Of_Pod_SumsWhatRunsTogether(string containers, string init, long shares, long? quota, long? memory)
    {
        var pod = TestPods.Pod($$"""{"containers":{{containers}},"initContainers":{{init}}}""");

        Assert.Equal(new CgroupLimits(shares, quota, memory), ResourceMapping.Of(pod));
    }

    [Theory]
    [InlineData("""[{"name":"a"}]""", "BestEffort", "/x/kubepods/besteffort/pod" + TestPods.Uid)]
    [InlineData("""[{"name":"a","resources":{"requests":{"cpu":"1"}}}]""", "Burstable", "/x/kubepods/burstable/pod" + TestPods.Uid)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Mi"}}}]""", "Guaranteed", "/x/kubepods/pod" + TestPods.Uid)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Mi"},"requests":{"cpu":"500m"}}}]""", "Burstable", "/x/kubepods/burstable/pod" + TestPods.Uid)]
    [InlineData("""[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Mi"}}},{"name":"b"}]""", "Burstable", "/x/kubepods/burstable/pod" + TestPods.Uid)]
    [InlineData("""[{"name":"a","resources":{"requests":{"cpu":"0"}}}]""", "BestEffort", "/x/kubepods/besteffort/pod" + TestPods.Uid)]
    public void CgroupOf_Pod_FollowsItsClass(string containers, string qos, string path)
    {
        var pod = TestPods.Pod($$"""{"containers":{{containers}}}""");

        Assert.Equal((qos, path), (PodQos.Of(pod), ResourceMapping.CgroupOf(pod, "/x/kubepods")));
    }
}
