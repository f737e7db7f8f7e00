using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public class ImpersonationTests
{
    private static readonly UserInfo Alice = new("alice", "a1", ["devs", "system:authenticated"], UserInfo.NoExtra);
    private static readonly UserInfo Admin = new("admin", null, ["system:masters", "system:authenticated"], UserInfo.NoExtra);

    private readonly RbacIndex _index = new();
    private readonly Impersonation _impersonation;

    public ImpersonationTests() => _impersonation = new Impersonation(new Authorizer(new RbacAuthorizer(_index)));

    private void Allow(string rules)
    {
        _index.Set(RbacKind.ClusterRole, Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"r"},"rules":[{{rules}}]}"""));
        _index.Set(RbacKind.ClusterRoleBinding, """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"alice"}]}"""u8.ToArray());
    }

    private static HeaderDictionary Headers(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            dictionary.Append(name, value);
        }

        return dictionary;
    }

    [Fact]
    public void Apply_NoHeaders_IsOneself() => Assert.Same(Alice, _impersonation.Apply(Alice, Headers(("Accept", "x"))).User);

    [Fact]
    public void Apply_Everything_IsTheOtherAndTheHeadersAreGone()
    {
        var headers = Headers(
            ("Impersonate-User", "bob"), ("Impersonate-Group", "devs"), ("Impersonate-Group", "ops"), ("impersonate-uid", "u1"),
            ("Impersonate-Extra-Foo", "bar"), ("Impersonate-Extra-acme.com%2Fproject", "p"), ("Impersonate-Extra-fo%6F", "baz"), ("Accept", "x"));

        var user = _impersonation.Apply(Admin, headers).User!;

        Assert.Equal(("bob", "u1"), (user.Name, user.Uid));
        Assert.Equal(["devs", "ops", "system:authenticated"], user.Groups);
        Assert.Equal(["bar", "baz"], user.Extra["foo"].Order());
        Assert.Equal(["p"], user.Extra["acme.com/project"]);
        Assert.Equal(["Accept"], headers.Keys);
    }

    [Fact]
    public void Apply_WithoutTheRight_IsForbiddenAsKubernetesSaysIt()
    {
        var refusal = _impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"))).Refusal!;
        Assert.Equal(403, refusal.Code);
        Assert.Equal("users \"bob\" is forbidden: User \"alice\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", refusal.Message);
        Assert.Equal(("bob", "users", ""), (refusal.Name, refusal.Kind, refusal.Group));
    }

    [Fact]
    public void Apply_RightForOneThing_DoesNotGiveTheOthers()
    {
        Allow("""{"verbs":["impersonate"],"apiGroups":[""],"resources":["users"],"resourceNames":["bob"]},{"verbs":["impersonate"],"apiGroups":["authentication.k8s.io"],"resources":["userextras/scopes"],"resourceNames":["view"]}""");
        Assert.Equal("bob", _impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"))).User!.Name);
        Assert.NotNull(_impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"), ("Impersonate-Extra-Scopes", "view"))).User);
        Assert.NotNull(_impersonation.Apply(Alice, Headers(("Impersonate-User", "carol"))).Refusal);

        var group = _impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"), ("Impersonate-Group", "system:masters"))).Refusal!;
        Assert.StartsWith("groups \"system:masters\" is forbidden", group.Message, StringComparison.Ordinal);
        var uid = _impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"), ("Impersonate-Uid", "1"))).Refusal!;
        Assert.StartsWith("uids.authentication.k8s.io \"1\" is forbidden", uid.Message, StringComparison.Ordinal);
        var extra = _impersonation.Apply(Alice, Headers(("Impersonate-User", "bob"), ("Impersonate-Extra-Scopes", "edit"))).Refusal!;
        Assert.Contains("cannot impersonate resource \"userextras/scopes\" in API group \"authentication.k8s.io\"", extra.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_ServiceAccount_NeedsTheRightInItsNamespaceAndHasItsGroups()
    {
        _index.Set(RbacKind.Role, """{"metadata":{"name":"r","namespace":"t1"},"rules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["serviceaccounts"]}]}"""u8.ToArray());
        _index.Set(RbacKind.RoleBinding, """{"metadata":{"name":"b","namespace":"t1"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"alice"}]}"""u8.ToArray());

        var user = _impersonation.Apply(Alice, Headers(("Impersonate-User", "system:serviceaccount:t1:robot"))).User!;

        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:t1", "system:authenticated"], user.Groups);
        var refusal = _impersonation.Apply(Alice, Headers(("Impersonate-User", "system:serviceaccount:t2:robot"))).Refusal!;
        Assert.EndsWith("in the namespace \"t2\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_Anonymous_IsNotAuthenticated() =>
        Assert.Equal(["system:unauthenticated"], _impersonation.Apply(Admin, Headers(("Impersonate-User", "system:anonymous"))).User!.Groups);

    [Fact]
    public void Apply_GroupWithoutUser_IsAnInternalError()
    {
        var refusal = _impersonation.Apply(Admin, Headers(("Impersonate-Group", "devs"))).Refusal!;
        Assert.Equal((500, "requested [{Group  devs    }] without impersonating a user"), (refusal.Code, refusal.Message));
    }
}
