using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A person makes a passkey in a real browser, signs in with it, lets in the command line by a code, and is asked for a second factor.</summary>
[Collection(CloudCollection.Name)]
public sealed class SignInStoryTests(CloudFixture fixture) : IAsyncLifetime
{
    private const string Password = "Vnw3-lanternfish-quarry";
    private readonly Cloud _cloud = fixture.Cloud;
    private readonly string _home = Directory.CreateTempSubdirectory("sealos-sign-in-").FullName;
    private readonly string _user = "key-" + Guid.NewGuid().ToString("N")[..6];
    private Browser _browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Console => $"https://{_cloud.Domain}:{_cloud.HttpsPort}";

    public async ValueTask InitializeAsync()
    {
        _browser = await Browser.StartAsync();
        await _cloud.SealosAsync(["user", "create", _user, "--password-stdin"], Ct, Password).OutputAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        Directory.Delete(_home, recursive: true);
        await _cloud.KubectlAsync(["delete", "user.user.sealos.io", _user, "--ignore-not-found", "--wait=false"], CancellationToken.None);
    }

    [Fact]
    public async Task Passkey_SignsInWithoutAPassword_AndLetsInTheCommandLine()
    {
        var page = await _browser.OpenAsync();
        await Browser.AddAuthenticatorAsync(page);
        await page.GotoAsync(Console + "/passkeys");
        await SubmitAsync(page);
        await page.FillAsync("#passkey-name", "Laptop");
        await page.ClickAsync("[data-passkey-add]");
        await Expect(page.Locator("[data-passkey-name='Laptop']")).ToBeVisibleAsync();

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(Console + "/passkeys");
        await page.ClickAsync("[data-passkey-sign-in]");
        await Expect(page.Locator("[data-passkey-name='Laptop']")).ToContainTextAsync("last used");

        using var login = Command.Start("env", [.. Cli, "login", "--device", Console, "--ca", Path.Combine(_cloud.DataFolder, "apps-ca.crt")]);
        var code = await ReadCodeAsync(login);
        await page.GotoAsync($"{Console}/device?code={code}");
        await Expect(page.Locator("[data-device-code]")).ToHaveTextAsync(code);
        await Expect(page.Locator("[data-device-agent]")).ToContainTextAsync("sealos-cli");
        await page.ClickAsync("button[value=approve]");
        await Expect(page.Locator("h1")).ToHaveTextAsync("It is let in");
        await login.WaitForExitAsync(Ct);
        Assert.Equal(0, login.ExitCode);
        var sessions = await Command.RunAsync("env", [.. Cli, "session", "list"], ct: Ct).OutputAsync();
        Assert.Matches(@"\* .*device", sessions);
        Assert.Contains("passkey", sessions, StringComparison.Ordinal);

        // The code was of one use.
        await page.GotoAsync($"{Console}/device?code={code}");
        await Expect(page.Locator("[role=alert]")).ToContainTextAsync("No program waits under this code");
        await page.GotoAsync(Console + "/passkeys");
        await page.ClickAsync("text=Remove");
        await Expect(page.Locator("[data-passkey-name]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task SecondFactorThatIsDemanded_IsSetUpAtTheFirstSignIn()
    {
        await _cloud.KubectlAsync(["create", "namespace", "sealos-system"], Ct);
        await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sign-in","namespace":"sealos-system"},"data":{"secondFactor":"everybody","signUp":"invitation"}}""").OutputAsync();
        try
        {
            await KnownAsync("invitation");
            var page = await _browser.OpenAsync();
            await page.GotoAsync(Console + "/passkeys");
            await SubmitAsync(page);
            await Expect(page.Locator(".authenticator-picture svg")).ToBeVisibleAsync();
            var secret = await page.Locator("[name='Input.Secret']").InputValueAsync();
            await page.FillAsync("[name='Input.Code']", "000");
            await page.ClickAsync("button[type=submit]");
            await Expect(page.Locator(".banner[role=alert]")).ToContainTextAsync("The code is wrong");

            await page.FillAsync("[name='Input.Code']", CodeOf(secret));
            await page.ClickAsync("button[type=submit]");
            await Expect(page.Locator("[data-recovery-codes]")).ToContainTextAsync("-");
            await page.ClickAsync("text=I have kept them");
            await Expect(page.Locator("h1")).ToHaveTextAsync("Your passkeys");

            // A passkey does as well, both when one is to be made and when it is asked for.
            await _cloud.SealosAsync(["user", "reset-second-factor", _user], Ct).OutputAsync();
            await Browser.AddAuthenticatorAsync(page);
            foreach (var button in new[] { "[data-passkey-set-up]", "[data-passkey-sign-in]" })
            {
                await page.Context.ClearCookiesAsync();
                await page.GotoAsync(Console + "/passkeys");
                await SubmitAsync(page);
                await Expect(page.Locator("[name='Input.User']")).ToHaveCountAsync(0);
                await page.ClickAsync(button);
                await Expect(page.Locator("[data-passkey-name='Passkey']")).ToBeVisibleAsync();
            }
        }
        finally
        {
            await _cloud.KubectlAsync(["delete", "configmap", "sign-in", "-n", "sealos-system"], CancellationToken.None);
            await KnownAsync("off");
        }
    }

    private IEnumerable<string> Cli => [$"XDG_CONFIG_HOME={_home}", "dotnet", Repository.Program];

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    // What a real authenticator would show; a step that has just begun may be the services' next one, which counts too.
    internal static string CodeOf(string secret)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(secret.Where(Alphabet.Contains).Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] key = [.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2))];
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What authenticators use.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static async Task<string> ReadCodeAsync(Process login)
    {
        while (await login.StandardError.ReadLineAsync(Ct) is { } line)
        {
            if (Regex.Match(line, "^  ([B-Z]{4}-[B-Z]{4})$") is { Success: true } match)
            {
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException("the command line showed no code");
    }

    // The settings are followed and not read at each sign-in: who may sign up comes with them, and shows that they are known.
    private async Task KnownAsync(string signUp)
    {
        using var http = _cloud.OpenBrowser();
        await Eventually.TrueAsync($"sign-up is {signUp}", async () => (string?)JsonNode.Parse(await http.GetStringAsync(new Uri(Console + "/api/v1/sign-in/ways"), Ct))!["signUp"] == signUp, ct: Ct);
    }

    private async Task SubmitAsync(IPage page)
    {
        await page.FillAsync("[name='Input.User']", _user);
        await page.FillAsync("[name='Input.Password']", Password);
        await page.ClickAsync("button[type=submit]");
    }
}
