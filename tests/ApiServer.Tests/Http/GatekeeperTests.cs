using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>Who is let in.</summary>
public sealed class GatekeeperTests(ApiServerFixture server)
{
    [Fact]
    public async Task Anonymous_SeesHealthAndNothingElse()
    {
        using var anonymous = server.Anonymous();
        Assert.Equal(200, (await anonymous.GetAsync("/readyz")).Code);
        var answer = await anonymous.GetAsync("/api/v1/namespaces");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"namespaces is forbidden: User \"system:anonymous\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"namespaces"},"code":403}""", answer.Text);
        Assert.Equal("""forbidden: User "system:anonymous" cannot get path "/metrics" """.Trim(), (await anonymous.GetAsync("/metrics")).Message);
    }

    [Fact]
    public async Task WrongToken_IsUnauthorized()
    {
        using var anonymous = server.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer nonsense");
        var answer = await anonymous.SendAsync(request);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}""", answer.Text);
    }

    [Fact]
    public async Task Role_LetsIntoItsNamespaceOnly()
    {
        var admin = server.Admin;
        var ns = await admin.NewNamespaceAsync();
        await admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"v"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"vera"}]}""");
        using var vera = server.ClientFor("vera");
        Assert.Equal(200, (await vera.GetAsync($"/api/v1/namespaces/{ns}/pods")).Code);
        Assert.Equal(200, (await vera.GetAsync($"/api/v1/namespaces/{ns}")).Code);
        Assert.Equal(403, (await vera.GetAsync($"/api/v1/namespaces/{ns}/secrets")).Code);
        Assert.Equal(403, (await vera.GetAsync("/api/v1/namespaces/default/pods")).Code);
        Assert.Equal(403, (await vera.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""")).Code);
        (await admin.DeleteAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/v")).Expect(200);
        Assert.Equal(403, (await vera.GetAsync($"/api/v1/namespaces/{ns}/pods")).Code);
    }

    [Fact]
    public async Task ListOfOneName_NeedsOnlyThatName()
    {
        var admin = server.Admin;
        var ns = await admin.NewNamespaceAsync();
        await admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"one"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list","watch"],"resourceNames":["only"]}]}""");
        await admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"one"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"one"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"otto"}]}""");
        using var otto = server.ClientFor("otto");
        Assert.Equal(403, (await otto.GetAsync($"/api/v1/namespaces/{ns}/configmaps")).Code);
        Assert.Equal(200, (await otto.GetAsync($"/api/v1/namespaces/{ns}/configmaps?fieldSelector=metadata.name%3Donly")).Code);
    }

    [Fact]
    public async Task CertificateReader_FollowsCertificatesAndNoOtherSecrets()
    {
        var ns = await server.Admin.NewNamespaceAsync();
        (await server.Admin.PostAsync($"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"password"},"stringData":{"a":"b"}}""")).Expect(201);
        (await server.Admin.PostAsync($"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"certificate"},"type":"kubernetes.io/tls","stringData":{"tls.crt":"","tls.key":""}}""")).Expect(201);
        using var reader = server.ClientFor("edge", "certificate-readers");

        var list = (await reader.GetAsync($"/api/v1/namespaces/{ns}/secrets?fieldSelector=type%3Dkubernetes.io/tls")).Expect(200);
        Assert.Equal("certificate", Assert.Single(list.Json["items"]!.AsArray())!["metadata"]!["name"]!.GetValue<string>());
        foreach (var query in new[] { "", "?fieldSelector=type!%3Dkubernetes.io/tls", "?fieldSelector=type%3DOpaque", "?fieldSelector=metadata.name%3Dpassword", "?watch=1", "/certificate", "/certificate?fieldSelector=type%3Dkubernetes.io/tls" })
        {
            Assert.Equal(403, (await reader.GetAsync($"/api/v1/namespaces/{ns}/secrets{query}")).Code);
        }

        var both = (await reader.GetAsync($"/api/v1/namespaces/{ns}/secrets?fieldSelector=type%3DOpaque&fieldSelector=type%3Dkubernetes.io/tls")).Code;
        Assert.Equal(403, both);
        using var other = server.ClientFor("other", "certificate-writers");
        Assert.Equal(403, (await other.GetAsync($"/api/v1/namespaces/{ns}/secrets?fieldSelector=type%3Dkubernetes.io/tls")).Code);
        Assert.Equal(403, (await reader.DeleteAsync($"/api/v1/namespaces/{ns}/secrets?fieldSelector=type%3Dkubernetes.io/tls")).Code);
    }

    [Fact]
    public async Task Impersonation_ActsAsTheOther()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/default/pods");
        request.Headers.TryAddWithoutValidation("Impersonate-User", "alice");
        var answer = await server.Admin.SendAsync(request);
        Assert.Equal("""pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default" """.Trim(), answer.Message);
    }

    [Fact]
    public async Task GrantingMoreThanOneHolds_IsForbidden()
    {
        var admin = server.Admin;
        var ns = await admin.NewNamespaceAsync();
        await admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"maker"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]}]}""");
        await admin.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"maker"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"maker"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"eve"}]}""");
        using var eve = server.ClientFor("eve");
        var answer = await eve.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"esc"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""");
        Assert.Equal(403, answer.Code);
        Assert.Contains("is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}", answer.Message, StringComparison.Ordinal);
    }
}
