using Sealos.ApiServer.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public class BoundedCacheTests
{
    [Fact]
    public void Add_MoreThanItHolds_DropsWhatWasNotUsedLately()
    {
        var cache = new BoundedCache<string>(capacity: 8);
        cache.Add("used", "x");
        for (var i = 0; i < 100; i++)
        {
            cache.Add($"{i}", "x");
            Assert.True(cache.TryGet("used", out _));
        }

        Assert.InRange(Enumerable.Range(0, 100).Count(i => cache.TryGet($"{i}", out _)), 1, 8);
        Assert.True(cache.TryGet("99", out _));
    }
}
