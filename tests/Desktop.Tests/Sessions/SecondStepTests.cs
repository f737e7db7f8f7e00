using System.Net;
using System.Text.RegularExpressions;
using Sealos.Desktop;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>What is wanted besides the first factor is wanted, and can be given, in whichever way somebody came.</summary>
public sealed class SecondStepTests : IAsyncLifetime
{
    private const string SetUp = """{"step":"the-step","next":"set-up-second-factor","expires":"2030-01-01T00:00:00Z","methods":["code","passkey"]}""";
    private const string Grant = """{"user":"anna","token":"the-token","expires":"2099-01-01T00:00:00Z","workspace":"ns-anna"}""";
    private const string Callback = "/sign-in/callback?state=s&code=c";
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-steps-").FullName;
    private readonly DesktopComponent _desktop;
    private readonly FormBrowser _browser;
    private StandInServices _services = null!;

    public SecondStepTests()
    {
        _desktop = DesktopServerTests.DesktopIn(_folder, "services.sock");
        _browser = new FormBrowser(Path.Combine(_folder, "desktop.sock"));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _services = await StandInServices.StartAsync(Path.Combine(_folder, "services.sock"), Ct);
        _services.Say("GET sign-in/ways", 200, """{"signUp":"open","providers":[]}""");
        _services.Say("POST sign-in/set-up/totp/start", 200, """{"secret":"KEYKEYKEY","uri":"otpauth://x","svg":"<svg></svg>"}""");
        _services.Say("POST sign-in/set-up/totp", 200, $$"""{"grant":{{Grant}},"recoveryCodes":["first-code","other-code"]}""");
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
    public async Task SignUp_WhereASecondFactorIsDemanded_GoesOnWithSettingItUp()
    {
        _services.Say("POST sign-up", 202, SetUp);

        var page = await _browser.PostAsync("/sign-up", await _browser.GetAsync("/sign-up"), ("_handler", "sign-up"), ("Input.Name", "anna"), ("Input.Password", "Vnw3-lanternfish-quarry"));

        await SetUpIsFinishedAsync(page, "/");
    }

    [Fact]
    public async Task Callback_OfWhomASecondFactorIsDemanded_GoesOnWithSettingItUp_AndWhereTheyWantedToGo()
    {
        _services.Say("POST sign-in/identities/finish", 200, $$"""{"next":"/launchpad","step":{{SetUp}}}""");

        await SetUpIsFinishedAsync(await _browser.GetAsync(Callback), "/launchpad");
    }

    [Fact]
    public async Task Callback_OfAStranger_WhereASecondFactorIsDemanded_GoesOnWithSettingItUp()
    {
        _services.Say("POST sign-in/identities/finish", 200, """{"next":"/","signUp":{"ticket":"t","provider":"Corp","name":"anna","displayName":"","needsInvitation":false}}""");
        _services.Say("POST sign-in/identities/sign-up", 202, SetUp);

        var asked = await _browser.GetAsync(Callback);
        var page = await _browser.PostAsync("/sign-in/callback", asked, ("_handler", "identity-sign-up"), ("Input.Ticket", "t"), ("Input.Provider", "Corp"), ("Input.Name", "anna"));

        await SetUpIsFinishedAsync(page, "/");
    }

    [Fact]
    public async Task Stranger_WhoseNameIsTaken_IsToldSo_AndMayChooseAnother()
    {
        _services.Say("POST sign-in/identities/finish", 200, """{"next":"/","signUp":{"ticket":"t","provider":"Corp","name":"anna","displayName":"","needsInvitation":false}}""");
        _services.Say("POST sign-in/identities/sign-up", 409, """{"error":"Somebody is called that already.","code":"conflict","field":"name"}""");

        var page = await _browser.PostAsync("/sign-in/callback", await _browser.GetAsync(Callback), ("_handler", "identity-sign-up"), ("Input.Ticket", "t"), ("Input.Provider", "Corp"), ("Input.Name", "anna"));

        Assert.Contains("Somebody is called that already.", page.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"Input.Ticket\" value=\"t\"", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["code"]""", true, false)]
    [InlineData("""["passkey"]""", false, true)]
    [InlineData("""["code","passkey"]""", true, true)]
    public async Task Callback_AsksForTheSecondFactorThatThereIs(string methods, bool isCode, bool isPasskey)
    {
        _services.Say("POST sign-in/identities/finish", 200, $$$"""{"next":"/launchpad","step":{"step":"the-step","next":"second-factor","expires":"2030-01-01T00:00:00Z","methods":{{{methods}}}}}""");

        var page = await _browser.GetAsync(Callback);

        Assert.Equal(isCode, page.Text.Contains("name=\"Input.Code\"", StringComparison.Ordinal));
        Assert.Equal(isPasskey, page.Text.Contains("data-passkey-sign-in=\"/launchpad\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""["code"]""", false)]
    [InlineData("""["code","passkey"]""", true)]
    public async Task WrongCode_IsAskedForAgainInTheSameStep(string methods, bool isPasskey)
    {
        _services.Say("POST sign-in", 202, $$"""{"step":"the-step","next":"second-factor","expires":"2030-01-01T00:00:00Z","methods":{{methods}}}""");
        _services.Say("POST sign-in/second-factor", 401, """{"error":"The code is wrong.","code":"wrong-code"}""");

        var asked = await _browser.PostAsync("/sign-in", await _browser.GetAsync("/sign-in"), ("_handler", "sign-in"), ("Input.User", "anna"), ("Input.Password", "x"));
        var page = await _browser.PostAsync("/sign-in", asked, [.. asked.Hidden, ("Input.Code", "000000")]);

        Assert.Contains("The code is wrong", page.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"Input.Step\" value=\"the-step\"", page.Text, StringComparison.Ordinal);
        Assert.Equal(isPasskey, page.Text.Contains("data-passkey-sign-in", StringComparison.Ordinal));
        Assert.Contains(_services.Asked, a => a.StartsWith("POST sign-in/second-factor", StringComparison.Ordinal) && a.Contains("the-step", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SetUp_ByAPasskey_OpensASessionAndGoesOn()
    {
        _services.Say("POST sign-in/identities/finish", 200, $$"""{"next":"/launchpad","step":{{SetUp}}}""");
        _services.Say("POST sign-in/set-up/passkey", 200, $$"""{"grant":{{Grant}},"recoveryCodes":[]}""");

        var page = await _browser.GetAsync(Callback);
        Assert.Contains("data-passkey-set-up=\"the-step\" data-next=\"/launchpad\"", page.Text, StringComparison.Ordinal);
        using var answer = await _browser.SendAsync("/sign-in/set-up/passkey?next=%2Flaunchpad", """{"step":"the-step","name":"Passkey","credential":{"id":"x"}}""");

        Assert.Equal("""{"next":"/launchpad"}""", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Contains(FormBrowser.CookiesOf(answer), c => c.StartsWith("__Host-sealos=", StringComparison.Ordinal));
        Assert.Contains("""POST sign-in/set-up/passkey {"step":"the-step","name":"Passkey","credential":{"id":"x"}}""", _services.Asked);
    }

    [Fact]
    public async Task SetUp_ByAPasskeyThatIsRefused_SaysWhyAndOpensNothing()
    {
        _services.Say("POST sign-in/set-up/passkey", 410, """{"error":"This took too long.","code":"expired"}""");

        using var answer = await _browser.SendAsync("/sign-in/set-up/passkey", "{}");

        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        Assert.Equal("""{"error":"This took too long.","code":"expired"}""", await answer.Content.ReadAsStringAsync(Ct));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    private async Task SetUpIsFinishedAsync(Page page, string next)
    {
        Assert.Contains("KEYKEYKEY", page.Text, StringComparison.Ordinal);
        var address = WebUtility.HtmlDecode(Regex.Match(page.Text, "action=\"(/sign-in/set-up[^\"]*)\"").Groups[1].Value);

        var done = await _browser.PostAsync(address, page, [.. page.Hidden, ("Input.Code", "123456")]);

        Assert.Contains("first-code", done.Text, StringComparison.Ordinal);
        Assert.Contains($"href=\"{next}\"", done.Text, StringComparison.Ordinal);
        Assert.Contains(done.Cookies, c => c.StartsWith("__Host-sealos=", StringComparison.Ordinal));
        Assert.Contains("""POST sign-in/set-up/totp {"step":"the-step","code":"123456"}""", _services.Asked);
    }
}
