using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>A person uses the desktop in a real browser.</summary>
[Collection(CloudCollection.Name)]
public sealed class DesktopTests(CloudFixture fixture) : IAsyncLifetime
{
    private readonly Cloud _cloud = fixture.Cloud;
    private Browser _browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Console => $"https://{_cloud.Domain}:{_cloud.HttpsPort}";

    public async ValueTask InitializeAsync() => _browser = await Browser.StartAsync();

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    [Fact]
    public async Task Person_LaunchesOpensAndDeletesAnApp()
    {
        var page = await SignInAsync("/launchpad/new");
        await page.FillAsync("#app-name", "gui");
        await page.FillAsync("#app-image", "sealos.hub/library/hello:1");
        await page.FillAsync("#app-memory", "64Mi");
        await page.ClickAsync(".form-actions .primary");
        await Expect(page.Locator("[data-state='Running']")).ToBeVisibleAsync();
        Assert.EndsWith("/launchpad/app/gui", page.Url, StringComparison.Ordinal);

        var address = await page.Locator("[data-address]").GetAttributeAsync("href");
        var app = await page.Context.NewPageAsync();
        var answer = await app.GotoAsync(address!);
        Assert.Equal(200, answer!.Status);
        Assert.Contains("Hello from gui-", await app.ContentAsync(), StringComparison.Ordinal);

        await page.ClickAsync(".tab:text-is('Logs')");
        await Expect(page.Locator("[data-log-lines]")).ToContainTextAsync("GET /");
        await app.GotoAsync(address + "/followed-live");
        await Expect(page.Locator("[data-log-lines]")).ToContainTextAsync("GET /followed-live");

        await page.ClickAsync(".tab:text-is('Events')");
        await Expect(page.Locator(".events")).ToContainTextAsync("Found the image on the machine");

        await page.ClickAsync("role=button[name='Delete gui']");
        var delete = page.Locator("dialog .button.danger");
        await Expect(delete).ToBeDisabledAsync();
        await page.FillAsync("dialog input", "gui");
        await delete.ClickAsync();
        await Expect(page.Locator(".detail")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-app='gui']")).ToHaveCountAsync(0);
        Assert.EndsWith("/launchpad", page.Url, StringComparison.Ordinal);
        var gone = await _cloud.SealosAsync(["app", "get", "gui"], Ct);
        Assert.NotEqual(0, gone.ExitCode);
    }

    [Fact]
    public async Task List_FollowsWhatIsDoneElsewhere()
    {
        var page = await SignInAsync("/launchpad");
        await fixture.LaunchAsync("elsewhere");
        var row = page.Locator("[data-app='elsewhere']");
        await Expect(row).ToContainTextAsync("1 of 1 ready");

        await _cloud.SealosAsync(["app", "scale", "elsewhere", "--replicas", "2"], Ct);
        await Expect(row).ToContainTextAsync("2 of 2 ready");
        await _cloud.KubectlAsync(["-n", "ns-admin", "set", "image", "deploy/elsewhere", "elsewhere=sealos.hub/library/hello:none"], Ct);
        await Expect(row).ToContainTextAsync("Waiting for the image");

        await _cloud.SealosAsync(["app", "delete", "elsewhere", "--yes"], Ct);
        await Expect(row).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Form_NamesWrongFieldsAndKeepsWhatWasTyped()
    {
        var page = await SignInAsync("/launchpad/new");
        await page.FillAsync("#app-name", "Wrong_Name");
        await page.FillAsync("#app-port", "70000");
        await page.ClickAsync(".form-actions .primary");
        await Expect(page.Locator("#app-name-hint")).ToContainTextAsync("lower-case letters");
        await Expect(page.Locator("#app-port-hint")).ToContainTextAsync("from 1 to 65535");
        await Expect(page.Locator("#app-image-hint")).ToContainTextAsync("is not an image reference");

        await page.ReloadAsync();
        await Expect(page.Locator("#app-name")).ToHaveValueAsync("Wrong_Name");
        await page.ClickAsync("text=Discard");
        await Expect(page.Locator("#app-name")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Windows_MoveResizeSnapCloseAndComeBack()
    {
        var page = await SignInAsync("/launchpad");
        var window = page.Locator(".window");
        var before = (await window.BoundingBoxAsync())!;

        await DragAsync(page, before.X + 400, before.Y + 20, 60, 40);
        await Eventually.TrueAsync("moved", async () => (await window.BoundingBoxAsync())! is var b && Math.Abs(b.X - before.X - 60) < 2 && Math.Abs(b.Y - before.Y - 40) < 2, ct: Ct);
        var moved = (await window.BoundingBoxAsync())!;
        await DragAsync(page, moved.X + moved.Width - 2, moved.Y + moved.Height - 2, -100, -50);
        await Eventually.TrueAsync("resized", async () => (await window.BoundingBoxAsync())! is var b && Math.Abs(b.Width - moved.Width + 100) < 2 && Math.Abs(b.Height - moved.Height + 50) < 2, ct: Ct);

        await page.ReloadAsync();
        await Eventually.TrueAsync("where it was", async () => await window.CountAsync() == 1 && (await window.BoundingBoxAsync())! is var b && Math.Abs(b.Width - moved.Width + 100) < 2 && Math.Abs(b.X - moved.X) < 2, ct: Ct);

        await page.Keyboard.PressAsync("Control+Alt+ArrowLeft");
        await Expect(window).ToHaveAttributeAsync("data-place", "left");
        await page.ClickAsync("role=button[name='Minimize']");
        await Expect(window).ToBeHiddenAsync();
        await page.ClickAsync(".dock-item[title='App Launchpad']");
        await Expect(window).ToBeVisibleAsync();
        await page.ClickAsync(".window >> role=button[name='Close']");
        await Expect(window).ToHaveCountAsync(0);
        await page.ClickAsync(".desktop-icon[href='/launchpad']");
        await Expect(window).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Search_FindsAndOpensWithTheKeyboardAlone()
    {
        var page = await SignInAsync("/");
        await Expect(page.Locator(".desktop-icon[href='/launchpad']")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("launch an");
        await Expect(page.Locator("#search-results li")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#app-name")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Theme_IsRemembered()
    {
        var page = await SignInAsync("/");
        var theme = () => page.EvaluateAsync<string>("document.documentElement.dataset.theme");
        Assert.Equal("light", await theme());

        await page.ClickAsync("role=button[name='Change between light and dark']");
        await Eventually.TrueAsync("dark", async () => await theme() == "dark", ct: Ct);
        await page.ReloadAsync();
        Assert.Equal("dark", await theme());
    }

    [Fact]
    public async Task SignIn_WithAWrongPassword_IsRefused_AndSignOutEndsTheSession()
    {
        var page = await _browser.OpenAsync();
        await page.GotoAsync(Console);
        await SubmitAsync(page, "admin", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Name or password is wrong.");
        await SubmitAsync(page, "nobody", _cloud.Password);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Name or password is wrong.");

        await SubmitAsync(page, "admin", _cloud.Password);
        await page.ClickAsync(".account summary");
        await page.ClickAsync("text=Sign out");
        await Expect(page.Locator("[name='Input.Password']")).ToBeVisibleAsync();
        Assert.DoesNotContain(await page.Context.CookiesAsync(), c => c.Name == "__Host-sealos");
    }

    [Fact]
    public async Task ResetPassword_EndsSessionsThatWereOpenedWithTheOldOne()
    {
        var page = await SignInAsync("/");
        await Expect(page.Locator(".desktop-icon[href='/launchpad']")).ToBeVisibleAsync();
        await fixture.LaunchAsync("reset");

        await _cloud.ResetPasswordAsync(Ct);

        // The cookie still opens, but what it holds is worth nothing to the API.
        var status = await page.EvaluateAsync<int>("fetch('/streams/logs/reset?follow=false&timestamps=false').then(answer => answer.status)");
        Assert.Equal(401, status);
        await page.ReloadAsync();
        await Expect(page.GetByText("Your session has ended")).ToBeVisibleAsync();
        await page.ClickAsync("text=Sign in again");
        await SubmitAsync(page, "admin", _cloud.Password);
        await Expect(page.Locator(".desktop-icon[href='/launchpad']")).ToBeVisibleAsync();
        await _cloud.SealosAsync(["app", "delete", "reset", "--yes"], Ct);
    }

    [Fact]
    public async Task Page_ComesBackByItself_WhenTheEdgeWasRestarted()
    {
        var page = await SignInAsync("/launchpad/new");
        await page.FillAsync("#app-name", "kept");
        await page.Locator("#app-name").BlurAsync();
        await Eventually.TrueAsync("kept", async () => await page.EvaluateAsync<string?>("sessionStorage.getItem('draft:launchpad:admin')") is { } kept && kept.Contains("kept", StringComparison.Ordinal), ct: Ct);
        await page.EvaluateAsync("window.isOld = true");

        System.Diagnostics.Process.GetProcessById(await _cloud.PidAsync("edge", Ct)).Kill();

        await Eventually.TrueAsync("a new page", async () => await IsNewAsync(page), TimeSpan.FromSeconds(60), Ct);
        await Expect(page.Locator("#app-name")).ToHaveValueAsync("kept");
        await page.ClickAsync("text=Discard");
    }

    private static async Task<bool> IsNewAsync(IPage page)
    {
        try
        {
            return await page.EvaluateAsync<bool>("window.isOld !== true && document.querySelector('.top-bar') !== null");
        }
        catch (PlaywrightException)
        {
            // Between two pages.
            return false;
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static async Task DragAsync(IPage page, double x, double y, double dx, double dy)
    {
        await page.Mouse.MoveAsync((float)x, (float)y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((float)(x + dx), (float)(y + dy), new MouseMoveOptions { Steps = 5 });
        await page.Mouse.UpAsync();
    }

    private static async Task SubmitAsync(IPage page, string user, string password)
    {
        await page.FillAsync("[name='Input.User']", user);
        await page.FillAsync("[name='Input.Password']", password);
        await page.ClickAsync("button[type=submit]");
    }

    private async Task<IPage> SignInAsync(string path)
    {
        var page = await _browser.OpenAsync();
        await page.GotoAsync(Console + path);
        await SubmitAsync(page, "admin", _cloud.Password);
        await page.WaitForURLAsync(new Regex("^" + Regex.Escape(Console + path) + "$"));
        await Expect(page.Locator(".top-bar")).ToBeVisibleAsync();
        return page;
    }
}
