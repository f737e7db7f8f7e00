using System.Net;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class PasswordsTests(SignInCloud cloud)
{
    private const string Next = "otter-7-glides-under";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_AsksForTheOldOne_AndEndsOtherSessions()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var own = await cloud.SignInAsync(user, Ct);
        var other = await cloud.SignInAsync(user, Ct);
        var programs = new List<string>();
        foreach (var type in new[] { "user.sealos.io/kubeconfig-token", "user.sealos.io/token" })
        {
            var made = await cloud.Client.CreateAsync(new Secret { Metadata = new ObjectMeta { GenerateName = "program-", Namespace = UserDirectory.AccountsNamespace, Labels = UsersObjects.OwnedBy(user) }, Type = type }, Ct);
            programs.Add(made.Metadata.Uid!);
        }

        Assert.Equal("wrong", (await cloud.PostAsync("account/password", new { oldPassword = "no", newPassword = Next }, own, Ct)).Code);
        var weak = await cloud.PostAsync("account/password", new { oldPassword = SignInCloud.Password, newPassword = "Password2026" }, own, Ct);
        Assert.Equal(("invalid", "newPassword"), (weak.Code, weak.Text("field")));
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.PostAsync("account/password", new { oldPassword = SignInCloud.Password, newPassword = Next }, own, Ct)).Status);

        Assert.True(await cloud.IsTakenAsync(own, Ct));
        Assert.False(await cloud.IsTakenAsync(other, Ct));
        var left = await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, Ct);
        Assert.DoesNotContain(left.Items, s => programs.Contains(s.Metadata.Uid!));
        Assert.Equal("wrong", (await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct)).Code);
        await cloud.SignInAsync(user, Ct, Next);
    }

    [Fact]
    public async Task FirstPassword_OfWhoWasCalledSoBefore_LetsNobodyIn()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await WithoutPasswordAsync(user);
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.PostAsync("account/password", new { newPassword = Next }, token, Ct)).Status);
        await cloud.SignInAsync(user, Ct, Next);

        // As it is left behind that is written when all else of them has been swept.
        var left = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), Ct);
        await cloud.Client.DeleteAsync<User>(null, user, null, Ct);
        await new ObjectWait(cloud.Client, TimeProvider.System).UntilAsync<User>(null, user, u => u is null, TimeSpan.FromMinutes(1), Ct);
        left.Metadata = new ObjectMeta { Name = left.Metadata.Name, Namespace = left.Metadata.Namespace, Labels = left.Metadata.Labels, Annotations = left.Metadata.Annotations };
        await cloud.Client.CreateAsync(left, Ct);
        await cloud.Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = user } }, Ct);
        await new ObjectWait(cloud.Client, TimeProvider.System).UntilAsync<User>(null, user, u => u?.Status?.Phase == "Active", TimeSpan.FromMinutes(1), Ct);

        Assert.Equal("wrong", (await cloud.PostAsync("sign-in", new { user, password = Next }, null, Ct)).Code);
    }

    [Fact]
    public async Task FirstPassword_OfASessionThatEndsWhileItIsHashed_IsNotKept()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await WithoutPasswordAsync(user);

        // Others hash before it.
        var others = Enumerable.Range(0, 50).Select(i => cloud.SendAsync(HttpMethod.Post, "sign-in", new { user = $"nobody{i}", password = Next }, null, Ct, $"10.77.0.{i}")).ToList();
        await Task.Delay(100, Ct);
        var asked = cloud.PostAsync("account/password", new { newPassword = Next }, token, Ct);
        await Task.Delay(300, Ct);
        Assert.False(asked.IsCompleted, "the password was hashed before its turn");
        await Sessions.EndAllAsync(cloud.Client, user, null, Ct);

        Assert.Contains((await asked).Code, (string[])["no-session", "not-signed-in"]);
        await Task.WhenAll(others);
        Assert.Null(await cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), Ct));
    }

    // As who signs in by other means alone.
    private async Task<string> WithoutPasswordAsync(string user)
    {
        var credential = await cloud.Client.CreateAsync(new Secret { Metadata = new ObjectMeta { GenerateName = "identity-", Namespace = UserDirectory.AccountsNamespace, Labels = UsersObjects.OwnedBy(user) } }, Ct);
        var session = await cloud.Client.CreateAsync(SessionObjects.Build(user, credential, "corp", ClientInfo.Unknown, (cloud.Now, cloud.Now.AddHours(1))), Ct);
        await cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), null, Ct);
        return (await AccountTokens.IssueAsync(cloud.Client, user, session, 3600, Ct)).Token!;
    }

    [Fact]
    public async Task HashOfAnEarlierVersion_IsReplacedAtSignIn()
    {
        var salt = new byte[16];
        var old = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(SignInCloud.Password, salt, 1000, System.Security.Cryptography.HashAlgorithmName.SHA512, 32);
        var user = await cloud.MakeUserAsync(Ct, $"pbkdf2-sha512$1000${Convert.ToBase64String(salt)}${Convert.ToBase64String(old)}");

        var token = await cloud.SignInAsync(user, Ct);

        var stored = Encoding.ASCII.GetString((await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-password-{user}", Ct)).Data!["hash"]);
        Assert.StartsWith("argon2id$", stored, StringComparison.Ordinal);
        Assert.True(await cloud.IsTakenAsync(token, Ct));
        await cloud.SignInAsync(user, Ct);
    }

    [Fact]
    public async Task ManyFailures_FromOneNetwork_LockOutThere_AndNotElsewhere()
    {
        var user = await cloud.MakeUserAsync(Ct);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong", (await SignInAsync(user, "wrong", "192.0.2.1")).Code);
        }

        Assert.Equal("too-many", (await SignInAsync(user, SignInCloud.Password, "192.0.2.1")).Code);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(user, SignInCloud.Password, "192.0.2.2")).Status);
        Assert.Equal("wrong", (await SignInAsync(await cloud.MakeUserAsync(Ct), "wrong", "192.0.2.1")).Code);
    }

    [Theory]
    [InlineData("nobody-here")]
    [InlineData("No Body")]
    [InlineData("../secrets")]
    [InlineData("аdmin")]
    public async Task UnknownUser_IsAnsweredAsAWrongPasswordIs(string user)
    {
        var known = await SignInAsync(await cloud.MakeUserAsync(Ct), "wrong", "198.51.100.1");
        var unknown = await SignInAsync(user, "wrong", "198.51.100.2");

        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(known.Body!.ToJsonString(), unknown.Body!.ToJsonString());
    }

    [Fact]
    public async Task Hashing_Many_StaysWithinItsBounds()
    {
        using var hasher = new PasswordHasher();
        var hash = PasswordHash.Create("x");

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => hasher.VerifyAsync(i % 2 == 0 ? "x" : "y", hash, Ct), Ct)));

        Assert.Equal(6, all.Count(v => v));
        Assert.False(await hasher.VerifyAsync("x", null, Ct));
    }

    private Task<SignInCloud.Answer> SignInAsync(string user, string password, string address) =>
        cloud.SendAsync(HttpMethod.Post, "sign-in", new { user, password }, null, Ct, address);
}
