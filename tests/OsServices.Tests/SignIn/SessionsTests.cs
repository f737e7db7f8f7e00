using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Device;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SessionsTests(SignInCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_EachTime_IsASessionOfItsOwn_ThatItsUserSees()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var first = await cloud.SignInAsync(user, Ct);
        var second = (await cloud.SendAsync(HttpMethod.Post, "sign-in", new { user, password = SignInCloud.Password }, null, Ct, "6.6.6.6, 2001:db8::7")).Text("token");

        var sessions = await EventuallyAsync(first, 2);

        Assert.All(sessions, s => Assert.Equal("password", (string?)s!["method"]));
        Assert.All(sessions, s => Assert.Equal("test/1.0", (string?)s!["userAgent"]));
        Assert.Single(sessions, s => (bool)s!["current"]!);
        Assert.Contains(sessions, s => (string?)s!["address"] == "2001:db8::7");
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task SignOut_EndsItsOwnSession_AtOnce_AndNoOther()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var first = await cloud.SignInAsync(user, Ct);
        var second = await cloud.SignInAsync(user, Ct);

        Assert.Equal(HttpStatusCode.NoContent, (await cloud.PostAsync("sign-out", null, first, Ct)).Status);

        Assert.False(await cloud.IsTakenAsync(first, Ct));
        Assert.True(await cloud.IsTakenAsync(second, Ct));
    }

    [Fact]
    public async Task Session_CanBeEndedByItsUser_AndByNobodyElse()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var other = await cloud.SignInAsync(user, Ct);
        var stranger = await cloud.SignInAsync(await cloud.MakeUserAsync(Ct), Ct);
        var id = (string)(await EventuallyAsync(token, 2)).Single(s => !(bool)s!["current"]!)!["id"]!;

        Assert.Equal(HttpStatusCode.NotFound, (await cloud.SendAsync(HttpMethod.Delete, "sessions/" + id, null, stranger, Ct)).Status);
        Assert.True(await cloud.IsTakenAsync(other, Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.SendAsync(HttpMethod.Delete, $"sessions/sealos-password-{user}", null, token, Ct)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.SendAsync(HttpMethod.Delete, "sessions/" + id, null, token, Ct)).Status);

        Assert.False(await cloud.IsTakenAsync(other, Ct));
    }

    [Fact]
    public async Task EndOthers_LeavesTheCallersOwn()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var own = await cloud.SignInAsync(user, Ct);
        string[] others = [await cloud.SignInAsync(user, Ct), await cloud.SignInAsync(user, Ct)];

        Assert.Equal(2, (int)(await cloud.PostAsync("sessions/end-others", null, own, Ct)).Body!["ended"]!);

        Assert.True(await cloud.IsTakenAsync(own, Ct));
        Assert.False(await cloud.IsTakenAsync(others[0], Ct));
        Assert.False(await cloud.IsTakenAsync(others[1], Ct));
    }

    [Fact]
    public async Task End_OfAllThereAre_FindsThoseThatAreOpenedMeanwhile()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var first = await cloud.SignInAsync(user, Ct);
        string? late = null;

        // Another replica opens one when the list has been read.
        var ended = await AccountSecrets.DeleteAsync(
            cloud.Client,
            AccountSecrets.Of(user, SessionObjects.SecretType),
            _ =>
            {
                late ??= cloud.SignInAsync(user, Ct).GetAwaiter().GetResult();
                return true;
            },
            Ct);

        Assert.Equal(2, ended);
        Assert.False(await cloud.IsTakenAsync(first, Ct));
        Assert.False(await cloud.IsTakenAsync(late!, Ct));
    }

    [Fact]
    public async Task Program_WhoseApproverEndsWhileItIsLetIn_GetsNoSession()
    {
        var user = await cloud.MakeUserAsync(Ct);
        await using var informers = new InformerFactory(cloud.Client, NullLoggerFactory.Instance, UserDirectory.AccountsNamespace);
        var known = informers.For<Secret>(SessionObjects.Selector).AddIndex(Sessions.ByOwner, s => SessionObjects.OwnerOf(s) is { } owner ? [owner] : []);
        informers.Start();
        await informers.WaitForSyncAsync(Ct);
        var sessions = new Sessions(cloud.Client, known, TimeProvider.System);
        var password = await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), Ct);
        var approver = SessionObjects.ClaimOf(await cloud.SignInAsync(user, Ct))!;
        var means = new SessionMeans("device") { Approval = new DeviceApproval(user, approver.Name, approver.Uid) };
        Assert.Equal(user, (await sessions.OpenAsync(user, password, means, ClientInfo.Unknown, Ct)).User);

        await Sessions.EndAllAsync(cloud.Client, user, null, Ct);
        var refused = await Assert.ThrowsAsync<ServiceException>(() => sessions.OpenAsync(user, password, means, ClientInfo.Unknown, Ct));

        Assert.Equal("access-denied", refused.Code);
        Assert.Empty((await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, AccountSecrets.Of(user, SessionObjects.SecretType), Ct)).Items);
    }

    [Fact]
    public async Task ResetOfThePassword_EndsEverySession()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);

        var password = await new UserDirectory(cloud.Client).ResetPasswordAsync(user, Ct);

        Assert.False(await cloud.IsTakenAsync(token, Ct));
        Assert.Equal("wrong", (await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct)).Code);
        await cloud.SignInAsync(user, Ct, password);
    }

    [Fact]
    public async Task Sessions_WithATokenThatIsNone_AreRefused()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.IssueAsync(user, Ct);

        Assert.Equal("no-session", (await cloud.SendAsync(HttpMethod.Get, "sessions", null, token, Ct)).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await cloud.SendAsync(HttpMethod.Get, "sessions", null, null, Ct)).Status);
    }

    [Fact]
    public async Task UserMarkedAsDeleted_GetsNoSession()
    {
        var user = await cloud.MakeUserAsync(Ct);
        await cloud.Client.PatchAsync<User>(null, user, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["labels"] = new System.Text.Json.Nodes.JsonObject { [UserKeys.Status] = UserKeys.StatusDeleted } } }, null, Ct);

        Assert.Equal("locked", (await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct)).Code);
    }

    [Fact]
    public async Task LockedUser_HearsOfIt_OnlyWithTheRightPassword()
    {
        var user = await cloud.MakeUserAsync(Ct);
        await cloud.Client.PatchAsync<User>(null, user, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["labels"] = new System.Text.Json.Nodes.JsonObject { [UserKeys.Status] = UserKeys.StatusLocked } } }, null, Ct);

        Assert.Equal("wrong", (await cloud.PostAsync("sign-in", new { user, password = "not it" }, null, Ct)).Code);
        Assert.Equal("locked", (await cloud.PostAsync("sign-in", new { user, password = SignInCloud.Password }, null, Ct)).Code);

        Assert.Empty((await cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}", FieldSelector = "type=user.sealos.io/session" }, Ct)).Items);
    }

    private async Task<System.Text.Json.Nodes.JsonArray> EventuallyAsync(string token, int count)
    {
        while (true)
        {
            var answer = await cloud.SendAsync(HttpMethod.Get, "sessions", null, token, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            if (answer.Body!["items"] is System.Text.Json.Nodes.JsonArray items && items.Count == count)
            {
                return items;
            }

            await Task.Delay(20, Ct);
        }
    }
}
