using System.Collections.Frozen;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Resizing;
using Xunit;

namespace Sealos.Node.Tests.Pods.Resizing;

/// <summary>What a node that starts anew believes of what a pod's status tells.</summary>
public sealed class PodSizesTests
{
    private const string Spec = """{"containers":[{"name":"a","resources":{"requests":{"cpu":"300m"},"limits":{"cpu":"500m","memory":"96Mi"}}}]}""";

    [Fact]
    public void Remember_LessThanIsAskedFor_IsBelieved()
    {
        var given = Remember(Spec, """{"name":"a","allocatedResources":{"cpu":"100m"},"resources":{"limits":{"cpu":"200m","memory":"64Mi"}}}""");

        Assert.Equal(("100m", "200m", "64Mi"), Amounts(given));
    }

    [Theory]
    [InlineData("""{"name":"a","allocatedResources":{"cpu":"9k","memory":"9Ti"},"resources":{"limits":{"cpu":"9k","memory":"9Ti","other":"1"}}}""")]
    [InlineData("""{"name":"a","resources":{}}""")]
    [InlineData("""{"name":"a","allocatedResources":{"cpu":"-1"},"resources":{"limits":{"cpu":"0","memory":"0"}}}""")]
    public void Remember_WhatNobodyGave_IsWhatIsAskedFor(string status)
    {
        var given = Remember(Spec, status);

        Assert.True(PodSizes.IsSame(PodSizes.WishOf(TestPods.Pod(Spec)), given));
    }

    [Fact]
    public void Remember_ContainerToldTwice_IsReadOnce()
    {
        const string Status = """{"name":"a","allocatedResources":{"cpu":"100m"},"resources":{"limits":{"cpu":"200m","memory":"64Mi"}}}""";

        Assert.Equal(("100m", "200m", "64Mi"), Amounts(Remember(Spec, $"{Status},{Status}")));
    }

    [Fact]
    public void Remember_AmountsOfAnotherClass_AreNotBelieved()
    {
        const string Guaranteed = """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1","memory":"96Mi"},"limits":{"cpu":"1","memory":"96Mi"}}}]}""";

        var given = Remember(Guaranteed, """{"name":"a","allocatedResources":{"cpu":"1m","memory":"1Mi"},"resources":{"limits":{"cpu":"1","memory":"96Mi"}}}""");

        Assert.True(PodSizes.IsSame(PodSizes.WishOf(TestPods.Pod(Guaranteed)), given));
    }

    private static FrozenDictionary<string, ResourceRequirements?> Remember(string spec, string statuses)
    {
        var pod = TestPods.Pod(spec, $$"""{"containerStatuses":[{{statuses}}]}""");
        return PodSizes.Remember(pod, TestPods.Runtime(pod, "a:run"));
    }

    private static (string, string, string) Amounts(FrozenDictionary<string, ResourceRequirements?> given) =>
        (given["a"]!.Requests!["cpu"].ToString(), given["a"]!.Limits!["cpu"].ToString(), given["a"]!.Limits!["memory"].ToString());
}
