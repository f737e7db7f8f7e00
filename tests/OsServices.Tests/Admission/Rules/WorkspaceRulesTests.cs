using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

/// <summary>Rules about the objects that make up and limit a workspace.</summary>
public sealed class WorkspaceRulesTests
{
    private const string Bindings = "rbac.authorization.k8s.io/rolebindings";

    [Theory]
    [InlineData("/namespaces")]
    [InlineData("/namespaces/status")]
    [InlineData("/namespaces/finalize")]
    public async Task Namespace_WrittenByATenant_IsRefused_AndByAControllerNot(string what)
    {
        var request = Update(what, "{}", "{}") with { Namespace = "" };

        Assert.Contains("workspaces are created", await AskAsync(new NamespaceRule(), request), StringComparison.Ordinal);
        Assert.Null(await AskAsync(new NamespaceRule(), request with { Caller = Controller }));
    }

    [Theory]
    [InlineData("/resourcequotas", "any", true)]
    [InlineData("/resourcequotas/status", "quota-ns-mallory", true)]
    [InlineData("/limitranges", Workspace, true)]
    [InlineData("/limitranges", "mine", false)]
    [InlineData("networking.k8s.io/networkpolicies", "sealos-walls", true)]
    [InlineData("networking.k8s.io/networkpolicies", "mine", false)]
    [InlineData("rbac.authorization.k8s.io/roles", "Owner", true)]
    [InlineData("rbac.authorization.k8s.io/roles", "Developer", true)]
    [InlineData("rbac.authorization.k8s.io/roles", "owner", false)]
    public async Task Wall_IsNeitherMadeNorChangedNorDeletedByATenant(string what, string name, bool isWall)
    {
        foreach (var request in new[] { Create(what, "{}", name), Update(what, "{}", "{}", name), Delete(what, "{}", name) })
        {
            Assert.Equal(isWall, await AskAsync(new WallsRule(), request) is not null);
        }
    }

    [Theory]
    [InlineData("sealos-inside")]
    [InlineData("sealos-outside")]
    public async Task NetworkDefault_IsDeletedByTenants_AndNotChanged(string name)
    {
        const string Policies = "networking.k8s.io/networkpolicies";

        Assert.Null(await AskAsync(new WallsRule(), Delete(Policies, "{}", name)));
        Assert.Contains("delete it", await AskAsync(new WallsRule(), Update(Policies, "{}", "{}", name)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/serviceaccounts/token", """{"spec":{}}""", false)]
    [InlineData("/serviceaccounts/token", """{"spec":{"boundObjectRef":{"kind":"Secret","name":"s"}}}""", false)]
    [InlineData("/serviceaccounts/token", """{"spec":{"boundObjectRef":{"kind":"Pod","name":"p"}}}""", true)]
    [InlineData("/secrets", """{"type":"kubernetes.io/service-account-token"}""", false)]
    [InlineData("/secrets", """{"type":"Opaque"}""", true)]
    [InlineData("/secrets", """{}""", true)]
    public async Task TokenOfAnAccount_IsHadByPodsAlone(string what, string json, bool isAllowed)
    {
        Assert.Equal(isAllowed, await AskAsync(new AccountTokenRule(), Create(what, json)) is null);
        Assert.Null(await AskAsync(new AccountTokenRule(), Create(what, json) with { Caller = Controller }));
    }

    [Theory]
    [InlineData("account.sealos.io/payments")]
    [InlineData("account.sealos.io/accounts/status")]
    [InlineData("license.sealos.io/licenses")]
    public async Task Money_IsNotWrittenByTenants_NorItsState(string what) =>
        Assert.NotNull(await AskAsync(new GuardedGroupsRule(), Update(what, "{}", "{}")));

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"2","labels":{"isRead":"true"}},"spec":{"title":"Hello"}}""", true)]
    [InlineData("""{"metadata":{"resourceVersion":"2","labels":{"isRead":"true","a":"b"}},"spec":{"title":"Hello"}}""", false)]
    [InlineData("""{"metadata":{"resourceVersion":"2","finalizers":["a/b"]},"spec":{"title":"Hello"}}""", false)]
    [InlineData("""{"metadata":{"resourceVersion":"2"},"spec":{"title":"Pay here"}}""", false)]
    public async Task Notification_IsMarkedAsReadByTenants_AndNothingElse(string after, bool isAllowed)
    {
        const string What = "notification.sealos.io/notifications";
        const string Before = """{"metadata":{"resourceVersion":"1"},"spec":{"title":"Hello"}}""";

        Assert.Equal(isAllowed, await AskAsync(new NotificationRule(), Update(What, Before, after)) is null);
        Assert.NotNull(await AskAsync(new NotificationRule(), Create(What, after)));
        Assert.NotNull(await AskAsync(new NotificationRule(), Update(What + "/status", Before, Before)));
        Assert.Null(await AskAsync(new NotificationRule(), Delete(What, Before)));
        Assert.Null(await AskAsync(new NotificationRule(), Create(What, after) with { Caller = Controller }));
    }

    [Theory]
    [InlineData("bot", """[{"kind":"ServiceAccount","name":"default","namespace":"ns-mallory"}]""", true)]
    [InlineData("bot", "[]", true)]
    [InlineData("bot", """[{"kind":"ServiceAccount","name":"default","namespace":"ns-alice"}]""", false)]
    [InlineData("bot", """[{"kind":"ServiceAccount","name":"default"}]""", false)]
    [InlineData("bot", """[{"kind":"User","name":"alice","apiGroup":"rbac.authorization.k8s.io"}]""", false)]
    [InlineData("bot", """[{"kind":"Group","name":"system:serviceaccounts:ns-mallory","apiGroup":"rbac.authorization.k8s.io"}]""", false)]
    [InlineData("bot", """[{"kind":"ServiceAccount","name":"default","namespace":"ns-mallory"},{"kind":"ServiceAccount","name":"alice","namespace":"user-system"}]""", false)]
    [InlineData("rb-alice", "[]", false)]
    [InlineData("mallory", "[]", false)]
    public async Task RoleBinding_NamesOnlyServiceAccountsOfItsNamespace(string name, string subjects, bool isAllowed) =>
        Assert.Equal(isAllowed, await AskAsync(new RoleBindingRule(), Create(Bindings, $$$"""{"roleRef":{"kind":"Role","name":"bot"},"subjects":{{{subjects}}}}""", name)) is null);

    [Theory]
    [InlineData("Role", "bot", true)]
    [InlineData("Role", "Owner", false)]
    [InlineData("Role", "Manager", false)]
    [InlineData("Role", "Developer", false)]
    [InlineData("ClusterRole", "cluster-admin", false)]
    [InlineData("ClusterRole", "edit", false)]
    public async Task RoleBinding_GivesProgramsNoRoleOfPeople(string kind, string role, bool isAllowed)
    {
        var binding = $$$"""{"roleRef":{"kind":"{{{kind}}}","name":"{{{role}}}"},"subjects":[{"kind":"ServiceAccount","name":"bot","namespace":"ns-mallory"}]}""";

        Assert.Equal(isAllowed, await AskAsync(new RoleBindingRule(), Create(Bindings, binding)) is null);
        Assert.Null(await AskAsync(new RoleBindingRule(), Delete(Bindings, binding)));
    }

    [Theory]
    [InlineData("[]", true)]
    [InlineData("""[{"apiGroups":[""],"resources":["pods"],"verbs":["*"]}]""", true)]
    [InlineData("""[{"apiGroups":["*"],"resources":["*"],"verbs":["get","list"]}]""", true)]
    [InlineData("""[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]},{"apiGroups":["*"],"resources":["pods","*"],"verbs":["get","*"]}]""", false)]
    public async Task Role_OfATenant_IsNotEverything(string rules, bool isAllowed) =>
        Assert.Equal(isAllowed, await AskAsync(new RoleRule(), Create("rbac.authorization.k8s.io/roles", $$"""{"rules":{{rules}}}""")) is null);

    [Fact]
    public async Task RoleBinding_OfAMember_IsNeitherDeletedNorTakenOver()
    {
        const string Member = """{"subjects":[{"kind":"ServiceAccount","name":"alice","namespace":"user-system"}]}""";

        Assert.NotNull(await AskAsync(new RoleBindingRule(), Delete(Bindings, Member)));
        Assert.NotNull(await AskAsync(new RoleBindingRule(), Update(Bindings, Member, """{"subjects":[]}""")));
        Assert.Null(await AskAsync(new RoleBindingRule(), Delete(Bindings, """{"subjects":[]}""")));
    }

    [Theory]
    [InlineData("Suspend", true)]
    [InlineData("SuspendCompleted", true)]
    [InlineData("FinalDeletion", true)]
    [InlineData("Normal", false)]
    [InlineData("ResumeCompleted", false)]
    public async Task SuspendedWorkspace_TakesNoWork_AndStartsNoPod_ButLetsThingsBeDeleted(string status, bool isSuspended)
    {
        var world = new World { Debts = { [Workspace] = status } };

        Assert.Equal(isSuspended, await AskAsync(new SuspensionRule(), Create("apps/deployments", "{}"), world) is { } said && said.StartsWith("40001: ", StringComparison.Ordinal));
        Assert.Equal(isSuspended, await AskAsync(new SuspensionRule(), Update("/configmaps", "{}", "{}"), world) is not null);
        Assert.Null(await AskAsync(new SuspensionRule(), Delete("apps/deployments", "{}"), world));
        Assert.Equal(isSuspended, await AskAsync(new SuspensionRule(), Update("/pods/resize", "{}", "{}"), world) is not null);
        Assert.Equal(isSuspended, await AskAsync(new SuspensionRule(), Create("/pods", "{}") with { Caller = Controller }, world) is not null);
        Assert.Null(await AskAsync(new SuspensionRule(), Update("/pods", "{}", "{}") with { Caller = Controller }, world));
        Assert.Null(await AskAsync(new SuspensionRule(), Create("apps/replicasets", "{}") with { Caller = Controller }, world));
    }

    [Theory]
    [InlineData("sealos.io/user.finalizers", false)]
    [InlineData("user.sealos.io/x", false)]
    [InlineData("kubernetes.io/pv-protection", false)]
    [InlineData("batch.kubernetes.io/job-tracking", false)]
    [InlineData("example.com/mine", false)]
    [InlineData("orphan", true)]
    [InlineData("foregroundDeletion", true)]
    public async Task Finalizer_ThatTheCloudWouldNotTakeOff_IsNotAdded_AndMayStay(string finalizer, bool isAllowed)
    {
        var json = $$$"""{"metadata":{"finalizers":["{{{finalizer}}}"]}}""";

        Assert.Equal(isAllowed, await AskAsync(new FinalizerRule(), Create("/configmaps", json)) is null);
        Assert.Null(await AskAsync(new FinalizerRule(), Update("/configmaps", json, json)));
    }

    [Fact]
    public async Task Finalizer_ThatTheApiServerGivesToClaims_IsAllowedOnClaims()
    {
        const string Json = """{"metadata":{"finalizers":["kubernetes.io/pvc-protection"]}}""";

        Assert.Null(await AskAsync(new FinalizerRule(), Create("/persistentvolumeclaims", Json)));
        Assert.NotNull(await AskAsync(new FinalizerRule(), Create("/configmaps", Json)));
    }
}
