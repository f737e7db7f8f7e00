using Sealos.Desktop;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>Pages without a circuit, as somebody with a session meets them.</summary>
public sealed class SessionPagesTests : IAsyncLifetime
{
    private const string Account = """{"user":"anna","hasPassword":true,"totp":false,"recoveryCodesLeft":0,"passkeys":1}""";
    private const string Passkeys = """{"items":[{"id":"p1","name":"Lap<b>top</b>","created":"2026-01-01T00:00:00Z","lastUsed":null,"backedUp":false}]}""";
    private const string NotFresh = """{"error":"Confirm first that it is you.","code":"confirm"}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-pages-").FullName;
    private readonly DesktopComponent _desktop;
    private readonly FormBrowser _browser;
    private StandInServices _services = null!;

    public SessionPagesTests()
    {
        _desktop = DesktopServerTests.DesktopIn(_folder, "services.sock");
        _browser = new FormBrowser(Path.Combine(_folder, "desktop.sock"));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _services = await StandInServices.StartAsync(Path.Combine(_folder, "services.sock"), Ct);
        _services.Say("GET sign-in/ways", 200, """{"signUp":"off","providers":[{"id":"corp","name":"Corp","signIn":true,"signUp":false},{"id":"old","name":"Old","signIn":false,"signUp":false}]}""");
        _services.Say("POST sign-in", 200, """{"user":"anna","token":"the-token","expires":"2099-01-01T00:00:00Z","workspace":"ns-anna"}""");
        _services.Say("GET account", 200, Account);
        _services.Say("GET account/passkeys", 200, Passkeys);
        await _desktop.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _desktop.StopAsync(CancellationToken.None);
        await _desktop.DisposeAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Identity_IsLinkedByALink_AndTheBrowserKeepsWhatItMustBringBack()
    {
        _services.Say("POST account/identities/corp/link", 200, """{"url":"https://id.example/authorize?x=1","binding":"the-binding"}""");

        var page = await OpenAsync("/identities");
        Assert.DoesNotContain("Link Old", page.Text, StringComparison.Ordinal);
        var begun = await _browser.PostAsync("/identities", page, ("_handler", "identities"), ("Input.Provider", "corp"));

        Assert.Contains("href=\"https://id.example/authorize?x=1\"", begun.Text, StringComparison.Ordinal);
        Assert.Contains("__Host-sealos-identity=the-binding", begun.Cookies);
        Assert.Contains("""POST account/identities/corp/link {"next":"/account/sign-in"}""", _services.Asked);
    }

    [Fact]
    public async Task WhatWantsAFreshSession_AsksForIt_AndSaysHowThatWent()
    {
        _services.Say("DELETE account/passkeys/p1", 403, NotFresh);
        _services.Say("POST sessions/confirm", 401, """{"error":"Name or password is wrong.","code":"wrong"}""");

        var page = await OpenAsync("/passkeys");
        Assert.Contains("Lap&lt;b&gt;top", page.Text, StringComparison.Ordinal);
        Assert.Contains("hidden data-confirm-here", page.Text, StringComparison.Ordinal);
        var asked = await _browser.PostAsync("/passkeys", page, ("_handler", "passkeys"), ("Input.Remove", "p1"));
        Assert.DoesNotContain("hidden data-confirm-here", asked.Text, StringComparison.Ordinal);
        var wrong = await _browser.PostAsync("/passkeys", asked, ("_handler", "confirm"), ("Proof.Password", "x"));
        Assert.Contains("That is not your password.", wrong.Text, StringComparison.Ordinal);

        _services.Say("POST sessions/confirm", 200, """{"freshUntil":"2099-01-01T00:00:00Z"}""");
        var right = await _browser.PostAsync("/passkeys", wrong, ("_handler", "confirm"), ("Proof.Password", "y"));
        Assert.Contains("Confirmed. Go on.", right.Text, StringComparison.Ordinal);
    }

    private async Task<Page> OpenAsync(string path)
    {
        var signedIn = await _browser.PostAsync("/sign-in", await _browser.GetAsync("/sign-in"), ("_handler", "sign-in"), ("Input.User", "anna"), ("Input.Password", "x"));
        return await _browser.GetAsync(path, signedIn.Cookies);
    }
}
