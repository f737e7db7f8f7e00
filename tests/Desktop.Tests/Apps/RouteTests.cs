using Sealos.Desktop.Apps.Account;
using Sealos.Desktop.Apps.Users;
using Sealos.Desktop.Apps.Workspaces;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class RouteTests
{
    [Theory]
    [InlineData("", "members", 0)]
    [InlineData("quota", "quota", 1)]
    [InlineData("settings", "settings", 1)]
    [InlineData("unknown", "members", 0)]
    public void Workspace_APath_IsATab(string path, string tab, int crumbs)
    {
        Assert.Equal(tab, WorkspaceRoute.Parse(path).Tab);
        Assert.Equal(crumbs, WorkspaceRoute.Parse(path).Crumbs.Count);
    }

    [Theory]
    [InlineData("profile", "/account")]
    [InlineData("sessions", "/account/sessions")]
    public void Account_AddressOf_IsReadBack(string tab, string address)
    {
        Assert.Equal(address, AccountRoute.AddressOf(tab));
        Assert.Equal(tab, AccountRoute.Parse(address["/account".Length..].Trim('/')).Tab);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("of/anna", "anna")]
    [InlineData("of/", null)]
    [InlineData("of/anna/more", null)]
    public void Users_APath_IsAUser(string path, string? user) => Assert.Equal(user, UsersRoute.Parse(path).User);
}
