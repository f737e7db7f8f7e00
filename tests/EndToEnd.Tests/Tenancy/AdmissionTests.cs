using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A tenant with a real token, who may do everything in the workspace as far as roles go, meets what admission refuses.</summary>
[Collection(CloudCollection.Name)]
public sealed class AdmissionTests(CloudFixture fixture) : IAsyncLifetime
{
    private const string Ingresses = "/apis/networking.k8s.io/v1/namespaces/{0}/ingresses";

    private Tenant _mallory = null!;
    private Tenant _alice = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _mallory = await Tenant.CreateAsync(fixture.Cloud, "mallory");
        _alice = await Tenant.CreateAsync(fixture.Cloud, "alice");
    }

    public async ValueTask DisposeAsync()
    {
        await _mallory.DisposeAsync();
        await _alice.DisposeAsync();
    }

    private static (string Attack, string Method, string Path, string Body, string Expected)[] Attacks =>
    [
        ("takes the labels of the walls off", "PATCH", "/api/v1/namespaces/NS", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}""", "workspaces are created"),
        ("leaves the rules by giving up the owner's label", "PATCH", "/api/v1/namespaces/NS", """{"metadata":{"labels":{"user.sealos.io/owner":null}}}""", "workspaces are created"),
        ("passes as the operator's", "PATCH", "/api/v1/namespaces/NS", """{"metadata":{"labels":{"user.sealos.io/owner":"admin"}}}""", "workspaces are created"),
        ("writes the state of the namespace", "PATCH", "/api/v1/namespaces/NS/status", """{"metadata":{"annotations":{"a":"b"}}}""", "workspaces are created"),
        ("ends the namespace", "DELETE", "/api/v1/namespaces/NS", "", "workspaces are created"),
        ("writes a quota", "POST", "/api/v1/namespaces/NS/resourcequotas", """{"metadata":{"name":"mine"},"spec":{"hard":{"pods":"1"}}}""", "quotas of a workspace"),
        ("replaces the limits", "POST", "/api/v1/namespaces/NS/limitranges", """{"metadata":{"name":"NS"},"spec":{"limits":[{"type":"Container"}]}}""", "belongs to the workspace's walls"),
        ("replaces the walls", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies", """{"metadata":{"name":"sealos-walls"},"spec":{"podSelector":{}}}""", "belongs to the workspace's walls"),
        ("opens every way out", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies", """{"metadata":{"name":"open"},"spec":{"podSelector":{},"egress":[{}]}}""", "without 'to'"),
        ("opens the node", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies", """{"metadata":{"name":"open"},"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}]}}""", "closed to workspaces"),
        ("opens other workspaces", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies", """{"metadata":{"name":"open"},"spec":{"podSelector":{},"egress":[{"to":[{"namespaceSelector":{}}]}]}}""", "must stay in this workspace"),
        ("changes the role of members", "PATCH", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles/Owner", """{"rules":[]}""", "is the cloud's"),
        ("lets a stranger in", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", """{"metadata":{"name":"friend"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"Owner"},"subjects":[{"kind":"ServiceAccount","name":"alice","namespace":"user-system"}]}""", "may name only ServiceAccounts of"),
        ("lets everybody in", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", """{"metadata":{"name":"friends"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"Owner"},"subjects":[{"kind":"Group","name":"system:authenticated","apiGroup":"rbac.authorization.k8s.io"}]}""", "may name only ServiceAccounts of"),
        ("leaves a program with the owner's role", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", """{"metadata":{"name":"stays"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"Owner"},"subjects":[{"kind":"ServiceAccount","name":"default","namespace":"NS"}]}""", "is for people"),
        ("leaves a program with every right", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles", """{"metadata":{"name":"all"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""", "not '*' for both"),
        ("keeps a program's token for later", "POST", "/api/v1/namespaces/NS/serviceaccounts/default/token", """{"spec":{}}""", "must be bound to a pod"),
        ("keeps a token that never ends", "POST", "/api/v1/namespaces/NS/secrets", """{"metadata":{"name":"t","annotations":{"kubernetes.io/service-account.name":"default"}},"type":"kubernetes.io/service-account-token"}""", "never ends"),
        ("asks for a role in somebody else's name", "POST", "/apis/user.sealos.io/v1/namespaces/user-system/operationrequests", """{"apiVersion":"user.sealos.io/v1","kind":"Operationrequest","metadata":{"name":"NS-forged","labels":{"user.sealos.io/requester":"admin"}},"spec":{"namespace":"NS","user":"admin","role":"Owner","action":"Grant"}}""", "only people who are signed in may do this"),
        ("puts the owner out", "DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings/OWNER", "", "says who is a member"),
        ("asks for a load balancer", "POST", "/api/v1/namespaces/NS/services", """{"metadata":{"name":"lb"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""", "LoadBalancer are not allowed"),
        ("takes an address of others", "POST", "/api/v1/namespaces/NS/services", """{"metadata":{"name":"ip"},"spec":{"externalIPs":["10.208.0.1"],"ports":[{"port":80}]}}""", "externalIPs are not allowed"),
        ("names a service of others", "POST", "/api/v1/namespaces/NS/services", """{"metadata":{"name":"en"},"spec":{"type":"ExternalName","externalName":"kubernetes.default.svc.cluster.local"}}""", "outside the cluster"),
        ("leads visitors to a pod of others", "POST", "/apis/discovery.k8s.io/v1/namespaces/NS/endpointslices", """{"metadata":{"name":"ep","labels":{"kubernetes.io/service-name":"x","endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"}},"addressType":"IPv4","endpoints":[{"addresses":["10.208.0.7"]}]}""", "belongs to no workspace"),
        ("leads the API server to the node", "POST", "/api/v1/namespaces/NS/endpoints", """{"metadata":{"name":"ep"},"subsets":[{"addresses":[{"ip":"10.209.0.1"}],"ports":[{"port":443}]}]}""", "belongs to no workspace"),
        ("places a pod", "POST", "/api/v1/namespaces/NS/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"node-1","containers":[{"name":"c","image":"x"}]}}""", "leave out nodeName"),
        ("places a pod later", "POST", "/api/v1/namespaces/NS/pods/p/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"node-1"}}""", "placed by the scheduler"),
        ("places a pod by its binding", "POST", "/api/v1/namespaces/NS/bindings", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"node-1"}}""", "placed by the scheduler"),
        ("mounts the machine's disk", "POST", "/api/v1/namespaces/NS/pods", """{"metadata":{"name":"p"},"spec":{"volumes":[{"name":"h","hostPath":{"path":"/"}}],"containers":[{"name":"c","image":"x"}]}}""", "violates PodSecurity"),
        ("pushes others aside", "POST", "/apis/apps/v1/namespaces/NS/deployments", """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"priorityClassName":"system-node-critical","containers":[{"name":"c","image":"x"}]}}}}""", "priorityClassName"),
        ("runs among the cloud's own pods", "POST", "/apis/batch/v1/namespaces/NS/jobs", """{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","tolerations":[{"operator":"Exists"}],"containers":[{"name":"c","image":"x"}]}}}}""", "leave out the toleration"),
        ("takes a volume of others", "POST", "/api/v1/namespaces/NS/persistentvolumeclaims", """{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"volumeName":"pvc-of-alice","resources":{"requests":{"storage":"1Mi"}}}}""", "is none that a claim of"),
        ("takes a class that is not for tenants", "POST", "/api/v1/namespaces/NS/persistentvolumeclaims", """{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"secret","resources":{"requests":{"storage":"1Mi"}}}}""", "is not allowed here"),
        ("keeps objects from going", "POST", "/api/v1/namespaces/NS/configmaps", """{"metadata":{"name":"c","finalizers":["example.com/forever"]}}""", "nothing of the cloud would take it off"),
        ("takes the cloud's own host", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", Ingress("sealos.localhost"), "40303: sealos.localhost is the cloud's own host"),
        ("takes all hosts", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", Ingress("*.sealos.localhost"), "40303: '*.sealos.localhost' would take hosts of others"),
        ("passes as the console", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", Ingress("console.sealos.localhost"), "40303: 'console.sealos.localhost' is reserved"),
        ("takes a domain that is not proven", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", Ingress("shop.example.com"), "40300: 'shop.example.com' is not proven"),
        ("creates a user", "POST", "/apis/user.sealos.io/v1/users", """{"apiVersion":"user.sealos.io/v1","kind":"User","metadata":{"name":"me"}}""", "only people who are signed in may do this"),
        ("writes a claim of a host", "POST", "/apis/network.sealos.io/v1/hostclaims", """{"metadata":{"name":"x.sealos.localhost"},"spec":{"namespace":"NS"}}""", "cannot create resource"),
        ("writes webhooks", "DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sealos-tenancy", "", "cannot delete resource"),
        ("asks for a certificate", "POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests", """{"metadata":{"name":"c"},"spec":{"request":"","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}""", "cannot create resource"),
        ("takes another's token", "POST", "/api/v1/namespaces/user-system/serviceaccounts/alice/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""", "cannot create resource"),
        ("takes the host of an alias", "POST", "/apis/networking.k8s.io/v1/namespaces/NS/ingresses", """{"metadata":{"name":"i","annotations":{"nginx.ingress.kubernetes.io/server-alias":"a.b"}},"spec":{"rules":[{"host":"m.sealos.localhost"}]}}""", "is not allowed: it would reach beyond"),
    ];

    [Fact]
    public async Task Attacks_AreEachRefusedWithOneSentence()
    {
        var answers = await Task.WhenAll(Attacks.Select(async a =>
        {
            var said = await _mallory.TryAsync(HttpMethod.Parse(a.Method), Fill(a.Path), a.Body.Length == 0 ? null : Fill(a.Body));
            return said is { Code: 403 } && said.Message.Contains(Fill(a.Expected), StringComparison.Ordinal) ? null : $"{a.Attack}: {said?.Message ?? "was allowed"}";
        }));

        Assert.Empty(answers.OfType<string>());
    }

    [Fact]
    public async Task PodThatIsThere_IsNotLedElsewhere_NorAmongTheCloudsOwn()
    {
        var pods = Fill("/api/v1/namespaces/NS/pods");
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, pods, """{"metadata":{"name":"waits"},"spec":{"schedulerName":"nobody","containers":[{"name":"c","image":"nowhere.test/web:1"}]}}"""));

        var state = await _mallory.TryAsync(HttpMethod.Patch, pods + "/waits/status", """{"status":{"podIP":"10.208.0.7","podIPs":[{"ip":"10.208.0.7"}]}}""");
        var toleration = await _mallory.TryAsync(HttpMethod.Patch, pods + "/waits", """{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"operator":"Exists"}]}}""");

        Assert.Contains("state of a pod", state?.Message, StringComparison.Ordinal);
        Assert.Contains("kept for the cloud itself", toleration?.Message, StringComparison.Ordinal);
        Assert.Null(await _mallory.TryAsync(HttpMethod.Delete, pods + "/waits"));
    }

    [Fact]
    public async Task OrdinaryWork_IsAllowed()
    {
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/api/v1/namespaces/NS/services"), """{"metadata":{"name":"web"},"spec":{"type":"NodePort","selector":{"app":"web"},"ports":[{"port":80}]}}"""));
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/api/v1/namespaces/NS/persistentvolumeclaims"), """{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"standard","resources":{"requests":{"storage":"1Mi"}}}}"""));
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies"), """{"metadata":{"name":"mine"},"spec":{"podSelector":{},"egress":[{"to":[{"podSelector":{}}]}]}}"""));
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles"), """{"metadata":{"name":"bot"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["*"]}]}"""));
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings"), Fill("""{"metadata":{"name":"bot"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"bot"},"subjects":[{"kind":"ServiceAccount","name":"default","namespace":"NS"}]}""")));
        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, Fill("/apis/apps/v1/namespaces/NS/deployments"), """{"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nowhere.test/web:1"}]}}}}"""));
        await Eventually.TrueAsync("the deployment's pod is made", async () => (await _mallory.OperatorAsync(HttpMethod.Get, Fill("/api/v1/namespaces/NS/pods")))["items"]!.AsArray().Count == 1, ct: Ct);
        Assert.Null(await _mallory.TryAsync(HttpMethod.Delete, Fill("/apis/apps/v1/namespaces/NS/deployments/web")));
    }

    [Fact]
    public async Task Host_WantedByTwoWorkspacesAtOnce_IsGivenToExactlyOne_EachTime()
    {
        for (var round = 0; round < 4; round++)
        {
            var host = $"race-{Guid.NewGuid().ToString("N")[..8]}.sealos.localhost";
            var tries = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
            {
                var tenant = i % 2 == 0 ? _mallory : _alice;
                return (tenant, Said: await tenant.TryAsync(HttpMethod.Post, string.Format(null, Ingresses, tenant.Namespace), Ingress(host, $"race-{round}-{i}")));
            }));

            var winner = Assert.Single(tries.Where(t => t.Said is null).Select(t => t.tenant).Distinct());
            Assert.All(tries.Where(t => t.tenant != winner), t => Assert.Contains("40301:", t.Said!.Message, StringComparison.Ordinal));
            var claim = await _mallory.OperatorAsync(HttpMethod.Get, "/apis/network.sealos.io/v1/hostclaims/" + host);
            Assert.Equal(winner.Namespace, (string?)claim["spec"]!["namespace"]);
        }
    }

    [Fact]
    public async Task Host_OfADryRun_IsNotTaken()
    {
        const string Host = "rehearsal.sealos.localhost";

        Assert.Null(await _mallory.TryAsync(HttpMethod.Post, string.Format(null, Ingresses, _mallory.Namespace) + "?dryRun=All", Ingress(Host)));

        Assert.True((await _mallory.TryAsOperatorAsync(HttpMethod.Get, "/apis/network.sealos.io/v1/hostclaims/" + Host))!.IsNotFound);
        Assert.Null(await _alice.TryAsync(HttpMethod.Post, string.Format(null, Ingresses, _alice.Namespace), Ingress(Host)));
    }

    [Fact]
    public async Task SuspendedWorkspace_TakesNoWork_AndLetsThingsBeDeleted()
    {
        var maps = $"/api/v1/namespaces/{_alice.Namespace}/configmaps";
        Assert.Null(await _alice.TryAsync(HttpMethod.Post, maps, """{"metadata":{"name":"before"}}"""));
        await _alice.OperatorAsync(HttpMethod.Patch, "/api/v1/namespaces/" + _alice.Namespace, """{"metadata":{"annotations":{"debt.sealos/status":"SuspendCompleted"}}}""");
        try
        {
            await Eventually.TrueAsync("new work is refused", async () => (await _alice.TryAsync(HttpMethod.Patch, maps + "/before", """{"data":{"a":"b"}}"""))?.Message.Contains("40001:", StringComparison.Ordinal) == true, ct: Ct);
            Assert.Null(await _alice.TryAsync(HttpMethod.Delete, maps + "/before"));
        }
        finally
        {
            await _alice.OperatorAsync(HttpMethod.Patch, "/api/v1/namespaces/" + _alice.Namespace, """{"metadata":{"annotations":{"debt.sealos/status":null}}}""");
        }
    }

    [Fact]
    public async Task Configurations_ChangedOrDeleted_AreAsTheyWereAtOnce()
    {
        const string Path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sealos-tenancy";
        var before = await _mallory.OperatorAsync(HttpMethod.Get, Path);

        await _mallory.OperatorAsync(HttpMethod.Patch, Path, """{"webhooks":[]}""");
        await Eventually.TrueAsync("it is as it was", async () => (await _mallory.OperatorAsync(HttpMethod.Get, Path))["webhooks"]?.ToJsonString() == before["webhooks"]!.ToJsonString(), ct: Ct);
        await _mallory.OperatorAsync(HttpMethod.Delete, Path);
        await Eventually.TrueAsync("it is there again", async () => await _mallory.TryAsOperatorAsync(HttpMethod.Get, Path) is null, ct: Ct);
        await Eventually.TrueAsync("and holds", async () => await _mallory.TryAsync(HttpMethod.Delete, "/api/v1/namespaces/" + _mallory.Namespace + "?dryRun=All") is { Code: 403 }, ct: Ct);
    }

    private string Fill(string text) => text.Replace("NS", _mallory.Namespace, StringComparison.Ordinal).Replace("OWNER", _mallory.Name, StringComparison.Ordinal);

    private static string Ingress(string host, string name = "i") =>
        $$$$$"""{"metadata":{"name":"{{{{{name}}}}}"},"spec":{"ingressClassName":"sealos","rules":[{"host":"{{{{{host}}}}}","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"x","port":{"number":80}}}}]}}]}}""";
}
