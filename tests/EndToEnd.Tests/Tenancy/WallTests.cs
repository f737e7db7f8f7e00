using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>People whom the product has made, with the kubeconfigs it has made for them, and the walls between them.</summary>
[Collection(CloudCollection.Name)]
public sealed class WallTests(CloudFixture fixture) : IAsyncLifetime
{
    private const string Password = "Vnw3-lanternfish-quarry";
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string UserGroup = "/apis/user.sealos.io/v1";
    private const string Requests = $"{UserGroup}/namespaces/user-system/operationrequests";

    private readonly Cloud _cloud = fixture.Cloud;
    private KubeClient _operator = null!;
    private Person _ada = null!;
    private Person _bob = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await fixture.LoadToolsAsync();
        _operator = await _cloud.ConnectAsync(Ct);
        var people = await Task.WhenAll(Person.CreateAsync(_cloud, "ada", Password), Person.CreateAsync(_cloud, "bob"));
        (_ada, _bob) = (people[0], people[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await _ada.DisposeAsync();
        await _bob.DisposeAsync();
        _operator.Dispose();
    }

    [Fact]
    public async Task Workspace_IsItsOwnersAlone_WhateverOthersTry()
    {
        await _bob.KubectlAsync(["run", "vault", "--image", CloudFixture.Tools, "--", "sh", "-c", "echo of bob alone; sleep 1000000"]).OutputAsync();
        await _bob.KubectlAsync(["create", "secret", "generic", "gold", "--from-literal=key=value"]).OutputAsync();
        await _bob.KubectlAsync(["wait", "--for=condition=Ready", "pod/vault", "--timeout=60s"]).OutputAsync();
        Assert.Equal("of bob alone\n", await _bob.KubectlAsync(["logs", "vault"]).OutputAsync());
        Assert.Equal("in\n", await _bob.KubectlAsync(["exec", "vault", "--", "echo", "in"]).OutputAsync());

        string[] to = ["-n", _bob.Namespace];
        string[][] commands =
        [
            ["get", "pods", .. to], ["get", "pods", "-A"], ["get", "pods", "-w", .. to], ["logs", "vault", .. to], ["exec", "vault", .. to, "--", "id"], ["port-forward", "pod/vault", ":80", .. to],
            ["create", "token", "default", .. to], ["get", "pods", "--as", $"system:serviceaccount:user-system:{_bob.Name}", .. to], ["get", "nodes", "--as", "root", "--as-group", "system:masters"],
        ];
        foreach (var command in commands)
        {
            var said = await _ada.KubectlAsync(command);
            Assert.True(said.ExitCode != 0 && said.Error.Contains("orbidden", StringComparison.Ordinal) && !said.Output.Contains("vault", StringComparison.Ordinal), $"{string.Join(' ', command)}: {said}");
        }

        var core = "/api/v1/namespaces/" + _bob.Namespace;
        await RefusedAsync(_ada,
        [
            ("GET", $"{core}/secrets/gold", ""), ("GET", $"{core}/pods/vault/proxy/", ""), ("GET", $"{core}/services/x/proxy/", ""), ("GET", core, ""), ("GET", "/api/v1/namespaces", ""), ("GET", "/api/v1/secrets", ""),
            ("GET", "/api/v1/namespaces/user-system/secrets", ""), ("GET", $"/api/v1/namespaces/user-system/secrets/sealos-kubeconfig-{_bob.Name}", ""), ("POST", $"/api/v1/namespaces/user-system/serviceaccounts/{_bob.Name}/token", """{"spec":{}}"""),
            ("GET", "/api/v1/nodes", ""), ("GET", "/api/v1/nodes/node-1/proxy/pods", ""), ("GET", $"{UserGroup}/users", ""), ("GET", $"{UserGroup}/users/{_bob.Name}", ""), ("GET", $"{UserGroup}/namespaces/user-system/invitations", ""),
            ("POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests", """{"metadata":{"name":"c"},"spec":{"request":"","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}"""),
            ("POST", $"{Rbac}/clusterrolebindings", Binding("ClusterRole", "cluster-admin", _ada.Name)), ("POST", $"{Rbac}/namespaces/{_bob.Namespace}/rolebindings", Binding("Role", "Owner", _ada.Name)),
            ("POST", $"{Rbac}/namespaces/{_ada.Namespace}/rolebindings", Binding("ClusterRole", "cluster-admin", _bob.Name)), ("POST", $"{Rbac}/namespaces/user-system/rolebindings", Binding("ClusterRole", "cluster-admin", _ada.Name)),
        ]);
    }

    [Fact]
    public async Task Walls_AreNotTheTenantsToTouch_AndComeBackWhenTheyFall()
    {
        var (core, net, roles) = ($"/api/v1/namespaces/{_ada.Namespace}", $"/apis/networking.k8s.io/v1/namespaces/{_ada.Namespace}", $"{Rbac}/namespaces/{_ada.Namespace}");
        string[] walls =
        [
            $"{core}/resourcequotas/quota-{_ada.Namespace}", $"{core}/limitranges/{_ada.Namespace}", $"{net}/networkpolicies/sealos-walls", $"{roles}/roles/Owner", $"{roles}/roles/Developer", $"{roles}/rolebindings/{_ada.Name}",
        ];
        const string Weaker = """{"metadata":{"labels":{"weaker":"yes"}},"spec":null}""";
        await RefusedAsync(_ada, [.. walls.SelectMany(w => new[] { ("DELETE", w, ""), ("PATCH", w, Weaker), ("DELETE", w[..w.LastIndexOf('/')], "") })]);
        await RefusedAsync(_ada, [("DELETE", core, ""), ("PATCH", core, """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":null}}}""")]);

        // Even an operator's slip is made good.
        var before = await Person.SendAsync(_operator, HttpMethod.Get, walls[2]);
        await Person.SendAsync(_operator, HttpMethod.Patch, walls[2], """{"spec":{"egress":[{}]}}""");
        await Eventually.TrueAsync("the wall that was opened is closed", async () => JsonNode.DeepEquals((await Person.SendAsync(_operator, HttpMethod.Get, walls[2]))["spec"], before["spec"]), ct: Ct);
        foreach (var wall in walls)
        {
            var uid = (string?)(await Person.SendAsync(_operator, HttpMethod.Get, wall))["metadata"]!["uid"];
            await Person.SendAsync(_operator, HttpMethod.Delete, wall);
            await Eventually.TrueAsync($"{wall} is back", async () => (string?)(await Person.SendAsync(_operator, HttpMethod.Get, wall))["metadata"]!["uid"] != uid, ct: Ct);
        }

        Assert.Null(await _ada.TryAsync(HttpMethod.Get, $"{core}/pods"));
        await PodsAreWhatTheOperatorHasChosenAsync(core);
    }

    private async Task PodsAreWhatTheOperatorHasChosenAsync(string core)
    {
        const string Pod = """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"registry.example.com/private:1","imagePullPolicy":"IfNotPresent"}]}}""";
        var pods = $"{core}/pods?dryRun=All";
        Task AnnotateAsync(string key, string? value) => Person.SendAsync(_operator, HttpMethod.Patch, core, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["user.sealos.io/" + key] = value } } }.ToJsonString());
        static (string? Class, long? Priority, string? Preemption, string? Pulls, string? Runtime) Read(JsonNode pod) =>
            ((string?)pod["spec"]!["priorityClassName"], (long?)pod["spec"]!["priority"], (string?)pod["spec"]!["preemptionPolicy"], (string?)pod["spec"]!["containers"]![0]!["imagePullPolicy"], (string?)pod["spec"]!["runtimeClassName"]);

        Assert.Equal(("workspace", -1, "Never", "IfNotPresent", null), Read(await Person.SendAsync(_ada.Client, HttpMethod.Post, pods, Pod)));
        Assert.Equal(403, (await _ada.TryAsync(HttpMethod.Post, pods, Pod.Replace("\"containers\"", "\"priorityClassName\":\"system-node-critical\",\"containers\"", StringComparison.Ordinal)))?.Code);

        // A stranger's: gVisor, which may be missing, and images with their own credential.
        await _cloud.SealosAsync(["component", "remove", "gvisor", "--yes"], Ct).OutputAsync();
        await AnnotateAsync("among-strangers", "yes");
        await Eventually.TrueAsync("pods being refused", async () => (await _ada.TryAsync(HttpMethod.Post, pods, Pod))?.Message.Contains("sealos component add gvisor", StringComparison.Ordinal) == true, ct: Ct);
        await AnnotateAsync("runtime-class", "runc");
        await Eventually.TrueAsync("pods being allowed", async () => await _ada.TryAsync(HttpMethod.Post, pods, Pod) is null, ct: Ct);
        Assert.Equal(("workspace", -1, "Never", "Always", null), Read(await Person.SendAsync(_ada.Client, HttpMethod.Post, pods, Pod)));

        await AnnotateAsync("runtime-class", null);
        await _cloud.SealosAsync(["component", "add", "gvisor"], Ct).OutputAsync();
        await Eventually.TrueAsync("pods being allowed in gVisor", async () => await _ada.TryAsync(HttpMethod.Post, pods, Pod) is null, ct: Ct);
        Assert.Equal(("workspace", -1, "Never", "Always", "gvisor"), Read(await Person.SendAsync(_ada.Client, HttpMethod.Post, pods, Pod)));

        // What a stranger runs speaks to gVisor's kernel, without having asked for it; an image that the machine has is not theirs to pull.
        await AnnotateAsync("among-strangers", null);
        await AnnotateAsync("runtime-class", "gvisor");
        await Eventually.TrueAsync("images of the machine being allowed", async () => Read(await Person.SendAsync(_ada.Client, HttpMethod.Post, pods, Pod)).Pulls == "IfNotPresent", ct: Ct);
        await _ada.KubectlAsync(["run", "guarded", "--image", CloudFixture.Tools, "--", "sh", "-c", "dmesg; sleep 1000000"]).OutputAsync();
        await _ada.KubectlAsync(["wait", "--for=condition=Ready", "pod/guarded", "--timeout=60s"]).OutputAsync();
        await Eventually.TrueAsync("gVisor's own words", async () => (await _ada.KubectlAsync(["logs", "guarded"]).OutputAsync()).Contains("Starting gVisor", StringComparison.Ordinal), ct: Ct);
        Assert.Equal("in\n", await _ada.KubectlAsync(["exec", "guarded", "--", "echo", "in"]).OutputAsync());

        var wrong = await _cloud.SealosAsync(["workspace", "settings", "set", "podSecurity=privileged"], Ct);
        Assert.True(wrong.ExitCode == 2 && wrong.Error.Contains("podSecurity is neither baseline nor restricted", StringComparison.Ordinal), $"{wrong}");
        Assert.Contains("priority class workspace", await _cloud.SealosAsync(["workspace", "settings", "get"], Ct).OutputAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Developer_OnlyLooks_AndAPersonalTokenAsksForNobody()
    {
        var team = "crew" + Guid.NewGuid().ToString("N")[..6];
        var core = $"/api/v1/namespaces/ns-{team}";
        Assert.Null(await _ada.TryAsync(HttpMethod.Post, $"{UserGroup}/users", Team(team)));
        await Eventually.TrueAsync("the team is ready", async () => await _ada.TryAsync(HttpMethod.Get, $"{core}/pods") is null, ct: Ct);
        Assert.Equal(403, (await _bob.TryAsync(HttpMethod.Post, Requests, Request(team, _bob.Name, "Owner")))?.Code);
        Assert.Null(await _ada.TryAsync(HttpMethod.Post, Requests, Request(team, _bob.Name, "Developer")));
        await Eventually.TrueAsync("the developer is in", async () => await _bob.TryAsync(HttpMethod.Get, $"{core}/pods") is null, ct: Ct);

        await RefusedAsync(_bob,
        [
            ("GET", $"{core}/secrets", ""), ("GET", $"{core}/pods/p/exec?command=id", ""), ("POST", $"{core}/pods/p/exec?command=id", ""), ("GET", $"{core}/pods/p/attach", ""), ("GET", $"{core}/pods/p/portforward", ""),
            ("GET", $"{core}/pods/p/proxy/", ""), ("GET", $"{core}/services/s/proxy/", ""), ("POST", $"{core}/serviceaccounts/default/token", """{"spec":{}}"""), ("POST", $"{core}/configmaps", """{"metadata":{"name":"c"}}"""),
            ("POST", $"{core}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}"""), ("DELETE", $"{core}/pods/p", ""), ("PATCH", $"{core}/pods/p/ephemeralcontainers", "{}"), ("POST", $"{core}/pods/p/eviction", "{}"),
            ("PATCH", $"/apis/apps/v1/namespaces/ns-{team}/deployments/d/scale", "{}"), ("POST", Requests, Request(team, _bob.Name, "Manager", "Update")), ("POST", $"{UserGroup}/deleterequests", DeleteOf(team)),
        ]);
        var exec = await _bob.KubectlAsync(["exec", "p", "-n", "ns-" + team, "--", "id"]);
        Assert.NotEqual(0, exec.ExitCode);

        // Its account lies among the people's, who may ask; it may not.
        using var token = await PersonalTokenAsync("ns-" + team);
        await Eventually.TrueAsync("the token's role holds", async () => await Person.TryAsync(token, HttpMethod.Get, $"{core}/secrets") is null, ct: Ct);
        foreach (var (path, body) in new[] { ($"{UserGroup}/users", Team("crow" + team)), (Requests, Request(team, _bob.Name, "Manager", "Update")), ($"{UserGroup}/deleterequests", DeleteOf(team)) })
        {
            Assert.Contains("only people who are signed in may do this", (await Person.TryAsync(token, HttpMethod.Post, path, body))?.Message, StringComparison.Ordinal);
        }

        Assert.Equal(403, (await Person.TryAsync(token, HttpMethod.Get, $"/api/v1/namespaces/{_ada.Namespace}/pods"))?.Code);
        Assert.Null(await _ada.TryAsync(HttpMethod.Post, $"{UserGroup}/deleterequests", DeleteOf(team)));
    }

    private static async Task RefusedAsync(Person person, (string Method, string Path, string Body)[] tries)
    {
        var answers = await Task.WhenAll(tries.Select(async t => (t, Said: await person.TryAsync(HttpMethod.Parse(t.Method), t.Path, t.Body.Length == 0 ? null : t.Body))));
        Assert.Empty(answers.Where(a => a.Said?.Code != 403).Select(a => $"{a.t.Method} {a.t.Path}: {a.Said?.Message ?? "was allowed"}"));
    }

    private static string Binding(string kind, string role, string user) =>
        $$$"""{"metadata":{"name":"b-{{{user}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"{{{kind}}}","name":"{{{role}}}"},"subjects":[{"kind":"ServiceAccount","name":"{{{user}}}","namespace":"user-system"}]}""";

    private static string Request(string team, string user, string role, string action = "Grant") =>
        $$$"""{"apiVersion":"user.sealos.io/v1","kind":"Operationrequest","metadata":{"generateName":"r-"},"spec":{"namespace":"ns-{{{team}}}","user":"{{{user}}}","role":"{{{role}}}","action":"{{{action}}}"}}""";

    private static string DeleteOf(string team) => $$$"""{"apiVersion":"user.sealos.io/v1","kind":"DeleteRequest","metadata":{"generateName":"d-"},"spec":{"user":"{{{team}}}"}}""";

    private string Team(string name) => $$$"""{"apiVersion":"user.sealos.io/v1","kind":"User","metadata":{"name":"{{{name}}}","labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"{{{_ada.Name}}}"} } }""";

    /// <summary>A personal token of the owner's, made as people make it.</summary>
    private async Task<KubeClient> PersonalTokenAsync(string workspace)
    {
        using var browser = _cloud.OpenBrowser();
        var services = $"https://{_cloud.Domain}:{_cloud.HttpsPort}/api/v1/";
        var wanted = new { name = "robot", role = "Owner", workspaces = new[] { workspace } };

        // Whoever has the kubeconfig alone could make it outlast itself.
        browser.DefaultRequestHeaders.Authorization = new("Bearer", _ada.Token);
        using var refused = await browser.PostAsJsonAsync(services + "tokens", wanted, Ct);
        Assert.Contains("no-session", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        browser.DefaultRequestHeaders.Authorization = null;
        using var session = await browser.PostAsJsonAsync(services + "sign-in", new { user = _ada.Name, password = Password }, Ct);
        browser.DefaultRequestHeaders.Authorization = new("Bearer", (string)(await session.Content.ReadFromJsonAsync<JsonObject>(Ct))!["token"]!);
        using var answer = await browser.PostAsJsonAsync(services + "tokens", wanted, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        var config = _ada.Client.Config;
        return new KubeClient(new KubeConfig { Server = config.Server, CertificateAuthorityPem = config.CertificateAuthorityPem, Token = (string)JsonNode.Parse(text)!["token"]! }, "robot");
    }
}
