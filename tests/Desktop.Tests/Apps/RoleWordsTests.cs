using Sealos.Desktop.Apps.Workspaces;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class RoleWordsTests
{
    [Theory]
    [InlineData("Owner", "Developer", true, true)]
    [InlineData("Owner", "Manager", true, true)]
    [InlineData("Owner", "Owner", false, false)]
    [InlineData("Manager", "Developer", false, true)]
    [InlineData("Manager", "Manager", false, false)]
    [InlineData("Manager", "Owner", false, false)]
    [InlineData("Developer", "Developer", false, false)]
    [InlineData("", "Developer", false, false)]
    public void Offer_IsWhatTheRoleMayDo(string role, string other, bool mayChange, bool mayRemove)
    {
        Assert.Equal(mayChange, RoleWords.MayChange(role, other));
        Assert.Equal(mayRemove, RoleWords.MayRemove(role, other));
    }

    [Theory]
    [InlineData("Owner", "Developer,Manager")]
    [InlineData("Manager", "Developer")]
    [InlineData("Developer", "")]
    public void Invitable_IsNeverTheOwner(string role, string roles) => Assert.Equal(roles, string.Join(',', RoleWords.Invitable(role)));
}
