using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Xunit;

namespace Sealos.ControllerKit_Tests;

public sealed class EventBudgetTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void TrySpend_OneObject_HasABurstAndThenOneInFiveMinutes()
    {
        var budget = new EventBudget(_clock);
        Assert.Equal(25, Spend(budget, "a", 100));
        Assert.Equal(25, Spend(budget, "b", 100));

        _clock.Now += TimeSpan.FromMinutes(4.9);
        Assert.Equal(0, Spend(budget, "a", 1));
        _clock.Now += TimeSpan.FromMinutes(5.2);
        Assert.Equal(2, Spend(budget, "a", 5));
        _clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(25, Spend(budget, "a", 100));
    }

    [Fact]
    public void TrySpend_ManyObjects_AreEachServed()
    {
        var budget = new EventBudget(_clock);

        Assert.Equal(20_000, Enumerable.Range(0, 20_000).Sum(i => Spend(budget, $"o{i}", 1)));
    }

    private static int Spend(EventBudget budget, string name, int times) =>
        Enumerable.Range(0, times).Count(_ => budget.TrySpend(new ObjectReference { Kind = "Pod", Namespace = "ns", Name = name, Uid = name }, "Failed"));

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
