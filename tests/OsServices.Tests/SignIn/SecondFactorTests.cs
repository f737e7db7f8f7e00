using System.Net;
using System.Text;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SecondFactorTests(SignInCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_WithASecondFactor_TakesTwoSteps_AndEachCodeOnce()
    {
        var (user, _, codes) = await EnrolAsync();

        // The code that confirmed is used up, and so is every step up to it.
        var step = await StepAsync(user);
        Assert.Equal("wrong-code", (await SecondAsync(step, await CodeAsync(user, TimeSpan.Zero))).Code);

        var next = await CodeAsync(user, TimeSpan.FromSeconds(30));
        var granted = await SecondAsync(step, next);
        Assert.Equal(HttpStatusCode.OK, granted.Status);
        Assert.True(await cloud.IsTakenAsync(granted.Text("token"), Ct));

        Assert.Equal("expired", (await SecondAsync(step, codes[0])).Code);
        Assert.Equal("wrong-code", (await SecondAsync(await StepAsync(user), next)).Code);
    }

    [Fact]
    public async Task RecoveryCode_StandsInForTheAuthenticator_Once()
    {
        var (user, _, codes) = await EnrolAsync();

        var granted = await SecondAsync(await StepAsync(user), codes[3].ToUpperInvariant());
        Assert.Equal(HttpStatusCode.OK, granted.Status);
        Assert.Equal("wrong-code", (await SecondAsync(await StepAsync(user), codes[3])).Code);

        Assert.Equal(9, (int)(await cloud.SendAsync(HttpMethod.Get, "account", null, granted.Text("token"), Ct)).Body!["recoveryCodesLeft"]!);
        var stored = Encoding.ASCII.GetString((await FactorAsync(user)).Data!["recovery"]);
        Assert.All(codes, c => Assert.DoesNotContain(c.Replace("-", "", StringComparison.Ordinal), stored, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Step_EndsAfterAFewWrongCodes()
    {
        var (user, _, codes) = await EnrolAsync();
        var step = await StepAsync(user);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("wrong-code", (await SecondAsync(step, "no")).Code);
        }

        Assert.Equal("expired", (await SecondAsync(step, codes[0])).Code);
    }

    [Fact]
    public async Task Factor_LeftByWhoeverWasCalledSo_IsAskedOfNobody()
    {
        var (user, _, _) = await EnrolAsync();
        var factor = await FactorAsync(user);
        factor.Metadata.Annotations!["user.sealos.io/user-uid"] = Guid.NewGuid().ToString();
        await cloud.Client.UpdateAsync(factor, Ct);

        await cloud.SignInAsync(user, Ct);
        Assert.Null(await cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{user}", Ct));
    }

    [Fact]
    public async Task Key_ThatIsNotConfirmed_DoesNotCount()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);

        Assert.Equal("wrong", (await cloud.PostAsync("account/totp/start", new { password = "no" }, token, Ct)).Code);
        await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct);
        Assert.Equal("wrong-code", (await cloud.PostAsync("account/totp/confirm", new { code = "000" }, token, Ct)).Code);

        await cloud.SignInAsync(user, Ct);
    }

    [Fact]
    public async Task Remove_NeedsBothFactors()
    {
        var (user, token, codes) = await EnrolAsync();

        Assert.Equal("wrong", (await cloud.PostAsync("account/totp/remove", new { password = "no", code = codes[0] }, token, Ct)).Code);
        Assert.Equal("wrong-code", (await cloud.PostAsync("account/totp/remove", new { password = SignInCloud.Password, code = "no" }, token, Ct)).Code);
        Assert.Equal("conflict", (await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.PostAsync("account/totp/remove", new { password = SignInCloud.Password, code = codes[0] }, token, Ct)).Status);

        await cloud.SignInAsync(user, Ct);
    }

    [Fact]
    public async Task ResetByTheOperator_LeavesThePasswordAlone_AndEndsStepsThatWait()
    {
        var (user, _, codes) = await EnrolAsync();
        var step = await StepAsync(user);
        var users = new UserAccounts(cloud.Client);

        Assert.True(await users.ResetSecondFactorAsync(user, Ct));
        Assert.False(await users.ResetSecondFactorAsync(user, Ct));

        Assert.Equal("wrong-code", (await SecondAsync(step, codes[0])).Code);
        await cloud.SignInAsync(user, Ct);
    }

    [Fact]
    public async Task ResetOfThePassword_TakesTheAuthenticatorAndItsRecoveryCodes()
    {
        var (user, _, codes) = await EnrolAsync();
        var step = await StepAsync(user);

        var password = await new UserDirectory(cloud.Client).ResetPasswordAsync(user, Ct);

        Assert.Equal("wrong-code", (await SecondAsync(step, codes[0])).Code);
        await cloud.SignInAsync(user, Ct, password);
    }

    private async Task<(string User, string Token, string[] Codes)> EnrolAsync()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct);
        var confirmed = await cloud.PostAsync("account/totp/confirm", new { code = await CodeAsync(user, TimeSpan.Zero) }, token, Ct);
        Assert.Equal(HttpStatusCode.OK, confirmed.Status);
        return (user, token, [.. confirmed.Body!["recoveryCodes"]!.AsArray().Select(c => (string)c!)]);
    }

    private Task<Secret> FactorAsync(string user) => cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{user}", Ct);

    // Counted from the step that was used last, if there is one, so that a test does not depend on when within a step it runs.
    private async Task<string> CodeAsync(string user, TimeSpan later)
    {
        var factor = await FactorAsync(user);
        var at = factor.Data!.TryGetValue("last", out var last) ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(last, System.Globalization.CultureInfo.InvariantCulture) * 30) : cloud.Now;
        return Totp.CodeAt(factor.Data["key"], at + later);
    }

    private async Task<string> StepAsync(string user)
    {
        var answer = await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct);
        Assert.Equal((HttpStatusCode.Accepted, "second-factor"), (answer.Status, answer.Text("next")));
        return answer.Text("step");
    }

    private Task<SignInCloud.Answer> SecondAsync(string step, string code) => cloud.PostAsync("sign-in/second-factor", new { step, code }, null, Ct);
}
