using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A cloud that is one person's: nobody else comes to be in it, and everything else is as it was.</summary>
[Collection(RoughCollection.Name)]
public sealed class SingleUserTests(CloudFixture fixture)
{
    private const string App = "lonely";

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SingleUser_HasNobodyElse_AndEverythingElse()
    {
        var up = await _cloud.UpAsync(Ct, "--single-user", "true");
        Assert.True(up.ExitCode == 0, up.ToString());
        try
        {
            Assert.Contains("single-user", await _cloud.SealosAsync(["status", "-o", "json"], Ct).OutputAsync(), StringComparison.Ordinal);
            foreach (var command in (string[][])[["user", "create", "somebody"], ["user", "invite"], ["sign-in", "set", "--sign-up", "open"]])
            {
                var refused = await _cloud.SealosAsync(command, Ct);
                Assert.True(refused.ExitCode == 6 && refused.Error.Contains("this cloud is one person's", StringComparison.Ordinal), $"{string.Join(' ', command)}: {refused}");
            }

            using var browser = _cloud.OpenBrowser();
            var token = await RefusesOthersAsync(browser);
            await _cloud.KubectlAsync(["create", "-f", "-"], Ct, """{"apiVersion":"user.sealos.io/v1","kind":"User","metadata":{"name":"smuggled"}}""").OutputAsync();
            await Eventually.TrueAsync("a user made behind its back gets nothing", async () => (await _cloud.KubectlAsync(["get", "user.user.sealos.io", "smuggled", "-o", "jsonpath={.status.conditions[*].reason}"], Ct)).Output.Contains("SingleUser", StringComparison.Ordinal), ct: Ct);
            Assert.Empty((await _cloud.KubectlAsync(["get", "namespace", "ns-smuggled", "--ignore-not-found"], Ct)).Output);

            var address = await fixture.LaunchAsync(App);
            Assert.Contains(App + "-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
            var page = await browser.GetStringAsync(new Uri(Console, "/sign-in"), Ct);
            Assert.DoesNotContain("/sign-up", page, StringComparison.Ordinal);
            Assert.Equal("admin", (string?)(await AskAsync(browser, HttpMethod.Get, "whoami", null, token)).Body["user"]);
        }
        finally
        {
            await _cloud.KubectlAsync(["delete", "user.user.sealos.io", "smuggled", "--ignore-not-found"], CancellationToken.None);
            await _cloud.SealosAsync(["app", "delete", App, "--yes"], CancellationToken.None);
            await _cloud.UpAsync(CancellationToken.None, "--single-user", "false");
        }

        Assert.DoesNotContain("single-user", await _cloud.SealosAsync(["status", "-o", "json"], Ct).OutputAsync(), StringComparison.Ordinal);
    }

    private Uri Console => new($"https://{_cloud.Domain}:{_cloud.HttpsPort}");

    // What the desktop and the command line ask for with a person's own session.
    private async Task<string> RefusesOthersAsync(HttpClient browser)
    {
        var signedIn = await AskAsync(browser, HttpMethod.Post, "sign-in", new { user = "admin", password = _cloud.Password }, null);
        Assert.Equal(HttpStatusCode.OK, signedIn.Status);
        var token = (string)signedIn.Body["token"]!;
        var team = await AskAsync(browser, HttpMethod.Post, "workspaces", new { name = "Team" }, token);
        var stranger = await AskAsync(browser, HttpMethod.Post, "sign-up", new { name = "stranger", password = "Vnw3-lanternfish-quarry" }, null);
        Assert.All([team, stranger], a => Assert.Equal(HttpStatusCode.Forbidden, a.Status));
        Assert.All([team, stranger], a => Assert.Contains("one person's", (string)a.Body["error"]!, StringComparison.Ordinal));
        return token;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(HttpClient browser, HttpMethod method, string path, object? body, string? token)
    {
        using var request = new HttpRequestMessage(method, new Uri(Console, "/api/v1/" + path)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = token is null ? null : new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        using var answer = await browser.SendAsync(request, Ct);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!);
    }
}
