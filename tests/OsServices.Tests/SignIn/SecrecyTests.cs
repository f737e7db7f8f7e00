using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SecrecyTests(SignInCloud cloud)
{
    [Fact]
    public async Task Secrets_AppearNeitherInLogsNorInAnswersNorInAnnotations()
    {
        var ct = TestContext.Current.CancellationToken;
        var user = await cloud.MakeUserAsync(ct);
        var token = await cloud.SignInAsync(user, ct);
        const string wrong = "marked-wrong-passw0rd-77", next = "marked-next-passw0rd-88";
        string[] answers =
        [
            (await cloud.PostAsync("sign-in", new { user, password = wrong }, null, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("account/password", new { oldPassword = wrong, newPassword = next }, token, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("account/password", new { oldPassword = SignInCloud.Password, newPassword = "short" }, token, ct)).Body!.ToJsonString(),
            (await cloud.SendAsync(HttpMethod.Get, "sessions", null, token, ct)).Body!.ToJsonString(),
        ];
        await cloud.PostAsync("account/password", new { oldPassword = SignInCloud.Password, newPassword = next }, token, ct);
        await cloud.PostAsync("sign-out", null, token, ct);

        var secrets = await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct);
        var annotations = string.Join(' ', secrets.Items.SelectMany(s => s.Metadata.Annotations?.Values ?? Enumerable.Empty<string>()));
        var seen = string.Join('\n', [cloud.Log.Text, annotations, .. answers]);
        Assert.All([wrong, next, SignInCloud.Password, token, token.Split('.')[2]], secret => Assert.DoesNotContain(secret, seen, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SecondFactor_AppearsOnlyWhereItIsGiven()
    {
        var ct = TestContext.Current.CancellationToken;
        var user = await cloud.MakeUserAsync(ct);
        var token = await cloud.SignInAsync(user, ct);
        var key = (await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, ct)).Text("secret");
        var factor = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, SecondFactors.SecretOf(user), ct);
        var code = Totp.CodeAt(factor.Data!["key"], cloud.Now);
        var confirmed = await cloud.PostAsync("account/totp/confirm", new { code }, token, ct);
        string[] codes = [.. confirmed.Body!["recoveryCodes"]!.AsArray().Select(c => (string)c!)];
        var step = (await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, ct)).Text("step");
        string[] answers =
        [
            (await cloud.PostAsync("sign-in/second-factor", new { step, code }, null, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("sign-in/second-factor", new { step, code = codes[0] }, null, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("sign-in/second-factor", new { step, code = codes[0] }, null, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, ct)).Body!.ToJsonString(),
            (await cloud.PostAsync("account/totp/remove", new { password = "no", code = codes[1] }, token, ct)).Body!.ToJsonString(),
            (await cloud.SendAsync(HttpMethod.Get, "account", null, token, ct)).Body!.ToJsonString(),
            (await cloud.SendAsync(HttpMethod.Get, "sessions", null, token, ct)).Body!.ToJsonString(),
        ];

        // The key stands in its own Secret, and the recovery codes and the step stand nowhere.
        var secrets = await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct);
        var stored = secrets.Items.Select(s => string.Join(' ', [s.Metadata.Name!, .. s.Metadata.Annotations?.Values ?? Enumerable.Empty<string>(), .. s.Metadata.Labels?.Values ?? Enumerable.Empty<string>(), .. (s.Data?.Values ?? Enumerable.Empty<byte[]>()).Select(System.Text.Encoding.Latin1.GetString)]));
        var seen = string.Join('\n', [cloud.Log.Text, .. stored, .. answers]);
        Assert.All([key, step, .. codes, .. codes.Select(c => c.Replace("-", "", StringComparison.Ordinal))], secret => Assert.DoesNotContain(secret, seen, StringComparison.OrdinalIgnoreCase));
        Assert.All(codes, c => Assert.Equal(14, c.Length));
    }
}
