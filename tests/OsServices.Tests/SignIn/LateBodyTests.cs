using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>A request that was let in and says what it wants only when its session has ended: it is as if it came then.</summary>
public sealed class LateBodyTests(SignInCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Lasting => new()
    {
        { "tokens", """{"name":"ci","role":"Developer","workspaces":["none"]}""" },
        { "account/password", """{"oldPassword":"Vnw3-lanternfish-quarry","newPassword":"Vnw4-lanternfish-quarry"}""" },
        { "account/delete", """{"name":"none"}""" },
        { "account/merge", """{"token":"none"}""" },
        { "account/totp/start", """{"password":"Vnw3-lanternfish-quarry"}""" },
        { "account/totp/confirm", """{"code":"000000"}""" },
        { "account/passkeys", """{"name":"Thief","credential":{"id":"AAAA","response":{}}}""" },
        { "account/identities/none/link", """{"next":"/"}""" },
        { "device/requests/BBBB-BBBB", """{"approve":true}""" },
        { "sessions/confirm", """{"password":"Vnw3-lanternfish-quarry"}""" },
        { "kubeconfig/rotate", "{}" },
    };

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task Body_ThatComesAfterTheEndOfTheSession_AResetOrALock_WritesNothing(string path, string body)
    {
        var user = await cloud.MakeUserAsync(Ct);
        foreach (var (code, end) in new (string, Func<Task>)[]
        {
            ("ended", () => Sessions.EndAllAsync(cloud.Client, user, null, Ct)),
            ("locked", () => new UserAccounts(cloud.Client).SetLockedAsync(user, true, Ct)),
        })
        {
            var token = await cloud.SignInAsync(user, Ct);
            var answer = await cloud.PostAsync(path, new LateBody(System.Text.Json.JsonDocument.Parse(body).RootElement, end), token, Ct);

            // The lock itself may have ended the session by then.
            Assert.Contains(answer.Code, (string[])["not-signed-in", "no-session", .. code == "locked" ? ["locked"] : (string[])[]]);
        }

        await cloud.Client.DeleteAsync<Sealos.Kinds.Core.Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), null, Ct);
    }
}
