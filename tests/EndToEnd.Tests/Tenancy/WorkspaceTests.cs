using System.Net;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Two people sign in from outside and share a team, with the real command line through the cloud's own HTTPS.</summary>
[Collection(CloudCollection.Name)]
public sealed class WorkspaceTests(CloudFixture fixture) : IDisposable
{
    private readonly Cloud _cloud = fixture.Cloud;
    private readonly string _home = Directory.CreateTempSubdirectory("sealos-people-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Stranger_IsToldToSignIn_OverHttps()
    {
        using var browser = _cloud.OpenBrowser();
        var address = $"https://{_cloud.Domain}:{_cloud.HttpsPort}/api/v1/";

        using var answer = await browser.GetAsync(address + "workspaces", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("not-signed-in", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["code"]);
        Assert.Contains("/api/v1/workspaces/{id}", await browser.GetStringAsync(address + "openapi.json", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoPeople_ShareATeam_FromInvitationToTheEnd()
    {
        await MakeAsync("wsanna");
        await MakeAsync("wsben");
        Assert.Equal("ns-wsanna", (string?)JsonNode.Parse(await AsAsync("wsanna", "whoami", "-o", "json"))!["workspace"]);

        var team = (string)JsonNode.Parse(await AsAsync("wsanna", "workspace", "create", "Shop", "--use", "-o", "json"))!["id"]!;
        var code = (await AsAsync("wsanna", "workspace", "invite", "--role", "Manager")).Trim();
        await AsAsync("wsben", "workspace", "accept", code, "--use");
        Assert.Equal(5, (await TryAsync("wsben", "workspace", "accept", code)).ExitCode);
        Assert.Equal(6, (await TryAsync("wsben", "workspace", "role", "wsanna", "Developer")).ExitCode);
        Assert.Equal(6, (await TryAsync("wsben", "workspace", "delete", team, "--yes")).ExitCode);

        await AsAsync("wsben", "app", "create", "shared", "--image", CloudFixture.Hello, "--port", "8080", "--wait");
        Assert.Contains("shared", await AsAsync("wsanna", "app", "list"), StringComparison.Ordinal);
        await AsAsync("wsanna", "workspace", "role", "wsben", "Developer");
        Assert.Equal(6, (await TryAsync("wsben", "app", "delete", "shared", "--yes")).ExitCode);

        await AsAsync("wsanna", "workspace", "transfer", "wsben", "--yes");
        await AsAsync("wsanna", "workspace", "leave", "--yes");
        Assert.Equal(5, (await TryAsync("wsanna", "workspace", "members", "-n", team)).ExitCode);
        var question = await TryAsync("wsben", "workspace", "delete", team);
        Assert.NotEqual(0, question.ExitCode);

        // Both were one person's, who makes them one, and leaves as soon as the team is no longer theirs.
        Assert.Equal(0, (await LoginAsync("wsanna", await NewPasswordAsync("wsanna"), "--user", "wsanna", "--password-stdin")).ExitCode);
        await RunAsync("wsanna", await NewPasswordAsync("wsben"), ["account", "merge", "wsben", "--password-stdin", "--delete-workspace", "--yes"]).OutputAsync();
        await Eventually.TrueAsync("the end of what the other one was signed in with", async () => (await TryAsync("wsben", "whoami")).ExitCode == 6, TimeSpan.FromSeconds(60), Ct);
        var kept = await TryAsync("wsanna", "account", "delete", "--yes");
        Assert.True(kept.ExitCode == 6 && kept.Error.Contains($"Shop ({team})", StringComparison.Ordinal), kept.ToString());
        await AsAsync("wsanna", "workspace", "delete", team, "--yes");
        Assert.DoesNotContain(team, await AsAsync("wsanna", "workspace", "list"), StringComparison.Ordinal);
        Assert.Contains("empty", await AsAsync("wsanna", "account", "show"), StringComparison.Ordinal);
        await AsAsync("wsanna", "account", "delete", "--yes");
        Assert.Equal("", await _cloud.KubectlAsync(["get", "user.user.sealos.io", "wsanna", "wsben", "--ignore-not-found"], Ct).OutputAsync());
    }

    private async Task<string> NewPasswordAsync(string user) => (await _cloud.SealosAsync(["user", "reset-password", user], Ct).OutputAsync()).Trim();

    [Fact]
    public async Task Admin_SignsInWithAPassword_AndTheirSessionEndsWithLogout()
    {
        await LoginAsync("admin", _cloud.Password, "--user", "admin", "--password-stdin");
        Assert.Contains("yes", await AsAsync("admin", "whoami"), StringComparison.Ordinal);
        Assert.Contains("*", await AsAsync("admin", "session", "list"), StringComparison.Ordinal);
        Assert.Contains("token:", await AsAsync("admin", "kubeconfig"), StringComparison.Ordinal);

        var wrong = await LoginAsync("stranger", "not-the-password", "--user", "admin", "--password-stdin");
        Assert.Equal(6, wrong.ExitCode);
        await AsAsync("admin", "logout");
        Assert.Equal(6, (await TryAsync("admin", "whoami")).ExitCode);
    }

    /// <summary>Makes a user, as the operator, and signs them in with their kubeconfig's token.</summary>
    private async Task MakeAsync(string user)
    {
        await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, $$"""{"apiVersion":"user.sealos.io/v1","kind":"User","metadata":{"name":"{{user}}"} }""").OutputAsync();
        await _cloud.KubectlAsync(["wait", $"user.user.sealos.io/{user}", "--for=jsonpath={.status.phase}=Active", "--timeout=60s"], Ct).OutputAsync();
        var token = await _cloud.KubectlAsync(["-n", "user-system", "create", "token", user, "--duration=1h"], Ct).OutputAsync();
        Assert.Equal(0, (await LoginAsync(user, token, "--token-stdin")).ExitCode);
    }

    private Task<CommandResult> LoginAsync(string who, string input, params string[] more) =>
        RunAsync(who, input, ["login", $"https://{_cloud.Domain}:{_cloud.HttpsPort}", "--ca", Path.Combine(_cloud.DataFolder, "apps-ca.crt"), .. more]);

    private Task<string> AsAsync(string who, params string[] arguments) => TryAsync(who, arguments).OutputAsync();

    private Task<CommandResult> TryAsync(string who, params string[] arguments) => RunAsync(who, null, arguments);

    // Each person has a folder of their own for what they are signed in to.
    private Task<CommandResult> RunAsync(string who, string? input, IEnumerable<string> arguments) =>
        Command.RunAsync("env", [$"XDG_CONFIG_HOME={Path.Combine(_home, who)}", "dotnet", Repository.Program, .. arguments], input, TimeSpan.FromMinutes(3), Ct);
}
