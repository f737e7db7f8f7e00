using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Tests.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Audit;

public sealed class AuditBudgetTests
{
    [Fact]
    public void TryTake_AfterABurst_TakesSoManyASecond()
    {
        var time = new ManualTime();
        var budget = new AuditBudget(time);
        Assert.Equal(AuditBudget.Burst, Enumerable.Range(0, 1000).Count(_ => budget.TryTake()));
        time.Now += TimeSpan.FromSeconds(2);
        Assert.Equal(2 * AuditBudget.PerSecond, Enumerable.Range(0, 1000).Count(_ => budget.TryTake()));
        time.Now += TimeSpan.FromDays(1);
        Assert.Equal(AuditBudget.Burst, Enumerable.Range(0, 1000).Count(_ => budget.TryTake()));
    }
}
