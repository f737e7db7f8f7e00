using Sealos.OsServices.Admission;
using Xunit;

namespace Sealos.OsServices_Tests.Admission;

public sealed class CallersTests
{
    [Theory]
    [InlineData("anyone", "system:masters", "Operator")]
    [InlineData("system:node:n1", "system:nodes", "Operator")]
    [InlineData("sealos:volumes", "", "Operator")]
    [InlineData("system:kube-scheduler", "", "Operator")]
    [InlineData("system:serviceaccount:kube-system:replicaset-controller", "system:serviceaccounts", "Operator")]
    [InlineData("system:serviceaccount:sealos-system:services", "system:serviceaccounts", "Operator")]
    [InlineData("system:serviceaccount:user-system:admin", "system:serviceaccounts:user-system", "Operator")]
    [InlineData("system:serviceaccount:user-system:mallory", "system:serviceaccounts:user-system", "Tenant")]
    [InlineData("system:serviceaccount:user-system:Admin", "system:serviceaccounts:user-system", "Tenant")]
    [InlineData("system:serviceaccount:ns-mallory:default", "system:serviceaccounts:ns-mallory", "Tenant")]
    [InlineData("system:serviceaccount:labelled:default", "system:serviceaccounts:labelled", "Tenant")]
    [InlineData("system:serviceaccount:cert-manager:cert-manager", "system:serviceaccounts", "Other")]
    [InlineData("somebody@example.com", "developers", "Other")]
    [InlineData("system:anonymous", "system:unauthenticated", "Tenant")]
    [InlineData("", "", "Tenant")]
    public void Caller_IsWhatTheirIdentitySays(string name, string group, string expected) =>
        Assert.Equal(expected, new Callers(ns => ns == "labelled").Of(name, [group]).Kind.ToString());

    [Fact]
    public void User_IsNamedOnlyByAccountsOfTheUsersNamespace()
    {
        var callers = new Callers(_ => true);

        Assert.Equal("mallory", callers.Of("system:serviceaccount:user-system:mallory", []).User);
        Assert.Null(callers.Of("system:serviceaccount:ns-mallory:mallory", []).User);
    }

    [Theory]
    [InlineData("token-0123456789ab")]
    [InlineData("default")]
    public void User_IsNoAccountOfAPersonalToken_NorAnyOtherThing(string account)
    {
        var caller = new Callers(_ => true).Of("system:serviceaccount:user-system:" + account, ["system:serviceaccounts:user-system"]);

        Assert.Null(caller.User);
        Assert.True(caller.IsTenant);
    }
}
