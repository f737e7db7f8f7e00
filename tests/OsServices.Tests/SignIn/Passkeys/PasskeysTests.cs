using System.Buffers.Text;
using System.Net;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Passkeys;

[Collection(HurriedCollection.Name)]
public sealed class PasskeysTests(HurriedCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Passkey_SignsInWithoutANameOrPassword_AndCountsAsBothFactors()
    {
        var (user, token, key) = await EnrolAsync();
        await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct);
        var factor = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{user}", Ct);
        Assert.Equal(HttpStatusCode.OK, (await cloud.PostAsync("account/totp/confirm", new { code = Totp.CodeAt(factor.Data!["key"], cloud.Now) }, token, Ct)).Status);

        var granted = await UseAsync(key);
        Assert.Equal((HttpStatusCode.OK, user), (granted.Status, granted.Text("user")));
        Assert.True(await cloud.IsTakenAsync(granted.Text("token"), Ct));

        var sessions = (await cloud.SendAsync(HttpMethod.Get, "sessions", null, granted.Text("token"), Ct)).Body!["items"]!.AsArray();
        Assert.Equal("passkey", (string?)sessions.Single(s => (bool)s!["current"]!)!["method"]);
        var listed = (await cloud.SendAsync(HttpMethod.Get, "account/passkeys", null, token, Ct)).Body!["items"]!.AsArray();
        Assert.NotNull(Assert.Single(listed)!["lastUsed"]);
        Assert.Equal(1, (int)(await cloud.SendAsync(HttpMethod.Get, "account", null, token, Ct)).Body!["passkeys"]!);
    }

    [Fact]
    public async Task Password_OfSomebodyWithASecondFactor_LeadsToThePasskey_Too()
    {
        var (user, token, _) = await EnrolAsync();
        await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct);
        var factor = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{user}", Ct);
        await cloud.PostAsync("account/totp/confirm", new { code = Totp.CodeAt(factor.Data!["key"], cloud.Now) }, token, Ct);

        var step = await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct);
        Assert.Equal(["code", "passkey"], step.Body!["methods"]!.AsArray().Select(m => (string)m!));
    }

    [Fact]
    public async Task Challenge_IsTakenOnce_AndOnlyOfTheUserItWasAskedFor()
    {
        var (user, _, key) = await EnrolAsync();
        var used = key.Use(await ChallengeAsync(null));
        Assert.Equal(HttpStatusCode.OK, (await FinishAsync(used)).Status);
        Assert.Equal("expired", (await FinishAsync(used)).Code);
        Assert.Equal("expired", (await FinishAsync(key.Use("bWFkZS11cA"))).Code);

        Assert.Equal("wrong-passkey", (await FinishAsync(key.Use(await ChallengeAsync("somebody-else")))).Code);
        Assert.Equal(HttpStatusCode.OK, (await FinishAsync(key.Use(await ChallengeAsync(user)))).Status);

        var late = key.Use(await ChallengeAsync(null));
        cloud.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("expired", (await FinishAsync(late)).Code);
    }

    [Fact]
    public async Task ChallengeOfANewPasskey_SignsNobodyIn_AndTheOtherWayRound()
    {
        var (_, token, key) = await EnrolAsync();
        Assert.Equal("expired", (await FinishAsync(key.Use(await NewChallengeAsync(token)))).Code);
        Assert.Equal("expired", (await AddAsync(token, new SoftAuthenticator(), await ChallengeAsync(null))).Code);

        var (_, other, _) = await EnrolAsync();
        Assert.Equal("expired", (await AddAsync(other, new SoftAuthenticator(), await NewChallengeAsync(token))).Code);
    }

    [Fact]
    public async Task Credential_OfAnother_SignsNobodyIn()
    {
        var (_, _, anna) = await EnrolAsync();
        var (_, _, ben) = await EnrolAsync();

        var stolenName = new SoftAuthenticator { CredentialId = ben.CredentialId, Handle = ben.Handle };
        Assert.Equal("wrong-passkey", (await UseAsync(stolenName)).Code);

        // Anna's own key under Ben's handle, and Ben's id with it.
        var handle = anna.Handle;
        anna.Handle = ben.Handle;
        Assert.Equal("wrong-passkey", (await UseAsync(anna)).Code);
        anna.Handle = handle;
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(anna)).Status);

        Assert.All(new byte[]?[] { null, new byte[16], new byte[64], "admin"u8.ToArray() }, h => Assert.Equal("wrong-passkey", UseAsync(new SoftAuthenticator { Handle = h }).GetAwaiter().GetResult().Code));
    }

    [Fact]
    public async Task Counter_ThatWentBack_SignsNobodyIn()
    {
        var (_, _, key) = await EnrolAsync(new SoftAuthenticator { Count = 5 });
        key.Count = 6;
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(key)).Status);
        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);
    }

    [Fact]
    public async Task Changes_NeedAFreshSession_NotAKubeconfig()
    {
        var (user, token, key) = await EnrolAsync();
        var id = Passkey.IdOf(key.CredentialId);
        Assert.Equal("no-session", (await cloud.PostAsync("account/passkeys/start", null, await cloud.IssueAsync(user, Ct), Ct)).Code);

        Assert.Equal("invalid", (await cloud.SendAsync(HttpMethod.Put, "account/passkeys/" + id, new { name = " " }, token, Ct)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.SendAsync(HttpMethod.Put, "account/passkeys/" + id, new { name = "Phone" }, token, Ct)).Status);
        Assert.Equal("not-found", (await cloud.SendAsync(HttpMethod.Put, "account/passkeys/handle", new { name = "Phone" }, token, Ct)).Code);
        var listed = (await cloud.SendAsync(HttpMethod.Get, "account/passkeys", null, token, Ct)).Body!["items"]!.AsArray();
        Assert.Equal("Phone", (string?)Assert.Single(listed)!["name"]);

        cloud.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("confirm", (await cloud.PostAsync("account/passkeys/start", null, token, Ct)).Code);
        Assert.Equal("confirm", (await cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + id, null, token, Ct)).Code);
    }

    [Fact]
    public async Task Removed_SignsNobodyIn_AndItsSessionsEnd()
    {
        var (_, token, key) = await EnrolAsync();
        var opened = (await UseAsync(key)).Text("token");

        Assert.Equal(HttpStatusCode.NoContent, (await cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + Passkey.IdOf(key.CredentialId), null, token, Ct)).Status);

        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);
        Assert.True(await cloud.IsTakenAsync(token, Ct));
        Assert.False(await cloud.IsTakenAsync(opened, Ct));
    }

    [Fact]
    public async Task Removed_EndsTheProgramsThatItsSessionsLetIn_AndNothingOfAnotherPasskey()
    {
        var (_, token, lost) = await EnrolAsync();
        var kept = new SoftAuthenticator { Handle = lost.Handle };
        Assert.Equal(HttpStatusCode.OK, (await AddAsync(token, kept, await NewChallengeAsync(token))).Status);
        var program = await LetInAsync((await UseAsync(lost)).Text("token"), "192.0.2.22");
        var (other, others) = ((await UseAsync(kept)).Text("token"), await LetInAsync(token, "192.0.2.23"));

        Assert.Equal(HttpStatusCode.NoContent, (await cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + Passkey.IdOf(lost.CredentialId), null, token, Ct)).Status);

        Assert.False(await cloud.IsTakenAsync(program, Ct));
        Assert.True(await cloud.IsTakenAsync(other, Ct));
        Assert.True(await cloud.IsTakenAsync(others, Ct));
    }

    [Fact]
    public async Task LastWayIn_IsKept_ThoughThereIsAnIdentityOfAProviderThatIsGone()
    {
        var (user, _, key) = await EnrolAsync();
        await cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{user}", null, Ct);
        await cloud.Client.CreateAsync(new OutsideIdentity(new IdentityProvider { Id = "gone", Name = "Gone", Issuer = "https://gone.example", ClientId = "c" }, user, null, null).Lock(user, cloud.Now), Ct);
        var token = (await UseAsync(key)).Text("token");

        Assert.Equal("conflict", (await cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + Passkey.IdOf(key.CredentialId), null, token, Ct)).Code);
    }

    [Fact]
    public async Task LastWayIn_IsKept()
    {
        var (user, _, key) = await EnrolAsync();
        await cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{user}", null, Ct);
        var token = (await UseAsync(key)).Text("token");

        Assert.Equal("conflict", (await cloud.SendAsync(HttpMethod.Delete, "account/passkeys/" + Passkey.IdOf(key.CredentialId), null, token, Ct)).Code);
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(key)).Status);
    }

    [Fact]
    public async Task Passkeys_AreAtMostTwenty_AndNoneTwice()
    {
        var (user, token, key) = await EnrolAsync();
        Assert.Equal("conflict", (await AddAsync(token, key, await NewChallengeAsync(token))).Code);

        var store = new PasskeyStore(cloud.Client);
        var set = (await store.FindAsync(user, Ct))!;
        for (var i = 1; i < PasskeyStore.Most; i++)
        {
            set.Put(new Passkey([(byte)i], [], "p", cloud.Now));
        }

        await store.TryWriteAsync(set, Ct);
        Assert.Equal("limit", (await cloud.PostAsync("account/passkeys/start", null, token, Ct)).Code);
    }

    [Fact]
    public async Task Locked_IsToldSoOnlyWithTheRightPasskey_AndResetTakesThemAway()
    {
        var (user, _, key) = await EnrolAsync();
        var users = new UserAccounts(cloud.Client);
        await users.SetLockedAsync(user, true, Ct);
        Assert.Equal("locked", (await UseAsync(key)).Code);
        Assert.Equal("wrong-passkey", (await UseAsync(new SoftAuthenticator { CredentialId = key.CredentialId, Handle = key.Handle })).Code);
        await users.SetLockedAsync(user, false, Ct);
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(key)).Status);

        Assert.True(await users.ResetSecondFactorAsync(user, Ct));
        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);

        var (second, _, other) = await EnrolAsync();
        await new UserDirectory(cloud.Client).ResetPasswordAsync(second, Ct);
        Assert.Equal("wrong-passkey", (await UseAsync(other)).Code);
    }

    [Fact]
    public async Task Secrets_ThatAreKept_NameNobodyToAuthenticators()
    {
        var (user, _, key) = await EnrolAsync();
        var kept = await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, Ct);

        Assert.Contains(kept.Items, s => s.Metadata.Name == $"sealos-passkeys-{user}");
        Assert.Contains(kept.Items, s => s.Metadata.Name == $"passkeys-{Convert.ToHexStringLower(key.Handle!)}" && s.Metadata.OwnerReferences?[0].Name == $"sealos-passkeys-{user}");
        Assert.DoesNotContain(user, System.Text.Encoding.UTF8.GetString(key.Handle!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Added_WhileThePasswordIsReset_IsNotKept()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var options = await cloud.PostAsync("account/passkeys/start", null, token, Ct);
        var key = new SoftAuthenticator { Handle = Base64Url.DecodeFromChars((string)options.Body!["publicKey"]!["user"]!["id"]!) };
        var made = new { name = "Thief", credential = key.Create((string)options.Body["publicKey"]!["challenge"]!) };

        var added = await cloud.PostAsync("account/passkeys", new LateBody(made, () => new UserDirectory(cloud.Client).ResetPasswordAsync(user, Ct)), token, Ct);

        Assert.Equal("not-signed-in", added.Code);
        Assert.False(await new PasskeyStore(cloud.Client).HasAnyAsync(user, Ct));
        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);
    }

    [Fact]
    public async Task Left_ByWhoeverWasCalledSo_OpensNothingAndGoes()
    {
        var (user, _, key) = await EnrolAsync();
        var (name, uid) = (PasskeyStore.SecretOf(user), (await cloud.Client.GetAsync<User>(null, user, Ct)).Metadata.Uid);
        var kept = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, name, Ct);
        Assert.Equal(uid, kept.Metadata.Annotations!["user.sealos.io/user-uid"]);

        kept.Metadata.Annotations["user.sealos.io/user-uid"] = Guid.NewGuid().ToString();
        await cloud.Client.UpdateAsync(kept, Ct);

        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);
        Assert.Null(await cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, name, Ct));
    }

    [Fact]
    public async Task Kept_ButNotItsHandle_IsOfUseOnceItCounts()
    {
        var (user, _, key) = await EnrolAsync();
        await cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, $"passkeys-{Convert.ToHexStringLower(key.Handle!)}", null, Ct);
        Assert.Equal("wrong-passkey", (await UseAsync(key)).Code);

        Assert.True(await new PasskeyStore(cloud.Client).HasAnyAsync(user, Ct));
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(key)).Status);
    }

    [Fact]
    public async Task SessionOfACode_OfWhoHasAPasskey_IsConfirmedByThePasskey_NotByThePasswordAlone()
    {
        var (_, token, key) = await EnrolAsync();
        var device = await LetInAsync(token, "192.0.2.21");

        Assert.Equal("forbidden", (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password }, device, Ct)).Code);
        Assert.Equal("confirm", (await cloud.PostAsync("account/passkeys/start", null, device, Ct)).Code);
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(device, key.Use(await ConfirmChallengeAsync(device)))).Status);
        Assert.Equal(HttpStatusCode.OK, (await cloud.PostAsync("account/passkeys/start", null, device, Ct)).Status);
    }

    [Fact]
    public async Task Passkey_ConfirmsTheSessionItWasAskedFor_WithoutAPassword_AndNoOther()
    {
        var (user, _, key) = await EnrolAsync();
        var (_, _, stranger) = await EnrolAsync();
        await cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{user}", null, Ct);
        var (token, other) = ((await UseAsync(key)).Text("token"), (await UseAsync(key)).Text("token"));
        cloud.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal("expired", (await ConfirmAsync(token, key.Use(await ChallengeAsync(user)))).Code);
        Assert.Equal("expired", (await ConfirmAsync(token, key.Use(await ConfirmChallengeAsync(other)))).Code);
        Assert.Equal("expired", (await FinishAsync(key.Use(await ConfirmChallengeAsync(token)))).Code);
        Assert.Equal("wrong-passkey", (await ConfirmAsync(token, stranger.Use(await ConfirmChallengeAsync(token)))).Code);
        Assert.Equal("no-session", (await cloud.PostAsync("sessions/confirm/start", null, await cloud.IssueAsync(user, Ct), Ct)).Code);
        Assert.Equal("confirm", (await cloud.PostAsync("account/passkeys/start", null, token, Ct)).Code);

        var answer = key.Use(await ConfirmChallengeAsync(token));
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(token, answer)).Status);
        Assert.Equal("expired", (await ConfirmAsync(token, answer)).Code);
        Assert.Equal(HttpStatusCode.OK, (await cloud.PostAsync("account/passkeys/start", null, token, Ct)).Status);
        Assert.Equal("confirm", (await cloud.PostAsync("account/passkeys/start", null, other, Ct)).Code);
    }

    [Fact]
    public async Task Challenge_OfANameThatNobodyCanHave_SignsNobodyIn()
    {
        var (_, _, key) = await EnrolAsync();

        Assert.Equal("wrong-passkey", (await FinishAsync(key.Use(await ChallengeAsync(new string('a', 5_000))))).Code);
        Assert.Equal("wrong-passkey", (await FinishAsync(key.Use(await ChallengeAsync("No Name")))).Code);
    }

    /// <summary>A new user with a passkey, and a fresh session of theirs.</summary>
    private async Task<(string User, string Token, SoftAuthenticator Key)> EnrolAsync(SoftAuthenticator? key = null)
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        key ??= new SoftAuthenticator();
        var options = await cloud.PostAsync("account/passkeys/start", null, token, Ct);
        key.Handle = Base64Url.DecodeFromChars((string)options.Body!["publicKey"]!["user"]!["id"]!);
        var added = await AddAsync(token, key, (string)options.Body["publicKey"]!["challenge"]!);
        Assert.Equal(HttpStatusCode.OK, added.Status);
        return (user, token, key);
    }

    private async Task<string> NewChallengeAsync(string token) => (string)(await cloud.PostAsync("account/passkeys/start", null, token, Ct)).Body!["publicKey"]!["challenge"]!;

    private async Task<string> ChallengeAsync(string? user) => (string)(await cloud.PostAsync("sign-in/passkey/start", new { user }, null, Ct)).Body!["publicKey"]!["challenge"]!;

    private Task<SignInCloud.Answer> AddAsync(string token, SoftAuthenticator key, string challenge) => cloud.PostAsync("account/passkeys", new { name = "Laptop", credential = key.Create(challenge) }, token, Ct);

    private Task<SignInCloud.Answer> FinishAsync(PasskeyCredential credential) => cloud.PostAsync("sign-in/passkey", new { credential }, null, Ct);

    private async Task<string> ConfirmChallengeAsync(string token) => (string)(await cloud.PostAsync("sessions/confirm/start", null, token, Ct)).Body!["publicKey"]!["challenge"]!;

    private Task<SignInCloud.Answer> ConfirmAsync(string token, PasskeyCredential credential) => cloud.PostAsync("sessions/confirm", new { credential }, token, Ct);

    /// <summary>The session of a program that a person lets in.</summary>
    private async Task<string> LetInAsync(string token, string from)
    {
        var asked = await cloud.SendAsync(HttpMethod.Post, "device/code", null, null, Ct, from);
        await cloud.PostAsync("device/requests/" + asked.Text("userCode"), new { approve = true }, token, Ct);
        return (await cloud.PostAsync("device/token", new { deviceCode = asked.Text("deviceCode") }, null, Ct)).Text("token");
    }

    private async Task<SignInCloud.Answer> UseAsync(SoftAuthenticator key) => await FinishAsync(key.Use(await ChallengeAsync(null)));
}
