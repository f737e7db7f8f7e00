using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

public sealed class UsersObjectsTests
{
    [Fact]
    public void Workspace_OfAnybody_IsGuardedByPodSecurity()
    {
        var workspace = UsersObjects.Workspace("ada");

        Assert.Equal("ns-ada", workspace.Metadata.Name);
        Assert.Equal("ada", workspace.Metadata.Labels!["user.sealos.io/owner"]);
        Assert.Equal("baseline", workspace.Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Fact]
    public void Roles_AreOwnerManagerAndDeveloper_AndDeveloperReadsWhatIsNoSecretAndNoDoor()
    {
        var roles = UsersObjects.Roles("ada").ToDictionary(r => r.Metadata.Name!);

        Assert.Equal(["Developer", "Manager", "Owner"], roles.Keys.Order());
        Assert.All(roles.Values, r => Assert.Equal("ns-ada", r.Metadata.Namespace));
        var rules = roles["Developer"].Rules!;
        Assert.All(rules, r => Assert.Equal(["get", "list", "watch"], r.Verbs!));
        Assert.All(rules, r => Assert.DoesNotContain("*", r.ApiGroups!));
        var core = Assert.Single(rules, r => r.ApiGroups!.Contains(""));
        Assert.Contains("pods/log", core.Resources!);
        Assert.All(new[] { "*", "secrets", "pods/*", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy", "serviceaccounts/token" }, r => Assert.DoesNotContain(r, core.Resources!));
    }

    [Fact]
    public void Account_LivesInTheSystemNamespace_AndMountsNoToken()
    {
        var account = UsersObjects.Account("ada");

        Assert.Equal("user-system", account.Metadata.Namespace);
        Assert.False(account.AutomountServiceAccountToken);
    }

    [Theory]
    [InlineData("ada", true)]
    [InlineData("a", true)]
    [InlineData("Ada", false)]
    [InlineData("1a", false)]
    [InlineData("a/b", false)]
    [InlineData("../x", false)]
    [InlineData("", false)]
    public void Names_AreChecked(string name, bool isValid) => Assert.Equal(isValid, UserNames.IsValid(name));
}
