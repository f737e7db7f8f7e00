using Sealos.Desktop.Sessions;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

public sealed class ConfirmationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ask_ByTwoAtOnce_IsAnsweredOnceForBoth(bool isConfirmed)
    {
        var confirmation = new Confirmation();
        var changes = 0;
        confirmation.Changed += () => changes++;
        var (first, second) = (confirmation.AskAsync(Ct), confirmation.AskAsync(Ct));
        Assert.True(confirmation.IsWanted);

        confirmation.Answer(isConfirmed);

        Assert.Equal([isConfirmed, isConfirmed], await Task.WhenAll(first, second));
        Assert.False(confirmation.IsWanted);
        Assert.Equal(2, changes);
    }
}
