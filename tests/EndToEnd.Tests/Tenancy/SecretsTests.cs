using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Secrets of every sort are given, used, mistyped and refused, and afterwards stand nowhere but where they belong.</summary>
[Collection(CloudCollection.Name)]
public sealed class SecretsTests(CloudFixture fixture) : IAsyncLifetime
{
    private readonly Cloud _cloud = fixture.Cloud;
    private readonly Exposure _seen = new();
    private readonly Dictionary<string, string> _secrets = [];
    private HttpClient _browser = null!;
    private KubeClient _operator = null!;
    private Person _person = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _browser = _cloud.OpenBrowser();
        _operator = await _cloud.ConnectAsync(Ct);
        _person = await Person.CreateAsync(_cloud, "mara", Mark("password"));
        _secrets["token of the kubeconfig"] = _person.Token;
    }

    public async ValueTask DisposeAsync()
    {
        await _person.DisposeAsync();
        _browser.Dispose();
        _operator.Dispose();
    }

    [Fact]
    public async Task Secrets_StandNowhereButWhereTheyBelong()
    {
        var session = await SignInAsync();
        await AccountAsync(session);
        await PeopleAsync(session);
        await KubernetesAsync();
        await SettingsAsync();

        // What is found wherever one looks, or looking would prove nothing.
        var (planted, said, asked) = (Mark("planted"), Mark("said"), "asked-" + Guid.NewGuid().ToString("N")[..8]);
        await SendAsync(_person.Client, "configmaps", $$$"""{"metadata":{"name":"planted"},"data":{"a":"{{{planted}}}"}}""");
        await SendAsync(_person.Client, "events", $$"""{"metadata":{"name":"said"},"involvedObject":{"kind":"Pod","namespace":"{{_person.Namespace}}","name":"x"},"message":"{{said}}"}""");
        Assert.True((await _person.TryAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_person.Namespace}/configmaps/{asked}"))?.IsNotFound);
        await Eventually.TrueAsync("all is in the audit log", async () => (await _cloud.SealosAsync(["audit", "--since", "1h", "--text", asked, "-o", "json"], Ct).OutputAsync()).Contains(asked, StringComparison.Ordinal), ct: Ct);
        await _seen.CollectAsync(_cloud, _operator);

        Assert.Contains("objects of /api/v1/configmaps", _seen.PlacesOf(planted));
        Assert.Contains("objects of /api/v1/events", _seen.PlacesOf(said));
        Assert.Contains("/audit.log", _seen.PlacesOf(asked));
        Assert.Contains("/metrics", _seen.PlacesOf("apiserver_request_total"));
        _secrets.Remove("planted");
        _secrets.Remove("said");
        Assert.Equal(26, _secrets.Count);
        Assert.Empty(_secrets.SelectMany(s => _seen.PlacesOf(s.Value).Select(p => $"{s.Key} stands in {p}")));
    }

    // Wrong ones, too: they are often right ones of somewhere else, or typed into the wrong field.
    private async Task<string> SignInAsync()
    {
        await PostAsync("sign-in", new { user = _person.Name, password = Mark("wrong password") });
        await PostAsync("sign-in", new { user = Mark("password typed as a name"), password = "x" });
        await PostAsync("sign-up", new { name = "somebody", password = Mark("password of who may not sign up"), invitation = Mark("forged invitation") });
        await PostAsync("workspaces", new { name = "x" }, Mark("forged token"));
        return Issued("session", await PostAsync("sign-in", new { user = _person.Name, password = _secrets["password"] }), "token");
    }

    private async Task AccountAsync(string session)
    {
        await PostAsync("account/password", new { oldPassword = _secrets["wrong password"], newPassword = Mark("next password") }, session);
        Issued("personal token", await PostAsync("tokens", new { name = "robot", role = "Developer", workspaces = new[] { _person.Namespace } }, session), "token");
        var key = Issued("key of the authenticator", await PostAsync("account/totp/start", new { password = _secrets["password"] }, session), "secret");
        var codes = (await PostAsync("account/totp/confirm", new { code = SignInStoryTests.CodeOf(key) }, session))["recoveryCodes"]!.AsArray();
        _secrets["recovery code"] = (string)codes[0]!;
        _secrets["recovery code that is used"] = (string)codes[1]!;
        var step = Issued("step of a sign-in", await PostAsync("sign-in", new { user = _person.Name, password = _secrets["password"] }), "step");
        await PostAsync("sign-in/second-factor", new { step, code = Mark("wrong code") });
        Issued("session of a second factor", await PostAsync("sign-in/second-factor", new { step, code = _secrets["recovery code that is used"] }), "token");
        await PostAsync("account/totp/remove", new { password = _secrets["wrong password"], code = _secrets["recovery code"] }, session);
        await PostAsync("sessions/confirm", new { password = _secrets["wrong password"], code = _secrets["recovery code"] }, session);
    }

    private async Task PeopleAsync(string session)
    {
        var device = await PostAsync("device/code", new { });
        Issued("code of a device", device, "deviceCode");
        await PostAsync("device/token", new { deviceCode = _secrets["code of a device"] });
        await PostAsync("device/token", new { deviceCode = Mark("forged code of a device") });
        var team = (string)(await PostAsync("workspaces", new { name = "Secretive" }, session))["id"]!;
        Issued("invitation to a workspace", await PostAsync($"workspaces/{team}/invitations", new { role = "Developer" }, session), "code");
        await PostAsync("invitations/accept", new { code = _secrets["invitation to a workspace"] + "x" }, session);
        using var left = await _browser.SendAsync(Request(HttpMethod.Delete, "workspaces/" + team, null, session), Ct);
        Assert.True(left.IsSuccessStatusCode, await left.Content.ReadAsStringAsync(Ct));
    }

    // As it should be, and in every way that is refused.
    private async Task KubernetesAsync()
    {
        var (value, login) = (Mark("value of a Secret"), Mark("login of a registry"));
        await _person.KubectlAsync(["create", "secret", "generic", "gold", "--from-literal=key=" + value]).OutputAsync();
        await SendAsync(_person.Client, "secrets", $$$"""{"metadata":{"name":"bent"},"data":{"key":"{{{value}}}"}}""");
        await SendAsync(_person.Client, "secrets", $$$"""{"metadata":{"name":"bent"},"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"{{{login}}}"}}""");
        await SendAsync(_person.Client, "secrets", $$"""{"metadata":{"name":"bent"},"stringData":{"key":["{{value}}"]} }""");
        await _person.KubectlAsync(["create", "secret", "docker-registry", "login", "--docker-server=127.0.0.1:1", "--docker-username=u", "--docker-password=" + login]).OutputAsync();
        await SendAsync(_person.Client, "pods", """{"metadata":{"name":"pulls"},"spec":{"imagePullSecrets":[{"name":"login"}],"containers":[{"name":"c","image":"127.0.0.1:1/x:1","env":[{"name":"GOLD","valueFrom":{"secretKeyRef":{"name":"gold","key":"key"}}}]}]}}""");
        foreach (var patch in (string[])[$$"""[{"op":"test","path":"/data/key","value":"{{value}}"}]""", $$"""[{"op":"replace","path":"/data/none/none","value":"{{value}}"}]""", $$"""[{"op":"replace","path":"/data","value":"{{value}}"}]"""])
        {
            var said = await _person.KubectlAsync(["patch", "secret", "gold", "--type", "json", "-p", patch]);
            _seen.Add("what a patch was told", said.Error);
        }

        using var review = new StringContent($$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"{{{Mark("token that is asked about")}}}"}}""", Encoding.UTF8, "application/json");
        using var answer = await _operator.Http.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", review, Ct);
        await Eventually.TrueAsync("the pull has failed", async () => (await _person.KubectlAsync(["get", "events", "-o", "jsonpath={.items[*].message}"])).Output.Contains("127.0.0.1:1", StringComparison.Ordinal), ct: Ct);
        await _person.KubectlAsync(["delete", "pod", "pulls", "--wait=false"]).OutputAsync();
    }

    private async Task SettingsAsync()
    {
        var session = Issued("operator's session", await PostAsync("sign-in", new { user = "admin", password = _cloud.Password }), "token");
        _secrets["first password of the operator"] = _cloud.Password;
        Issued("invitation to sign up", await PostAsync("operator/invitations", new { }, session), "code");
        var provider = new { id = "nowhere", name = "Nowhere", issuer = "https://127.0.0.1:1", clientId = "cloud" };
        foreach (var wanted in (object[])[new { provider, clientSecret = Mark("secret of the client") }, new { provider = new { id = "nowhere", name = "" }, clientSecret = _secrets["secret of the client"] }])
        {
            using var saved = await _browser.SendAsync(Request(HttpMethod.Put, "operator/sign-in/providers/nowhere", wanted, session), Ct);
            _seen.Add("answer about a provider", await saved.Content.ReadAsStringAsync(Ct));
        }

        await PostAsync("sign-in/identities/nowhere/start", new { next = "/" });
        using var gone = await _browser.SendAsync(Request(HttpMethod.Delete, "operator/sign-in/providers/nowhere", null, session), Ct);
        await PostAsync("sign-out", new { }, session);
    }

    /// <summary>A secret of the test's own.</summary>
    private string Mark(string kind) => _secrets[kind] = $"Zq7-{Guid.NewGuid():N}-harbour";

    /// <summary>A secret that the cloud has made, which is told this once.</summary>
    private string Issued(string kind, JsonObject answer, string field)
    {
        Assert.True(answer[field] is not null, $"no {kind}: {answer.ToJsonString()}");
        return _secrets[kind] = (string)answer[field]!;
    }

    private async Task<JsonObject> PostAsync(string path, object body, string? token = null)
    {
        using var answer = await _browser.SendAsync(Request(HttpMethod.Post, path, body, token), Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        if (!answer.IsSuccessStatusCode)
        {
            _seen.Add($"answer {(int)answer.StatusCode} to {path}", text);
        }

        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    private HttpRequestMessage Request(HttpMethod method, string path, object? body, string? token)
    {
        var request = new HttpRequestMessage(method, $"https://{_cloud.Domain}:{_cloud.HttpsPort}/api/v1/{path}") { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        return request;
    }

    private async Task SendAsync(KubeClient client, string kind, string body)
    {
        if (await Person.TryAsync(client, HttpMethod.Post, $"/api/v1/namespaces/{_person.Namespace}/{kind}", body) is { } refused)
        {
            _seen.Add("refusal by the API", refused.Message);
        }
    }
}
