using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Two people work together in two browsers, and the operator looks after them in a third.</summary>
[Collection(CloudCollection.Name)]
public sealed class TeamDesktopTests(CloudFixture fixture) : IAsyncLifetime
{
    private readonly Cloud _cloud = fixture.Cloud;
    private Browser _browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Console => $"https://{_cloud.Domain}:{_cloud.HttpsPort}";

    public async ValueTask InitializeAsync() => _browser = await Browser.StartAsync();

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    [Fact]
    public async Task Team_IsMadeJoinedAndLeft_AndEachSeesWhatTheOtherDoesAtOnce()
    {
        await using var anna = await Person.CreateAsync(_cloud, "anna");
        await using var ben = await Person.CreateAsync(_cloud, "ben");
        var (his, hers) = (await SignInAsync(ben.Name), await SignInAsync(anna.Name));

        await hers.ClickAsync(".switcher summary");
        await hers.ClickAsync(".menu-item:has-text('New team')");
        await hers.FillAsync("#ask-text", "Sea <b>otters</b>");
        await hers.ClickAsync("dialog .primary");
        await Expect(hers.Locator(".switcher summary")).ToContainTextAsync("Sea <b>otters</b>");

        await hers.ClickAsync(".switcher summary");
        await hers.ClickAsync(".menu-item:has-text('Members and settings')");
        await hers.ClickAsync("role=button[name='Invite']");
        await hers.FillAsync("#invite-user", ben.Name);
        await hers.ClickAsync("dialog .primary");
        await Expect(hers.Locator($"[data-invited='{ben.Name}']")).ToContainTextAsync("Developer");

        await his.ClickAsync(".switcher summary");
        await his.ClickAsync("[data-invitation] >> role=button[name='Accept']");
        await Expect(his.Locator(".switcher summary")).ToContainTextAsync("Sea <b>otters</b>");
        await Expect(hers.Locator($"[data-member='{ben.Name}']")).ToBeVisibleAsync();

        await his.ClickAsync(".dock-item[title='Workspace']");
        await Expect(his.Locator("[data-own-role]")).ToHaveTextAsync("You are Developer");
        await Expect(his.Locator("role=button[name='Invite']")).ToHaveCountAsync(0);
        await hers.Locator($"[data-member='{ben.Name}'] select").SelectOptionAsync("Manager");
        await Expect(his.Locator("[data-own-role]")).ToHaveTextAsync("You are Manager");
        await Expect(his.Locator("role=button[name='Invite']")).ToBeVisibleAsync();

        await hers.ClickAsync($"role=button[name='Remove {ben.Name}']");
        await hers.ClickAsync("dialog .danger");
        await Expect(his.Locator(".toast.problem")).ToContainTextAsync("no longer a member");
        await Expect(his.Locator(".switcher summary")).ToContainTextAsync(ben.Name);

        await hers.ClickAsync(".tab:text-is('Settings')");
        await hers.ClickAsync("role=button[name='Delete the workspace']");
        await hers.FillAsync("dialog.dialog input", "Sea <b>otters</b>");
        await hers.ClickAsync("dialog .danger");
        await Expect(hers.Locator(".switcher summary")).ToContainTextAsync(anna.Name, new LocatorAssertionsToContainTextOptions { Timeout = 90_000 });
    }

    [Fact]
    public async Task Person_MakesATokenOnce_AndTheOperatorLocksThemOut()
    {
        await using var carl = await Person.CreateAsync(_cloud, "carl");
        var his = await SignInAsync(carl.Name);
        await Expect(his.Locator(".desktop-icon[href='/account']")).ToBeVisibleAsync();
        await Expect(his.Locator(".desktop-icon[href='/users']")).ToHaveCountAsync(0);
        await his.GotoAsync(Console + "/users");
        await his.WaitForURLAsync(Console + "/");

        await his.ClickAsync(".desktop-icon[href='/account']");
        await his.ClickAsync(".tab:text-is('Programs')");
        await his.ClickAsync("role=button[name='New token']");
        await his.FillAsync("#token-name", "backup");
        await his.ClickAsync("dialog .primary");
        var token = await his.Locator("[data-secret]").TextContentAsync();
        Assert.Equal(3, token!.Split('.').Length);
        await his.ClickAsync("dialog .primary");
        await his.ClickAsync("[data-token='backup'] >> role=button[name='Revoke']");
        await Expect(his.Locator("[data-token='backup']")).ToHaveCountAsync(0);
        await his.ClickAsync(".tab:text-is('Sessions')");
        await Expect(his.Locator("[data-session='current']")).ToContainTextAsync("Chrome on Linux");

        var operators = await SignInAsync("admin");
        await operators.ClickAsync(".desktop-icon[href='/users']");
        await operators.FillAsync("[aria-label='Search users']", carl.Name);
        await operators.ClickAsync($"[data-user='{carl.Name}']");
        await operators.ClickAsync("role=button[name='Lock']");
        await Expect(operators.Locator("[data-state='Locked']")).ToBeVisibleAsync();
        await his.ReloadAsync();
        await Expect(his.GetByText("Your session has ended").First).ToBeVisibleAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private async Task<IPage> SignInAsync(string user)
    {
        var password = user == "admin" ? _cloud.Password : (await _cloud.SealosAsync(["user", "reset-password", user], Ct).OutputAsync()).Trim();
        var page = await _browser.OpenAsync();
        await page.GotoAsync(Console);
        await page.FillAsync("[name='Input.User']", user);
        await page.FillAsync("[name='Input.Password']", password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync(new Regex("^" + Regex.Escape(Console) + "/?$"));
        await Expect(page.Locator(".top-bar")).ToBeVisibleAsync();
        return page;
    }
}
