using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Sealos.Desktop;
using Sealos.Desktop.Shell;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>Every page, every other address and every application of the desktop, against a table of whose they are.</summary>
public sealed class PageAccessTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal)
    {
        ["/"] = "session",
        ["/{*Address}"] = "session",
        ["/device"] = "session",
        ["/identities"] = "session",
        ["/passkeys"] = "session",
        ["/sign-in"] = "everybody",
        ["/sign-in/callback"] = "everybody",
        ["/sign-in/set-up"] = "everybody",
        ["/sign-up"] = "everybody",
    };

    // What is neither a page nor a file; Blazor's own need a session as all others do.
    private static readonly HashSet<string> OpenToStrangers = ["/sign-in", "/sign-in/callback", "/sign-in/passkey", "/sign-in/set-up", "/sign-in/set-up/passkey", "/sign-in/with/{provider}", "/sign-out", "/sign-up"];

    private static readonly Dictionary<string, Audience> Apps = new(StringComparer.Ordinal)
    {
        ["launchpad"] = Audience.Everybody,
        ["workspace"] = Audience.Everybody,
        ["account"] = Audience.Everybody,
        ["users"] = Audience.Operators,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-pages-").FullName;
    private readonly DesktopComponent _desktop;

    public PageAccessTests() => _desktop = DesktopServerTests.DesktopIn(_folder, "nobody.sock");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _desktop.StartAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        await _desktop.StopAsync(CancellationToken.None);
        await _desktop.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void EveryPage_SaysWhoMayOpenIt_AsTheTableDoes()
    {
        var pages = typeof(DesktopComponent).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<Microsoft.AspNetCore.Components.RouteAttribute>(inherit: false), (t, r) => (r.Template, Access: AccessOf(t)));

        Assert.Equal(Pages.OrderBy(p => p.Key, StringComparer.Ordinal), pages.ToDictionary(p => p.Template, p => p.Access).OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryAddress_ButThoseOfTheTable_RefusesStrangers()
    {
        var routes = _desktop.Routes.OfType<RouteEndpoint>().ToList();
        Assert.Contains(routes, r => r.RoutePattern.RawText == "/streams/logs/{app}");
        var open = routes.Where(r => r.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(r => "/" + r.RoutePattern.RawText!.Trim('/')).ToHashSet(StringComparer.Ordinal);
        Assert.Subset(OpenToStrangers, open);

        using var browser = DesktopServerTests.BrowserOf(Path.Combine(_folder, "desktop.sock"));
        foreach (var path in routes.Select(r => "/" + r.RoutePattern.RawText!.Trim('/')).Where(p => !open.Contains(p)).Distinct())
        {
            using var answer = await browser.GetAsync(path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Replace("*", "", StringComparison.Ordinal), Ct);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.MethodNotAllowed, $"{path}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryApplication_IsListedForWhomTheTableSays(bool isOperator)
    {
        var page = new PageApps(DesktopAppSet.Full()) { IsForOperator = isOperator };

        Assert.Equal(Apps.Where(a => isOperator || a.Value == Audience.Everybody).Select(a => a.Key), page.All.Select(a => a.Id));
        Assert.Equal(isOperator, new WindowManager(page).Show("/users/of/anna"));
    }

    private static string AccessOf(Type page) =>
        page.IsDefined(typeof(AllowAnonymousAttribute), inherit: false) ? "everybody"
        : page.IsDefined(typeof(AuthorizeAttribute), inherit: false) ? "session"
        : "does not say";
}
