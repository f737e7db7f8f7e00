using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
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
}
