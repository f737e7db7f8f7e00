using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class OwnerReferencesPermissionTests(ApiServerFixture server)
{
    private const string Owner = """{"apiVersion":"apps/v1","kind":"Deployment","name":"d","uid":"u","blockOwnerDeletion":BLOCK}""";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task BlockingAnOwnersDeletion_NeedsTheRightToItsFinalizers()
    {
        var (ns, user) = await UserAsync("block", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["*"]}""");
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        (await user.PostAsync(path, Owned("plain", "false"))).Expect(201);
        Assert.Equal(
            "configmaps \"blocking\" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>",
            (await user.PostAsync(path, Owned("blocking", "true"))).Expect(403).Message);
        (await _admin.PatchAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/r", """[{"op":"add","path":"/rules/-","value":{"apiGroups":["apps"],"resources":["deployments/finalizers"],"verbs":["update"]}}]""", ApiClient.JsonPatch)).Expect(200);
        (await user.PostAsync(path, Owned("blocking", "true"))).Expect(201);
        Assert.Contains(
            "cannot find RESTMapping for APIVersion x.y/v1 Kind Thing",
            (await user.PostAsync(path, Owned("unknown", "true").Replace("apps/v1", "x.y/v1", StringComparison.Ordinal).Replace("Deployment", "Thing", StringComparison.Ordinal))).Expect(403).Message!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task GivingAnObjectAnOwner_NeedsTheRightToDeleteIt()
    {
        var (ns, user) = await UserAsync("owner", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["create","patch","get"]}""");
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        (await user.PostAsync(path, """{"metadata":{"name":"m"}}""")).Expect(201);
        (await user.PatchAsync($"{path}/m", """{"data":{"k":"v"}}""")).Expect(200);
        Assert.Equal(
            "configmaps \"m\" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>",
            (await user.PatchAsync($"{path}/m", Owned("m", "false"))).Expect(403).Message);
    }

    private static string Owned(string name, string block) => $$$"""{"metadata":{"name":"{{{name}}}","ownerReferences":[{{{Owner.Replace("BLOCK", block, StringComparison.Ordinal)}}}]} }""";

    private async Task<(string Namespace, ApiClient User)> UserAsync(string name, string rule)
    {
        var ns = await _admin.NewNamespaceAsync();
        var rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/";
        (await _admin.PostAsync(rbac + "roles", $$$"""{"metadata":{"name":"r"},"rules":[{{{rule}}}]}""")).Expect(201);
        (await _admin.PostAsync(rbac + "rolebindings", $$$"""{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"{{{name}}}"}]}""")).Expect(201);
        return (ns, server.ClientFor(name));
    }
}
