using System.Net;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

[Collection(HurriedCollection.Name)]
public sealed class ConfirmationTests(HurriedCloud cloud)
{
    // What would outlast a session that was stolen.
    private static readonly (HttpMethod Method, string Path, object? Body)[] Lasting =
    [
        (HttpMethod.Get, "kubeconfig", null),
        (HttpMethod.Post, "tokens", new { name = "ci", role = "Developer", workspaces = new[] { "none" } }),
        (HttpMethod.Post, "account/password", new { oldPassword = SignInCloud.Password, newPassword = "Vnw4-lanternfish-quarry" }),
        (HttpMethod.Post, "account/totp/start", new { password = SignInCloud.Password }),
        (HttpMethod.Post, "account/totp/remove", new { password = SignInCloud.Password, code = "000000" }),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatOutlastsASession_NeedsOneOfTheLastMinutes_OrOneConfirmed()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        var other = await cloud.SignInAsync(user, Ct);
        cloud.Advance(TimeSpan.FromMinutes(16));

        foreach (var (method, path, body) in Lasting)
        {
            Assert.Equal("confirm", (await cloud.SendAsync(method, path, body, token, Ct)).Code);
        }

        Assert.Equal("wrong", (await cloud.PostAsync("sessions/confirm", new { password = "no" }, token, Ct)).Code);
        Assert.Equal("confirm", (await MakeTokenAsync(token)).Code);
        Assert.Equal(HttpStatusCode.OK, (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password }, token, Ct)).Status);
        Assert.Equal("not-found", (await MakeTokenAsync(token)).Code);
        Assert.Equal("confirm", (await MakeTokenAsync(other)).Code);

        cloud.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal("confirm", (await MakeTokenAsync(token)).Code);
    }

    [Fact]
    public async Task KubeConfig_IsNoSession_HoweverNew()
    {
        var token = await cloud.IssueAsync(await cloud.MakeUserAsync(Ct), Ct);

        foreach (var (method, path, body) in Lasting)
        {
            Assert.Equal("no-session", (await cloud.SendAsync(method, path, body, token, Ct)).Code);
        }

        Assert.Equal("no-session", (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password }, token, Ct)).Code);
    }

    [Fact]
    public async Task Confirm_WantsTheSecondFactorToo_AndTakesEachCodeOnce()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        await cloud.PostAsync("account/totp/start", new { password = SignInCloud.Password }, token, Ct);
        var key = (await cloud.Client.GetAsync<Secret>(UserDirectory.AccountsNamespace, $"sealos-totp-{user}", Ct)).Data!["key"];
        var codes = (await cloud.PostAsync("account/totp/confirm", new { code = Totp.CodeAt(key, cloud.Now) }, token, Ct)).Body!["recoveryCodes"]!.AsArray().Select(c => (string)c!).ToList();

        var missing = await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password }, token, Ct);
        Assert.Equal(("code-needed", "code"), (missing.Code, missing.Text("field")));
        Assert.Equal("wrong-code", (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password, code = "no" }, token, Ct)).Code);
        Assert.Equal(HttpStatusCode.OK, (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password, code = codes[0] }, token, Ct)).Status);
        Assert.Equal("wrong-code", (await cloud.PostAsync("sessions/confirm", new { password = SignInCloud.Password, code = codes[0] }, token, Ct)).Code);
    }

    // Of a workspace that is not theirs: what is let through finds none.
    private Task<SignInCloud.Answer> MakeTokenAsync(string token) => cloud.SendAsync(Lasting[1].Method, Lasting[1].Path, Lasting[1].Body, token, Ct);
}
