using System.Buffers.Text;
using System.Net;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;
using Sealos.OsServices_Tests.SignIn.Passkeys;
using Sealos.OsServices_Tests.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>A cloud of its own: what the operator demands holds for everybody in it.</summary>
public sealed class SecondFactorDemandTests : IAsyncLifetime
{
    private readonly SignInCloud _cloud = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _cloud.InitializeAsync();

    public ValueTask DisposeAsync() => _cloud.DisposeAsync();

    [Fact]
    public async Task DemandedOfEverybody_WhoHasNone_MakesOneAndOnlyThenHasASession()
    {
        var (anna, ben) = (await _cloud.MakeUserAsync(Ct), await _cloud.MakeUserAsync(Ct));
        await _cloud.SignInAsync(anna, Ct);
        await DemandAsync("everybody");

        // With an authenticator.
        var step = await StepAsync(anna, "set-up-second-factor");
        Assert.Equal("expired", (await _cloud.PostAsync("sign-in/second-factor", new { step, code = "123456" }, null, Ct)).Code);
        Assert.Equal("expired", (await _cloud.PostAsync("sign-in/set-up/totp/start", new { step = "made-up" }, null, Ct)).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _cloud.SendAsync(HttpMethod.Get, "whoami", null, step, Ct)).Status);
        var started = await _cloud.PostAsync("sign-in/set-up/totp/start", new { step }, null, Ct);
        Assert.StartsWith("otpauth://", started.Text("uri"), StringComparison.Ordinal);
        Assert.Equal("wrong-code", (await _cloud.PostAsync("sign-in/set-up/totp", new { step, code = "0" }, null, Ct)).Code);
        var key = (await _cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{anna}", Ct)).Data!["key"];
        var done = await _cloud.PostAsync("sign-in/set-up/totp", new { step, code = Totp.CodeAt(key, _cloud.Now) }, null, Ct);
        Assert.Equal(10, done.Body!["recoveryCodes"]!.AsArray().Count);
        var token = (string)done.Body["grant"]!["token"]!;
        Assert.True(await _cloud.IsTakenAsync(token, Ct));
        Assert.Equal("expired", (await _cloud.PostAsync("sign-in/set-up/totp/start", new { step }, null, Ct)).Code);
        await StepAsync(anna, "second-factor");
        Assert.Equal("conflict", (await _cloud.PostAsync("account/totp/remove", new { password = SignInCloud.Password, code = (string)done.Body["recoveryCodes"]![0]! }, token, Ct)).Code);

        // With a passkey; a second step of the same password cannot add another.
        var (first, second) = (await StepAsync(ben, "set-up-second-factor"), await StepAsync(ben, "set-up-second-factor"));
        var options = await _cloud.PostAsync("sign-in/set-up/passkey/start", new { step = first }, null, Ct);
        var passkey = new SoftAuthenticator { Handle = Base64Url.DecodeFromChars((string)options.Body!["publicKey"]!["user"]!["id"]!) };
        var made = await _cloud.PostAsync("sign-in/set-up/passkey", new { step = first, name = "Phone", credential = passkey.Create((string)options.Body["publicKey"]!["challenge"]!) }, null, Ct);
        Assert.Equal(ben, (string?)made.Body!["grant"]!["user"]);
        Assert.Equal("expired", (await _cloud.PostAsync("sign-in/set-up/totp/start", new { step = second }, null, Ct)).Code);
        await StepAsync(ben, "second-factor");
        Assert.Equal("conflict", (await _cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + Passkey.IdOf(passkey.CredentialId), null, (string)made.Body["grant"]!["token"]!, Ct)).Code);
        var challenge = (string)(await _cloud.PostAsync("sign-in/passkey/start", new { }, null, Ct)).Body!["publicKey"]!["challenge"]!;
        Assert.Equal(HttpStatusCode.OK, (await _cloud.PostAsync("sign-in/passkey", new { credential = passkey.Use(challenge) }, null, Ct)).Status);
    }

    [Fact]
    public async Task DemandedOfOperators_OthersSignInAsBefore()
    {
        var anna = await _cloud.MakeUserAsync(Ct);
        await new UserDirectory(_cloud.Client).ResetPasswordAsync("admin", Ct);
        var password = (await _cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, "sealos-password-admin", Ct))!;
        password.Data!["hash"] = System.Text.Encoding.ASCII.GetBytes(PasswordHash.Create(SignInCloud.Password));
        await _cloud.Client.UpdateAsync(password, Ct);
        await DemandAsync("operators");

        await _cloud.SignInAsync(anna, Ct);
        await StepAsync("admin", "set-up-second-factor");
    }

    [Fact]
    public async Task Step_WhosePasswordWasReset_OrWhoseUserIsLocked_MakesNoFactor()
    {
        var (anna, ben) = (await _cloud.MakeUserAsync(Ct), await _cloud.MakeUserAsync(Ct));
        await DemandAsync("everybody");
        var (hers, his) = (await StepAsync(anna, "set-up-second-factor"), await StepAsync(ben, "set-up-second-factor"));
        var options = await _cloud.PostAsync("sign-in/set-up/passkey/start", new { step = hers }, null, Ct);
        var passkey = new SoftAuthenticator { Handle = Base64Url.DecodeFromChars((string)options.Body!["publicKey"]!["user"]!["id"]!) };
        await _cloud.PostAsync("sign-in/set-up/totp/start", new { step = his }, null, Ct);
        var key = (await _cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{ben}", Ct)).Data!["key"];

        await new UserDirectory(_cloud.Client).ResetPasswordAsync(anna, Ct);
        await new UserAccounts(_cloud.Client).SetLockedAsync(ben, true, Ct);
        var made = await _cloud.PostAsync("sign-in/set-up/passkey", new { step = hers, name = "Thief", credential = passkey.Create((string)options.Body["publicKey"]!["challenge"]!) }, null, Ct);
        var confirmed = await _cloud.PostAsync("sign-in/set-up/totp", new { step = his, code = Totp.CodeAt(key, _cloud.Now) }, null, Ct);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (made.Status, confirmed.Status));
        Assert.Null(await _cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-passkeys-{anna}", Ct));
        Assert.DoesNotContain("confirmed", (await _cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{ben}", Ct)).Data!.Keys);
    }

    [Fact]
    public async Task DemandThatCannotBeRead_IsMadeOfEverybody_AndEndsWhenItIsPutRight()
    {
        var anna = await _cloud.MakeUserAsync(Ct);
        await DemandAsync("sometimes");

        await StepAsync(anna, "set-up-second-factor");
        var settings = await _cloud.Client.GetAsync<ConfigMap>("sealos-system", "sign-in", Ct);
        settings.Data = new() { ["secondFactor"] = "optional", ["signUp"] = "off" };
        await _cloud.Client.UpdateAsync(settings, Ct);
        await KnownAsync("off");
        await _cloud.SignInAsync(anna, Ct);
    }

    // The settings are followed and not read at each sign-in: who may sign up comes with them, and shows that they are known.
    private async Task DemandAsync(string of)
    {
        await _cloud.Client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "sealos-system" } }, Ct);
        await _cloud.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "sign-in", Namespace = "sealos-system" }, Data = new() { ["secondFactor"] = of, ["signUp"] = "invitation" } }, Ct);
        await KnownAsync("invitation");
    }

    private Task KnownAsync(string signUp) => UsersFixture.EventuallyAsync(
        "the settings being known", async () => (await _cloud.SendAsync(HttpMethod.Get, "sign-in/ways", null, null, Ct)).Text("signUp") == signUp);

    private async Task<string> StepAsync(string user, string next)
    {
        var answer = await _cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct);
        Assert.Equal((HttpStatusCode.Accepted, next), (answer.Status, answer.Text("next")));
        return answer.Text("step");
    }
}
