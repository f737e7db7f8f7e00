using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class GarbageTests
{
    [Theory]
    [InlineData("a:run", "", "")]
    [InlineData("a:run a:1", "", "")]
    [InlineData("a:run a:1 a:1 b:0", "a-2", "")]
    [InlineData("a:1 a:1", "a-1", "")]
    [InlineData("a:run a:1/old", "", "")]
    [InlineData("a:run a:1 a:1/old", "a-2", "s1")]
    public void Find_EndedContainers_KeepsTheNewestOfEachName(string containers, string garbage, string sandboxes)
    {
        var found = Garbage.Find(TestPods.Runtime(TestPods.Simple("Always", "a b"), containers), DateTimeOffset.MaxValue);

        Assert.Equal((garbage, sandboxes), (string.Join(' ', found.Containers.Select(c => c.Id)), string.Join(' ', found.Sandboxes.Select(s => s.Id))));
    }

    [Fact]
    public void Find_EndedJustNow_StaysUntilItIsOldEnough()
    {
        var pod = TestPods.Runtime(TestPods.Simple("Always", "a"), "a:run a:1 a:1 a:1");

        Assert.Equal(2, Garbage.Find(pod, TestPods.Start.AddSeconds(30)).Containers.Count);
        Assert.Equal(["a-3"], Garbage.Find(pod, TestPods.Start.AddSeconds(27)).Containers.Select(c => c.Id));
        Assert.Empty(Garbage.Find(pod, TestPods.Start).Containers);
    }
}
