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

        await his.GotoAsync(Console + "/account/sign-in");
        await his.ClickAsync("[data-account-end] >> role=button[name='Delete this account']");
        await his.FillAsync("dialog.dialog input", ben.Name);
        await his.ClickAsync("dialog .danger");
        await his.ClickAsync("dialog:has(#session-ended) .primary", new PageClickOptions { Timeout = 90_000 });
        await his.WaitForURLAsync(Console + "/sign-in");
        Assert.Empty((await _cloud.KubectlAsync(["get", "user.user.sealos.io", ben.Name, "--ignore-not-found"], Ct)).Output);
    }

    [Fact]
    public async Task Person_LooksAfterTheirAccount_AndTheOperatorAfterThem()
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

        await Browser.AddAuthenticatorAsync(his);
        await his.ClickAsync(".tab:text-is('Signing in')");
        await his.ClickAsync("text=Add a passkey");
        await his.FillAsync("#passkey-name", "Laptop");
        await his.ClickAsync("[data-passkey-add]");
        await Expect(his.Locator("[data-passkey-name='Laptop']")).ToBeVisibleAsync();
        await his.ClickAsync("text=Back to your account");
        await his.ClickAsync("[data-passkey-id] >> role=button[name='Rename']");
        await his.FillAsync("#ask-text", "Phone");
        await his.ClickAsync("dialog .primary");
        await Expect(his.Locator("[data-passkey-id]")).ToContainTextAsync("Phone");

        // As if they had signed in long ago.
        await _cloud.KubectlAsync(["-n", "user-system", "annotate", "secret", "-l", "user.sealos.io/owner=" + carl.Name, "--overwrite", "user.sealos.io/session-created=2026-01-01T00:00:00.0000000+00:00"], Ct).OutputAsync();
        await his.ClickAsync("[data-passkey-id] >> role=button[name='Remove']");
        await his.ClickAsync("dialog .danger");
        await his.ClickAsync("[data-passkey-confirm]");
        await Expect(his.Locator("[data-passkey-id]")).ToHaveCountAsync(0);

        var note = (await _cloud.SealosAsync(["announce", "Maintenance <b>tonight</b>"], Ct).OutputAsync()).Trim();
        await his.ClickAsync(".bell summary");
        var message = his.Locator("[data-message='everybody']", new PageLocatorOptions { HasText = "Maintenance <b>tonight</b>" });
        await message.Locator("button").ClickAsync();
        await Expect(message).ToHaveClassAsync("read");
        await _cloud.SealosAsync(["announce", "--withdraw", note], Ct).OutputAsync();

        var operators = await SignInAsync("admin");
        await operators.ClickAsync(".desktop-icon[href='/users']");
        await operators.SelectOptionAsync("select.kind", "workspaces");
        await operators.FillAsync("[aria-label='Search users']", carl.Name);
        await operators.ClickAsync($"[data-user='{carl.Name}']");
        await operators.ClickAsync("role=button[name='Change limits']");
        await operators.FillAsync("#limit-pods", "many");
        await operators.ClickAsync("dialog .primary");
        await Expect(operators.Locator("#limit-pods-hint")).ToBeVisibleAsync();
        await operators.FillAsync("#limit-pods", "31");
        await operators.ClickAsync("dialog .primary");
        await Expect(operators.Locator(".uses")).ToContainTextAsync("of 31");
        await operators.ClickAsync("role=button[name='Suspend']");
        await operators.FillAsync("#ask-text", "mines coins");
        await operators.ClickAsync("dialog .primary");
        await Expect(operators.Locator("[data-workspace-state='suspended']")).ToContainTextAsync("mines coins", new LocatorAssertionsToContainTextOptions { Timeout = 60_000 });
        await operators.ClickAsync("role=button[name='Resume']");
        await Expect(operators.Locator("[data-workspace-state='ready']")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 60_000 });
        await operators.ClickAsync("role=button[name='Lock']");
        await operators.FillAsync("#ask-text", "shares the password");
        await operators.ClickAsync("dialog .primary");
        await Expect(operators.Locator("[data-state='Locked']")).ToBeVisibleAsync();
        await his.ReloadAsync();
        await Expect(his.Locator("#session-ended")).ToBeVisibleAsync();
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
