using System.Net;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class SignInSettingsTests
{
    private const string Good = """{"id":"corp","name":"Corp","issuer":"https://id.example.com","clientId":"cloud"}""";

    [Fact]
    public void Nothing_IsTheCloudAsItIsNew()
    {
        var settings = SignInSettings.Read(null);

        Assert.Equal((SignUpMode.Off, SecondFactorRule.Optional), (settings.SignUp, settings.SecondFactor));
        Assert.Empty(settings.Providers);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("open", SignUpMode.Open)]
    [InlineData("invitation", SignUpMode.Invitation)]
    [InlineData("off", SignUpMode.Off)]
    public void SignUp_IsRead(string text, SignUpMode mode) => Assert.Equal(mode, Read(("signUp", text)).SignUp);

    [Theory]
    [InlineData("Open")]
    [InlineData("2")]
    [InlineData("")]
    [InlineData("open ")]
    [InlineData("yes")]
    public void SignUp_ThatCannotBeRead_IsOff_AndSaid(string text)
    {
        var settings = Read(("signUp", text));

        Assert.Equal(SignUpMode.Off, settings.SignUp);
        Assert.Equal("signUp is none of off, invitation, open; it counts as off.", Assert.Single(settings.Problems));
    }

    [Fact]
    public void SecondFactor_ThatCannotBeRead_IsEverybodys_AndSaid()
    {
        var settings = Read(("secondFactor", "none"));

        Assert.Equal(SecondFactorRule.Everybody, settings.SecondFactor);
        Assert.Contains("secondFactor", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_ThatAreWrong_AreLeftOutOneByOne()
    {
        var settings = Read(("providers", $$"""[{{Good}},null,{{Good}},{"id":"x","name":"X","issuer":"http://id.example.com","clientId":"c"}]"""));

        Assert.Equal("corp", Assert.Single(settings.Providers).Id);
        Assert.Equal(3, settings.Problems.Count);
        Assert.Contains("issuer must be an https address", settings.Problems[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""[{"id":7}]""")]
    public void Providers_ThatAreNoList_AreNone(string text)
    {
        var settings = Read(("providers", text));

        Assert.Empty(settings.Providers);
        Assert.Single(settings.Problems);
    }

    [Fact]
    public void Provider_NeitherSignsUpNorLacksSignIn_UnlessItIsSaid()
    {
        var provider = Assert.Single(Read(("providers", $"[{Good}]")).Providers);

        Assert.True(provider.SignIn);
        Assert.False(provider.SignUp);
    }

    [Theory]
    [InlineData("https://id.example.com/realms/a", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://169.254.169.254", false)]
    [InlineData("https://user:secret@id.example.com", false)]
    [InlineData("https://id.example.com/?a=b", false)]
    [InlineData("https://id.example.com/#a", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("id.example.com", false)]
    [InlineData(null, false)]
    public void Address_IsEncryptedOrWithinTheMachine(string? url, bool isGood) => Assert.Equal(isGood, IdentityProvider.IsSafe(url));

    [Fact]
    public void Presets_AreWholeButForTheClient() => Assert.All(ProviderPresets.All, p => Assert.Null((p with { ClientId = "c" }).Problem()));

    private static SignInSettings Read(params (string Key, string Value)[] data) => SignInSettings.Read(new ConfigMap { Data = data.ToDictionary(d => d.Key, d => d.Value) });
}

public sealed class SettingsEndpointsTests(SignInCloud cloud)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_AreTheOperatorsAlone()
    {
        var user = await cloud.MakeUserAsync(Ct);
        var token = await cloud.SignInAsync(user, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, (await cloud.SendAsync(HttpMethod.Get, "operator/sign-in", null, token, Ct)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await cloud.SendAsync(HttpMethod.Patch, "operator/sign-in", new { signUp = "open" }, token, Ct)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await cloud.SendAsync(HttpMethod.Get, "operator/sign-in", null, null, Ct)).Status);
    }

    [Fact]
    public async Task Provider_IsKeptWithoutItsSecret_AndGoesWithIt()
    {
        var token = await cloud.IssueAsync(UserDirectory.AdminName, Ct);
        var provider = new { name = "Corp", issuer = "https://id.example.com", clientId = "cloud" };
        const string path = "operator/sign-in/providers/corp-kept", secret = "marked-client-secret-1";

        var refused = await cloud.SendAsync(HttpMethod.Put, path, new { provider }, token, Ct);
        var kept = await cloud.SendAsync(HttpMethod.Put, path, new { provider, clientSecret = secret }, token, Ct);
        var wrong = await cloud.SendAsync(HttpMethod.Patch, "operator/sign-in", new { signUp = "sure" }, token, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(("invalid", "signUp"), (wrong.Code, wrong.Text("field")));
        Assert.Equal(HttpStatusCode.OK, kept.Status);
        Assert.Contains("corp-kept", kept.Body!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, kept.Body!.ToJsonString() + cloud.Log.Text, StringComparison.Ordinal);
        Assert.Equal(secret, await SignInConfiguration.SecretOfAsync(cloud.Client, "corp-kept", Ct));
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.SendAsync(HttpMethod.Delete, path, null, token, Ct)).Status);
        Assert.Null(await SignInConfiguration.SecretOfAsync(cloud.Client, "corp-kept", Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.SendAsync(HttpMethod.Delete, path, null, token, Ct)).Status);
    }
}
