using Sealos.Desktop.Apps.Launchpad;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class LaunchpadRouteTests
{
    [Theory]
    [InlineData("", false, null, "")]
    [InlineData("new", true, null, "")]
    [InlineData("app/web", false, "web", "overview")]
    [InlineData("app/web/logs", false, "web", "logs")]
    [InlineData("app/web/unknown", false, null, "")]
    [InlineData("app/", false, null, "")]
    public void Parse_APath_IsAView(string path, bool isForm, string? app, string tab) =>
        Assert.Equal(new LaunchpadRoute(isForm, app, tab), LaunchpadRoute.Parse(path));

    [Theory]
    [InlineData("web", "overview")]
    [InlineData("web", "events")]
    public void PathOf_IsReadBack(string app, string tab) => Assert.Equal(new LaunchpadRoute(false, app, tab), LaunchpadRoute.Parse(LaunchpadRoute.PathOf(app, tab)));
}
