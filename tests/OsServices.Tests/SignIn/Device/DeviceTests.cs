using System.Net;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Device;

[Collection(HurriedCollection.Name)]
public sealed class DeviceTests(HurriedCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Device_IsLetInByAPerson_Once_AndEndsWithTheirPassword()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var asked = await AskAsync("192.0.2.11");
        Assert.Equal("https://cloud.example:8443/device?code=" + asked.Text("userCode"), asked.Text("verificationUriComplete"));
        Assert.Equal("authorization-pending", (await PollAsync(asked)).Code);

        var shown = await cloud.SendAsync(HttpMethod.Get, "device/requests/" + asked.Text("userCode"), null, token, Ct);
        Assert.Equal(("192.0.2.11", "test/1.0"), (shown.Text("address"), shown.Text("userAgent")));
        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(asked, token, true)).Status);
        Assert.Equal("not-found", (await AnswerAsync(asked, token, true)).Code);

        Pass();
        var granted = await PollAsync(asked);
        Assert.Equal((HttpStatusCode.OK, user), (granted.Status, granted.Text("user")));
        var device = granted.Text("token");
        Assert.True(await cloud.IsTakenAsync(device, Ct));
        Pass();
        Assert.Equal("expired", (await PollAsync(asked)).Code);

        var sessions = (await cloud.SendAsync(HttpMethod.Get, "sessions", null, token, Ct)).Body!["items"]!.AsArray();
        Assert.Contains(sessions, s => (string?)s!["method"] == "device" && (string?)s["address"] == "192.0.2.11");

        // Nobody has shown in it that it is them: nothing that outlasts it comes of it.
        Assert.Equal("confirm", (await cloud.PostAsync("account/passkeys/start", null, device, Ct)).Code);

        // Whom a person let in lets in nobody.
        var second = await AskAsync("192.0.2.11");
        Assert.Equal("forbidden", (await AnswerAsync(second, device, true)).Code);

        await new UserDirectory(cloud.Client).ResetPasswordAsync(user, Ct);
        Assert.False(await cloud.IsTakenAsync(device, Ct));
    }

    [Fact]
    public async Task Denied_IsTold_AndTheCodeIsOver()
    {
        var token = await cloud.SignInAsync(await cloud.MakeUserAsync(Ct), Ct);
        var asked = await AskAsync("192.0.2.12");
        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(asked, token, false)).Status);
        Assert.Equal("not-found", (await AnswerAsync(asked, token, true)).Code);
        Assert.Equal("access-denied", (await PollAsync(asked)).Code);
        Pass();
        Assert.Equal("expired", (await PollAsync(asked)).Code);
    }

    [Fact]
    public async Task Poll_ThatIsTooFast_IsToldToSlowDown_AndMoreEachTime()
    {
        var asked = await AskAsync("192.0.2.13");
        Assert.Equal("authorization-pending", (await PollAsync(asked)).Code);
        Assert.Equal("slow-down", (await PollAsync(asked)).Code);
        Pass();
        Assert.Equal("slow-down", (await PollAsync(asked)).Code);
        cloud.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("authorization-pending", (await PollAsync(asked)).Code);

        cloud.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("expired", (await PollAsync(asked)).Code);
    }

    [Fact]
    public async Task Approval_OfASessionThatEndedSince_LetsNobodyIn()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var asked = await AskAsync("192.0.2.14");
        await AnswerAsync(asked, token, true);
        await Sessions.EndAllAsync(cloud.Client, user, null, Ct);

        Assert.Equal("access-denied", (await PollAsync(asked)).Code);
    }

    [Fact]
    public async Task Codes_AreNotGuessed_AndNothingButASessionAnswers()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var asked = await AskAsync("192.0.2.15");
        Assert.Equal("no-session", (await AnswerAsync(asked, await cloud.IssueAsync(user, Ct), true)).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await cloud.PostAsync("device/requests/" + asked.Text("userCode"), new { approve = true }, null, Ct)).Status);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("not-found", (await cloud.SendAsync(HttpMethod.Get, "device/requests/BBBB-BBBB", null, token, Ct)).Code);
        }

        Assert.Equal("too-many", (await cloud.SendAsync(HttpMethod.Get, "device/requests/" + asked.Text("userCode"), null, token, Ct)).Code);
    }

    private void Pass() => cloud.Advance(TimeSpan.FromSeconds(6));

    private Task<SignInCloud.Answer> AskAsync(string from) => cloud.SendAsync(HttpMethod.Post, "device/code", null, null, Ct, from);

    private Task<SignInCloud.Answer> PollAsync(SignInCloud.Answer asked) => cloud.PostAsync("device/token", new { deviceCode = asked.Text("deviceCode") }, null, Ct);

    private Task<SignInCloud.Answer> AnswerAsync(SignInCloud.Answer asked, string token, bool approve) => cloud.PostAsync("device/requests/" + asked.Text("userCode"), new { approve }, token, Ct);
}
