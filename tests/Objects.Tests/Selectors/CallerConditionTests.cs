using Sealos.Objects.Selectors;

namespace Sealos.Objects.Tests.Selectors;

public sealed class CallerConditionTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("!false && !!true", true)]
    [InlineData("false || request.userInfo.username == 'ada'", true)]
    [InlineData("request.userInfo.username != \"ada\"", false)]
    [InlineData("request.userInfo.username.startsWith('a') && request.userInfo.username.endsWith('da')", true)]
    [InlineData("!request.userInfo.username.startsWith('a')", false)]
    [InlineData("'staff' in request.userInfo.groups", true)]
    [InlineData("!('boss' in request.userInfo.groups)", true)]
    [InlineData("true || false && false", true)]
    [InlineData("(true || false) && false", false)]
    [InlineData(" ( 'boss' in request.userInfo.groups\n|| request.userInfo.username=='ada' ) ", true)]
    public void Condition_HoldsAsCelSays(string text, bool expected) => Assert.Equal(expected, CallerCondition.TryParse(text)!.Matches("ada", ["staff"]));

    [Theory]
    [InlineData("")]
    [InlineData("object.spec.x == 1")]
    [InlineData("truer")]
    [InlineData("true false")]
    [InlineData("(true")]
    [InlineData("true &&")]
    [InlineData("!'staff' in request.userInfo.groups")]
    [InlineData("!request.userInfo.username == 'ada'")]
    [InlineData("request.userInfo.username == 'a\\x41'")]
    [InlineData("request.userInfo.username == '''ada'''")]
    [InlineData("request.userInfo.username.matches('a.*')")]
    [InlineData("'staff' in request.userInfo.groups[0]")]
    [InlineData("request.userInfo.username == request.userInfo.uid")]
    public void Condition_ThatIsNotBuilt_IsNone(string text) => Assert.Null(CallerCondition.TryParse(text));

    [Fact]
    public void Condition_WithoutEnd_IsNone()
    {
        Assert.Null(CallerCondition.TryParse(new string('(', 100) + "true" + new string(')', 100)));
        Assert.Null(CallerCondition.TryParse("true" + string.Concat(Enumerable.Repeat(" || true", 1000))));
    }
}
