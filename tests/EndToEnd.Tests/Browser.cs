using Microsoft.Playwright;

namespace Sealos.EndToEnd_Tests;

/// <summary>Debian's Chromium without a screen, driven by Playwright; each page has cookies of its own.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly BrowserNetwork _network;

    private Browser(IPlaywright playwright, IBrowser browser, BrowserNetwork network)
    {
        _network = network;
        _playwright = playwright;
        _browser = browser;
    }

    public static async Task<Browser> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(20_000);
        var network = await BrowserNetwork.StartAsync();
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = network.Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", $"--host-resolver-rules=MAP *.localhost {BrowserNetwork.CloudAddress}"],
        }), network);
    }

    /// <summary>A page of a new visitor, 1440 by 900, who likes the light.</summary>
    public async Task<IPage> OpenAsync()
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            // The cloud's own authority is trusted by people who follow 'sealos trust'; a browser without a screen has no place for it.
            IgnoreHTTPSErrors = true,
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
            ColorScheme = ColorScheme.Light,

            // What is measured stands still.
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await context.NewPageAsync();
    }

    /// <summary>Gives a page an authenticator of its own, which says yes to everything.</summary>
    public static async Task AddAuthenticatorAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _network.DisposeAsync();
    }
}
