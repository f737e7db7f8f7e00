using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Identities;

/// <summary>The same against an unmodified OpenID provider of npm.</summary>
[Trait("Needs", "clients")]
public sealed class RealProviderTests(OutsideIdentityTests.Doors doors) : IClassFixture<OutsideIdentityTests.Doors>
{
    private const string Callback = "https://cloud.example:8443/sign-in/callback";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RealProvider_SignsUpAndIn_AndTakesNoCodeTwiceNorAnotherAddress()
    {
        using var provider = Start();
        var issuer = await provider.StandardOutput.ReadLineAsync(Ct) ?? throw new InvalidOperationException(await provider.StandardError.ReadToEndAsync(Ct));
        await new SignInConfiguration(doors.Cloud.Client).SaveProviderAsync(
            new IdentityProvider { Id = "real", Name = "Real", Issuer = issuer, ClientId = LocalProvider.ClientId, SignUp = true }, LocalProvider.Secret, Ct);
        await doors.UntilOnTheDoorAsync("real");

        var (stranger, back, _) = await ComeBackAsync("grace");
        var name = "real" + OutsideIdentityTests.Doors.NewSubject();
        var made = await doors.SendAsync("sign-in/identities/sign-up", new { ticket = (string?)stranger.Body!["signUp"]!["ticket"], name });
        var (known, _, _) = await ComeBackAsync("grace");

        Assert.Equal("grace-hopper", (string?)stranger.Body["signUp"]!["name"]);
        Assert.Equal(name, made.Text("user"));
        Assert.Equal(name, (string?)known.Body!["grant"]!["user"]);

        // A code that was used, brought back by a new attempt.
        var start = await doors.SendAsync("sign-in/identities/real/start", new { next = "/" });
        var state = QueryHelpers.ParseQuery(new Uri(start.Text("url")).Query)["state"].ToString();
        Assert.Equal("wrong", (await doors.SendAsync("sign-in/identities/finish", new { state, code = back["code"], binding = start.Text("binding") })).Code);

        // Nobody is sent elsewhere: the provider knows the cloud's one address, and the issuer it names is looked at.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var elsewhere = await http.GetAsync(start.Text("url").Replace(Uri.EscapeDataString(Callback), Uri.EscapeDataString("https://evil.example.com/"), StringComparison.Ordinal), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        var (mixed, _, _) = await ComeBackAsync("grace", "https://another.example.com");
        Assert.Equal("wrong", mixed.Code);
        provider.StandardInput.Close();
        await provider.WaitForExitAsync(Ct);
    }

    private static Process Start()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Sealos.slnx")))
        {
            root = root.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        var script = Path.Combine(root.FullName, "tests/OsServices.Tests/SignIn/Identities/provider.mjs");
        return Process.Start(new ProcessStartInfo("node", [script, Path.Combine(root.FullName, "artifacts/tools/clients/node_modules"), LocalProvider.ClientId, LocalProvider.Secret, Callback])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    // As a browser does: follow, sign in, agree, and be sent back.
    private async Task<(SignInCloud.Answer Answer, Dictionary<string, string> Back, string Binding)> ComeBackAsync(string person, string? issuer = null)
    {
        var start = await doors.SendAsync("sign-in/identities/real/start", new { next = "/" });
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });
        var url = new Uri(start.Text("url"));
        for (var i = 0; i < 12 && !url.AbsoluteUri.StartsWith(Callback, StringComparison.Ordinal); i++)
        {
            using var page = await browser.GetAsync(url, Ct);
            if (page.Headers.Location is { } next)
            {
                url = new Uri(url, next);
                continue;
            }

            var html = await page.Content.ReadAsStringAsync(Ct);
            Assert.True(page.IsSuccessStatusCode, html);
            var form = html.Contains("name=\"login\"", StringComparison.Ordinal)
                ? new Dictionary<string, string> { ["prompt"] = "login", ["login"] = person, ["password"] = "any" }
                : new Dictionary<string, string> { ["prompt"] = "consent" };
            using var answer = await browser.PostAsync(url, new FormUrlEncodedContent(form), Ct);
            url = new Uri(url, answer.Headers.Location!);
        }

        var back = QueryHelpers.ParseQuery(url.Query).ToDictionary(q => q.Key, q => q.Value.ToString());
        var binding = start.Text("binding");
        return (await doors.SendAsync("sign-in/identities/finish", new { state = back["state"], code = back["code"], issuer = issuer ?? back["iss"], binding }), back, binding);
    }
}
