using Sealos.OsServices.Operators;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Operators;

public sealed class OperatorSessionsTests
{
    [Theory]
    [InlineData("admin", "admin")]
    [InlineData("Anna.Berg@example", "anna-berg-example")]
    [InlineData("system:masters-of-the-whole-cloud", "system-masters-of-th")]
    [InlineData("李", "operator")]
    public void Name_SaysWhoOpenedTheSession_AndIsOneOfASecret(string by, string told)
    {
        var name = OperatorSessions.NewName(by);

        Assert.True(UserNames.IsValid(name), name);
        Assert.Equal(told, OperatorSessions.OperatorOf(name));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("session-0123456789abcdef", null)]
    [InlineData("session-as-0123456789abcdef", "operator")]
    public void Name_OfAnotherSession_IsNoOperators(string? name, string? told) => Assert.Equal(told, OperatorSessions.OperatorOf(name));
}
