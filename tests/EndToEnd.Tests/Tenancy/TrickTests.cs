using System.Net.Http.Headers;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Tricks with the Kubernetes API, by somebody whom the product has made, against somebody else and against the cloud.</summary>
[Collection(CloudCollection.Name)]
public sealed class TrickTests(CloudFixture fixture) : IAsyncLifetime
{
    private const string Json = "application/json";
    private const string Apply = "application/apply-patch+yaml";
    private const string JsonPatch = "application/json-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";

    private static readonly string[] Capabilities = ["NET_RAW", "NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "BPF", "ALL"];

    // What is said of what cannot be at all, whoever asks; everything else is a matter of rights or rules, and forbidden.
    private static readonly string[] Malformed =
    [
        "pods \\\"none\\\" not found", "metadata.name: Invalid value", "metadata.generateName: Invalid value", "does not match the namespace sent", "spec.externalName: Invalid value", ".host: Invalid value", "%2Fsecrets\\\" not found",
    ];

    private readonly Cloud _cloud = fixture.Cloud;
    private Person _eve = null!;
    private Person _vic = null!;
    private HttpClient _http = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var people = await Task.WhenAll(Person.CreateAsync(_cloud, "eve"), Person.CreateAsync(_cloud, "vic"));
        (_eve, _vic) = (people[0], people[1]);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = _eve.Client.Config.CreateTlsOptions() }) { Timeout = TimeSpan.FromMinutes(2) };
    }

    public async ValueTask DisposeAsync()
    {
        await _eve.DisposeAsync();
        await _vic.DisposeAsync();
        _http.Dispose();
    }

    private static (string Method, string Path, string Type, string Body)[] Tricks =>
    [
        // Rights by the labels of cluster roles, and questions about others.
        ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", Json, """{"metadata":{"name":"more","labels":{"rbac.authorization.k8s.io/aggregate-to-admin":"true"}},"rules":[]}"""),
        ("PATCH", "/apis/rbac.authorization.k8s.io/v1/clusterroles/view", JsonPatch, """[{"op":"add","path":"/rules/-","value":{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}}]"""),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", Json, """{"spec":{"token":"x"}}"""),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", Json, """{"spec":{"user":"admin","resourceAttributes":{"verb":"get","resource":"pods"}}}"""),
        ("POST", "/api/v1/namespaces/EVE/serviceaccounts/default/token", Json, """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"none","uid":"none"}}}"""),

        // Others' objects by lists, watches and paths that go round.
        ("GET", "/api/v1/pods?fieldSelector=metadata.namespace%3DVIC", "", ""), ("GET", "/api/v1/secrets?watch=1&allowWatchBookmarks=true", "", ""), ("GET", "/api/v1/watch/namespaces/VIC/secrets", "", ""), ("GET", "/api/v1/watch/secrets", "", ""),
        ("GET", "/api/v1/namespaces/EVE/../VIC/secrets", "", ""), ("GET", "/api/v1/namespaces/EVE/%2e%2e/VIC/secrets", "", ""), ("GET", "/api/v1/namespaces/EVE%2F..%2FVIC/secrets", "", ""), ("GET", "/api/v1/namespaces//VIC/secrets", "", ""),
        ("GET", "/api/v1/namespaces/VIC/secrets/", "", ""), ("GET", "/API/v1/namespaces/VIC/secrets", "", ""), ("GET", "/api/v1/namespaces/*/secrets", "", ""), ("GET", "/api/v1/namespaces/EVE/pods/..%2F..%2FVIC%2Fsecrets", "", ""),
        ("DELETE", "/api/v1/namespaces/VIC/configmaps", "", ""), ("POST", "/api/v1/namespaces/EVE/configmaps", Json, """{"metadata":{"name":"c","namespace":"VIC"}}"""),

        // Round the walls by other kinds of patches and bodies, dry runs and subresources.
        ("PATCH", "/apis/networking.k8s.io/v1/namespaces/EVE/networkpolicies/sealos-walls?fieldManager=me&force=true", Apply, """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"sealos-walls"},"spec":{"podSelector":{},"egress":[{}]}}"""),
        ("PATCH", "/apis/networking.k8s.io/v1/namespaces/EVE/networkpolicies/sealos-walls", JsonPatch, """[{"op":"replace","path":"/spec/egress","value":[{}]}]"""),
        ("PATCH", "/api/v1/namespaces/EVE/resourcequotas/quota-EVE", Strategic, """{"spec":{"hard":{"pods":"1000"}}}"""), ("PATCH", "/api/v1/namespaces/EVE/resourcequotas/quota-EVE/status", Strategic, """{"status":{"used":{"pods":"0"}}}"""),
        ("PATCH", "/api/v1/namespaces/EVE/resourcequotas/quota-EVE?dryRun=All", Strategic, """{"spec":{"hard":{"pods":"1000"}}}"""), ("PATCH", "/api/v1/namespaces/EVE/resourcequotas/quota-EVE?fieldManager=me&force=true", Apply, """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"quota-EVE"},"spec":{"hard":{"pods":"1000"}}}"""),
        ("PATCH", "/api/v1/namespaces/EVE?fieldManager=me&force=true", Apply, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"EVE","labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}"""),
        ("PUT", "/api/v1/namespaces/EVE/finalize", Json, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"EVE"},"spec":{"finalizers":[]}}"""),
        ("PUT", "/apis/user.sealos.io/v1/users/EVENAME/status", Json, """{"apiVersion":"user.sealos.io/v1","kind":"User","metadata":{"name":"EVENAME"},"status":{"phase":"Active"}}"""),
        ("PATCH", "/apis/user.sealos.io/v1/users/EVENAME", "application/merge-patch+json", """{"metadata":{"labels":{"user.sealos.io/owner":"admin"}}}"""),

        // What is the cloud's: nodes, volumes, classes, certificates, extensions, places of its own.
        ("POST", "/api/v1/persistentvolumes", Json, """{"metadata":{"name":"pv"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"claimRef":{"namespace":"EVE","name":"c"},"hostPath":{"path":"/"}}}"""),
        ("PATCH", "/api/v1/nodes/node-1", JsonPatch, "[]"), ("GET", "/api/v1/nodes/node-1/proxy/logs/", "", ""), ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Json, "{}"), ("POST", "/apis/apiregistration.k8s.io/v1/apiservices", Json, "{}"),
        ("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", Json, "{}"), ("POST", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", Json, "{}"), ("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", Json, "{}"),
        ("POST", "/apis/storage.k8s.io/v1/storageclasses", Json, "{}"), ("POST", "/apis/node.k8s.io/v1/runtimeclasses", Json, "{}"), ("POST", "/apis/networking.k8s.io/v1/ingressclasses", Json, "{}"),
        ("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", Json, "{}"), ("PATCH", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1", "application/merge-patch+json", "{}"), ("POST", "/api/v1/namespaces/default/events", Json, "{}"),
        ("GET", "/api/v1/namespaces/sealos-system/configmaps", "", ""), ("GET", "/api/v1/namespaces/kube-system/secrets", "", ""), ("GET", "/metrics", "", ""), ("GET", "/logs/", "", ""), ("GET", "/debug/pprof/", "", ""), ("GET", "/configz", "", ""),

        // Names of inner services and of the cloud's hosts, in every spelling.
        .. new[] { "web.VIC.svc.cluster.local.", "WEB.VIC.SVC.CLUSTER.LOCAL", "kubernetes.default.svc", "127.0.0.1", "169.254.169.254", "localhost" }
            .Select(n => ("POST", "/api/v1/namespaces/EVE/services", Json, $$$"""{"metadata":{"name":"en"},"spec":{"type":"ExternalName","externalName":"{{{n}}}"}}""")),
        .. new[] { "SEALOS.localhost", "sealos.localhost.", "console.sealos.localhost.", "Console.sealos.localhost", "s\u0435alos.localhost", "\uff53ealos.localhost", "*.localhost", "localhost", "xn--salos-4of.localhost", "a..sealos.localhost", "10.0.0.1", "" }
            .Select(h => ("POST", "/apis/networking.k8s.io/v1/namespaces/EVE/ingresses", Json, $$$$$"""{"metadata":{"name":"i"},"spec":{"rules":[{"host":"{{{{{h}}}}}","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"x","port":{"number":80}}}}]}}]}}""")),

        // A volume filled with what is another's.
        ("POST", "/api/v1/namespaces/EVE/persistentvolumeclaims", Json, """{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Mi"}},"dataSourceRef":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"s","namespace":"VIC"}}}"""),
        ("POST", "/api/v1/namespaces/EVE/configmaps", Json, """{"metadata":{"generateName":"../VIC/"}}"""), ("POST", "/api/v1/namespaces/EVE/configmaps", Json, """{"metadata":{"name":"$(reboot)"}}"""),

        // What a pod may ask for: nobody else's name, and nothing of the machine.
        ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod(""","serviceAccountName":"admin" """)), ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod(""","serviceAccountName":"VICNAME" """)),
        .. new[] { "hostNetwork", "hostPID", "hostIPC" }.Select(h => ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod($",\"{h}\":true"))),
        .. Capabilities.Select(c => ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod("", $$$""","securityContext":{"capabilities":{"add":["{{{c}}}"]}}"""))),
        .. new[] { "\"privileged\":true", "\"procMount\":\"Unmasked\"", "\"seccompProfile\":{\"type\":\"Unconfined\"}", "\"appArmorProfile\":{\"type\":\"Unconfined\"}" }
            .Select(s => ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod("", $",\"securityContext\":{{{s}}}"))),
        ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod(""","securityContext":{"sysctls":[{"name":"kernel.core_pattern","value":"|/bin/sh"}]}""")), ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod("", ""","ports":[{"containerPort":80,"hostPort":80}]""")),
        ("POST", "/api/v1/namespaces/EVE/pods", Json, Pod(""","initContainers":[{"name":"i","image":"x","securityContext":{"privileged":true}}]""")),
    ];

    [Fact]
    public async Task Tricks_AreEachRefused_AndTellNothing()
    {
        Assert.Null(await _vic.TryAsync(HttpMethod.Post, $"/api/v1/namespaces/{_vic.Namespace}/secrets", """{"metadata":{"name":"prize"},"stringData":{"a":"dowry"}}"""));

        var answers = await Task.WhenAll(Tricks.Select(async t =>
        {
            var (status, said) = await SendAsync(t.Method, t.Path, t.Type, Encoding.UTF8.GetBytes(Fill(t.Body)));
            var isExpected = status == 403 || (status is 400 or 404 or 405 or 422 && Malformed.Any(m => said.Contains(m, StringComparison.Ordinal)));
            return isExpected && !said.Contains("prize", StringComparison.Ordinal) ? null : $"{t.Method} {t.Path} {t.Body}: {status} {said}";
        }));

        Assert.Empty(answers.OfType<string>());
    }

    [Fact]
    public async Task Bodies_InOtherForms_MeetTheSameRules()
    {
        var path = $"/api/v1/namespaces/{_eve.Namespace}/resourcequotas";

        Assert.Equal((403, 403), ((await SendAsync("POST", path, "application/vnd.kubernetes.protobuf", Protobuf("v1", "ResourceQuota", "mine"))).Status, (await SendAsync("POST", path, "application/yaml", "metadata: {name: mine}"u8.ToArray())).Status));
        Assert.Equal(201, (await SendAsync("POST", $"/api/v1/namespaces/{_eve.Namespace}/configmaps", "application/vnd.kubernetes.protobuf", Protobuf("v1", "ConfigMap", "mine"))).Status);

        // Of what is no message at all, and of one that says it is another kind.
        foreach (var body in new[] { "k8s\0"u8.ToArray(), [0x6b, 0x38, 0x73, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Protobuf("v1", "ResourceQuota", "mine") })
        {
            Assert.InRange((await SendAsync("POST", $"/api/v1/namespaces/{_eve.Namespace}/secrets", "application/vnd.kubernetes.protobuf", body)).Status, 400, 499);
        }
    }

    [Fact]
    public async Task Impersonation_InEveryForm_IsRefused()
    {
        (string, string)[][] disguises =
        [
            [("Impersonate-User", "admin")], [("Impersonate-User", "system:admin"), ("Impersonate-Group", "system:masters")], [("Impersonate-User", $"system:serviceaccount:user-system:{_vic.Name}")], [("Impersonate-Group", "system:masters")],
            [("Impersonate-Uid", "0")], [("Impersonate-Extra-Scopes", "all")], [("Impersonate-User", $"system:serviceaccount:user-system:{_eve.Name}"), ("Impersonate-Group", "system:masters")],
        ];
        foreach (var disguise in disguises)
        {
            var (status, said) = await SendAsync("GET", "/api/v1/nodes", "", [], disguise);
            Assert.True(status is 400 or 403 or 500 && !said.Contains("NodeList", StringComparison.Ordinal), $"{string.Join(' ', disguise)}: {status} {said}");
        }

        // What a proxy before the server would say is nobody's word here.
        foreach (var header in new[] { "X-Remote-User", "X-Remote-Group", "X-Forwarded-User", "X-Original-URL" })
        {
            Assert.Equal(403, (await SendAsync("GET", "/api/v1/nodes", "", [], (header, "system:masters"))).Status);
        }
    }

    [Fact]
    public async Task OwnerReferences_ToWhatIsAnothers_EndNothingOfTheirs()
    {
        var theirs = await Person.SendAsync(_vic.Client, HttpMethod.Post, $"/api/v1/namespaces/{_vic.Namespace}/configmaps", """{"metadata":{"name":"kept"}}""");
        var (uid, mine) = ((string)theirs["metadata"]!["uid"]!, $"/api/v1/namespaces/{_eve.Namespace}/configmaps");

        // The owner is not where the object says: the object itself goes.
        Assert.Null(await _eve.TryAsync(HttpMethod.Post, mine, $$$"""{"metadata":{"name":"hanger","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"kept","uid":"{{{uid}}}","blockOwnerDeletion":true,"controller":true}]}}"""));
        await Eventually.TrueAsync("the object of a foreign owner is gone", async () => (await _eve.TryAsync(HttpMethod.Get, mine + "/hanger"))?.IsNotFound == true, TimeSpan.FromSeconds(90), Ct);

        // And the other's own goes when they say so, whoever hangs on it.
        await _eve.TryAsync(HttpMethod.Post, mine, $$$"""{"metadata":{"name":"hanger","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"kept","uid":"{{{uid}}}","blockOwnerDeletion":true}]}}""");
        var path = $"/api/v1/namespaces/{_vic.Namespace}/configmaps/kept";
        Assert.Null(await _vic.TryAsync(HttpMethod.Get, path));
        Assert.Null(await _vic.TryAsync(HttpMethod.Delete, path + "?propagationPolicy=Foreground"));
        await Eventually.TrueAsync("the other's object is gone", async () => (await _vic.TryAsync(HttpMethod.Get, path))?.IsNotFound == true, TimeSpan.FromSeconds(90), Ct);
    }

    [Fact]
    public async Task Quota_RacedFor_GivesExactlyWhatItSays_AndNeighboursAreServed()
    {
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{_eve.Namespace}/leases";
        const int Clients = 64;
        var clients = Enumerable.Range(0, Clients).Select(_ => new KubeClient(_eve.Client.Config, "racer")).ToList();
        try
        {
            var race = Task.WhenAll(clients.Select(async c =>
            {
                var made = 0;
                for (var i = 0; i < 3; i++)
                {
                    made += await Person.TryAsync(c, HttpMethod.Post, path, """{"metadata":{"generateName":"l-"}}""") switch
                    {
                        null => 1,
                        { Code: 403 or 409 or 429 } => 0,
                        var other => throw other,
                    };
                }

                return made;
            }));
            Assert.Null(await _vic.TryAsync(HttpMethod.Get, $"/api/v1/namespaces/{_vic.Namespace}/pods"));
            var sum = (await race).Sum();

            // Whoever lost a race may try again, up to the wall and not beyond.
            for (var said = await MoreAsync(); said is not { Code: 403 }; said = await MoreAsync())
            {
                sum += said is null ? 1 : 0;
            }

            Assert.Equal(100, sum);
            Assert.Equal(100, (await Person.SendAsync(_eve.Client, HttpMethod.Get, path))["items"]!.AsArray().Count);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        Task<ApiException?> MoreAsync() => _eve.TryAsync(HttpMethod.Post, path, """{"metadata":{"generateName":"l-"}}""");
    }

    private static string Pod(string spec, string container = "") => $$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"nowhere.test/x:1"{{{container}}}}]{{{spec}}}}}""";

    private static byte[] Protobuf(string version, string kind, string name)
    {
        static byte[] Field(int number, byte[] value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];
        var type = (byte[])[.. Field(1, Encoding.UTF8.GetBytes(version)), .. Field(2, Encoding.UTF8.GetBytes(kind))];
        var raw = Field(1, Field(1, Encoding.UTF8.GetBytes(name)));
        return [0x6b, 0x38, 0x73, 0, .. Field(1, type), .. Field(2, raw)];
    }

    private string Fill(string text) => text.Replace("EVENAME", _eve.Name, StringComparison.Ordinal).Replace("VICNAME", _vic.Name, StringComparison.Ordinal)
        .Replace("EVE", _eve.Namespace, StringComparison.Ordinal).Replace("VIC", _vic.Namespace, StringComparison.Ordinal);

    /// <summary>Sends a request whose path nobody tidies on the way.</summary>
    private async Task<(int Status, string Said)> SendAsync(string method, string path, string type, byte[] body, params (string Name, string Value)[] headers)
    {
        var address = new Uri(_eve.Client.Config.Server.GetLeftPart(UriPartial.Authority) + Fill(path), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), address);
        request.Headers.Authorization = new("Bearer", _eve.Token);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (type.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync(Ct));
    }
}
