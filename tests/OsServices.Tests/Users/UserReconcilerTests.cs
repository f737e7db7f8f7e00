using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

public sealed class UserReconcilerTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private static readonly string[] Steps = ["Initialized", "NamespaceSyncReady", "ServiceAccountSyncReady", "KubeConfigSyncReady", "RoleSyncReady", "RoleBindingSyncReady"];

    private readonly KubeClient _client = fixture.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_Made_HasAWorkspaceThatOnlyTheyMayUse()
    {
        var ada = await fixture.MakeAsync("ada");
        await fixture.MakeAsync("bob");

        Assert.Equal("Active", ada.Status!.Phase);
        Assert.Equal([.. Steps, "Ready"], ada.Status.Conditions!.Select(c => c.Type));
        Assert.All(ada.Status.Conditions!, c => Assert.Equal("True", c.Status));
        Assert.Equal(["sealos.io/user.finalizers"], ada.Metadata.Finalizers!);
        Assert.Equal("ada", ada.Metadata.Annotations!["user.sealos.io/display-name"]);
        Assert.DoesNotContain("token", ada.Status.KubeConfig!, StringComparison.Ordinal);
        using var own = await fixture.SignInAsync("ada");
        await own.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "mine", Namespace = "ns-ada" } }, Ct);
        await ForbiddenAsync(() => own.ListAsync<ConfigMap>("ns-bob", null, Ct));
        await ForbiddenAsync(() => own.ListAsync<User>(null, null, Ct));
        await ForbiddenAsync(() => own.ListAsync<Secret>("user-system", null, Ct));
        await ForbiddenAsync(() => own.ListAsync<Operationrequest>("user-system", null, Ct));
        await ForbiddenAsync(() => own.ListAsync<Namespace>(null, null, Ct));
    }

    [Fact]
    public async Task Admin_IsMadeByItself_AndOperatesTheCluster()
    {
        var admin = await fixture.ReadyAsync("admin");

        Assert.Equal([.. Steps, "ClusterRoleBindingSyncReady", "Ready"], admin.Status!.Conditions!.Select(c => c.Type));
        using var own = await fixture.SignInAsync("admin");
        Assert.NotEmpty((await own.ListAsync<User>(null, null, Ct)).Items);
    }

    [Fact]
    public async Task User_CalledAsSomebodyWas_GetsNothingThatLetThemIn()
    {
        await fixture.ReadyAsync("admin");
        await _client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta
                {
                    Name = "sealos-passkeys-zoe",
                    Namespace = "user-system",
                    Labels = new() { ["user.sealos.io/owner"] = "zoe" },
                    Annotations = new() { ["user.sealos.io/user-uid"] = Guid.NewGuid().ToString() },
                },
                Type = "user.sealos.io/passkeys",
            },
            Ct);

        await fixture.MakeAsync("zoe");

        Assert.Null(await _client.FindAsync<Secret>("user-system", "sealos-passkeys-zoe", Ct));
    }

    [Fact]
    public async Task Team_HasNoCredential_AndIsItsOwnersWorkspace()
    {
        await fixture.MakeAsync("carol");
        var team = await fixture.MakeTeamAsync("crew", "carol");

        Assert.Equal("NotNeeded", team.Status!.Conditions!.Single(c => c.Type == "ServiceAccountSyncReady").Reason);
        Assert.Null(await _client.FindAsync<ServiceAccount>("user-system", "crew", Ct));
        Assert.Equal("carol", (await _client.GetAsync<Namespace>(null, "ns-crew", Ct)).Metadata.Labels!["user.sealos.io/owner"]);
        Assert.Equal("Owner", (await _client.GetAsync<RoleBinding>("ns-crew", "rb-carol", Ct)).RoleRef!.Name);
        using var own = await fixture.SignInAsync("carol");
        await own.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "ours", Namespace = "ns-crew" } }, Ct);

        await _client.DeleteAsync<User>(null, "carol", null, Ct);
        await fixture.GoneAsync<User>(null, "crew");
        await fixture.GoneAsync<User>(null, "carol");
        Assert.Null(await _client.FindAsync<Namespace>(null, "ns-crew", Ct));
    }

    [Fact]
    public async Task Team_OfNobody_LetsNobodyIn()
    {
        var labels = new Dictionary<string, string> { [UserKeys.Type] = UserKeys.TypeGroup, [UserKeys.Owner] = "phantom" };
        await _client.CreateAsync(new User { Metadata = new ObjectMeta { Name = "orphan", Labels = labels } }, Ct);

        var team = await fixture.WhenAsync("orphan", u => u.Status?.Conditions?.Exists(c => c.Reason == "OwnerMissing") == true);
        Assert.Equal("Pending", team.Status!.Phase);
        Assert.Null(await _client.FindAsync<RoleBinding>("ns-orphan", "rb-phantom", Ct));
    }

    [Theory]
    [InlineData("token-abc", "InvalidName")]
    [InlineData("default", "InvalidName")]
    [InlineData("kitchen", "NamespaceTaken")]
    public async Task User_WhoseNameMeansSomethingElse_GetsNothingOfIt(string name, string reason)
    {
        if (reason == "NamespaceTaken")
        {
            await _client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "ns-" + name } }, Ct);
        }

        await _client.CreateAsync(new User { Metadata = new ObjectMeta { Name = name } }, Ct);

        var user = await fixture.WhenAsync(name, u => u.Status?.Phase is not null);
        Assert.Equal("Pending", user.Status!.Phase);
        Assert.Equal(reason, user.Status.Conditions!.Single(c => c.Type == "Ready").Reason);
        Assert.Null(await _client.FindAsync<Secret>("user-system", $"sealos-kubeconfig-{name}", Ct));

        // Its end takes nothing along either.
        await _client.DeleteAsync<User>(null, name, null, Ct);
        await fixture.GoneAsync<User>(null, name);
        if (reason == "NamespaceTaken")
        {
            Assert.Null((await _client.GetAsync<Namespace>(null, "ns-" + name, Ct)).Metadata.DeletionTimestamp);
        }
    }

    [Fact]
    public async Task Kubeconfig_RotatedAndTouched_EndsTheOldOneAndComesBack()
    {
        await fixture.MakeAsync("dora");
        using var old = await fixture.SignInAsync("dora");
        await old.ListAsync<ConfigMap>("ns-dora", null, Ct);

        await fixture.PatchAsync<User>(null, "dora", """{"spec":{"kubeConfigRotateAt":"2026-11-22T00:00:00Z","csrExpirationSeconds":1}}""");
        await fixture.WhenAsync("dora", u => u.Status?.ObservedKubeConfigRotateAt is not null && u.Status.ObservedCSRExpirationSeconds == 1);
        await UsersFixture.EventuallyAsync("the end of the old token", () => IsUnauthorizedAsync(old));
        using var @new = await fixture.SignInAsync("dora");
        await @new.ListAsync<ConfigMap>("ns-dora", null, Ct);

        // Whoever takes the token's Secret away ends it, and there is a new one.
        var kept = await _client.GetAsync<Secret>("user-system", "sealos-kubeconfig-dora", Ct);
        await _client.DeleteAsync<Secret>("user-system", kept.Metadata.Annotations!["user.sealos.io/token-secret"], null, Ct);
        await UsersFixture.EventuallyAsync("a new kubeconfig", async () => (await _client.GetAsync<Secret>("user-system", "sealos-kubeconfig-dora", Ct)).Metadata.ResourceVersion != kept.Metadata.ResourceVersion);
        Assert.True(await IsUnauthorizedAsync(@new));
        using var last = await fixture.SignInAsync("dora");
        await last.ListAsync<ConfigMap>("ns-dora", null, Ct);
        Assert.Single((await _client.ListAsync<Secret>("user-system", new ListQuery { LabelSelector = "user.sealos.io/owner=dora", FieldSelector = "type=user.sealos.io/kubeconfig-token" }, Ct)).Items);
    }

    [Fact]
    public async Task User_Locked_LosesEveryCredentialAtOnce_AndUnlockedGetsNewOnes()
    {
        await fixture.MakeAsync("eve");
        using var old = await fixture.SignInAsync("eve");
        await _client.CreateAsync(UsersObjects.Password("eve", "hash"), Ct);
        await _client.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "session-1", Namespace = "user-system", Labels = UsersObjects.OwnedBy("eve") }, Type = "user.sealos.io/session" }, Ct);
        await _client.CreateAsync(Own("handed-on", "Owner"), Ct);
        await _client.CreateAsync(Own("modest", "reader"), Ct);

        await fixture.PatchAsync<User>(null, "eve", """{"metadata":{"labels":{"user.sealos.io/status":"Locked"}}}""");
        var locked = await fixture.WhenAsync("eve", u => u.Status?.Conditions?.Exists(c => c.Type == "Ready" && c.Reason == "Locked") == true);
        Assert.Equal("Pending", locked.Status!.Phase);
        Assert.True(await IsUnauthorizedAsync(old));
        Assert.Null(await _client.FindAsync<Secret>("user-system", "session-1", Ct));
        Assert.Null(await _client.FindAsync<RoleBinding>("ns-eve", "handed-on", Ct));
        Assert.NotNull(await _client.FindAsync<RoleBinding>("ns-eve", "modest", Ct));
        Assert.NotNull(await _client.FindAsync<Secret>("user-system", "sealos-password-eve", Ct));

        await fixture.PatchAsync<User>(null, "eve", """{"metadata":{"labels":{"user.sealos.io/status":null}}}""");
        await fixture.ReadyAsync("eve");
        using var own = await fixture.SignInAsync("eve");
        await own.ListAsync<ConfigMap>("ns-eve", null, Ct);
    }

    [Fact]
    public async Task User_Deleted_LeavesNothing_AndTheNameIsFreeAgain()
    {
        await fixture.MakeAsync("fay");
        await fixture.MakeAsync("gus");
        await fixture.MakeTeamAsync("guild", "gus");
        await _client.CreateAsync(UsersObjects.MemberBinding("fay", "ns-guild", UserRoles.Developer), Ct);
        await _client.CreateAsync(UsersObjects.Password("fay", "hash"), Ct);
        foreach (var (name, by, to) in new[] { ("to-fay", "gus", "fay"), ("by-fay", "fay", "gus"), ("of-others", "gus", "hal") })
        {
            await _client.CreateAsync(new Invitation { Metadata = new ObjectMeta { Name = name, Namespace = "user-system" }, Spec = new InvitationSpec { Namespace = "ns-guild", Role = "Developer", InvitedBy = by, User = to } }, Ct);
        }

        using var old = await fixture.SignInAsync("fay");

        await _client.DeleteAsync<User>(null, "fay", null, Ct);
        await fixture.GoneAsync<User>(null, "fay");

        Assert.True(await IsUnauthorizedAsync(old));
        Assert.Null(await _client.FindAsync<Namespace>(null, "ns-fay", Ct));
        Assert.Null(await _client.FindAsync<RoleBinding>("ns-guild", "rb-fay", Ct));
        Assert.Empty((await _client.ListAsync<Secret>("user-system", new ListQuery { LabelSelector = "user.sealos.io/owner=fay" }, Ct)).Items);
        Assert.Equal(["of-others"], (await _client.ListAsync<Invitation>("user-system", null, Ct)).Items.Select(i => i.Metadata.Name));
        await fixture.MakeAsync("fay");
    }

    [Fact]
    public async Task Role_Weakened_IsMended()
    {
        await fixture.MakeAsync("hal");
        await fixture.PatchAsync<Role>("ns-hal", "Developer", """{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""");
        await UsersFixture.EventuallyAsync("the role's own rules", async () => (await _client.GetAsync<Role>("ns-hal", "Developer", Ct)).Rules!.Count == 2);
        await _client.DeleteAsync<RoleBinding>("ns-hal", "hal", null, Ct);
        await UsersFixture.EventuallyAsync("the binding", async () => await _client.FindAsync<RoleBinding>("ns-hal", "hal", Ct) is not null);
    }

    // A binding of a service account of the workspace.
    private static RoleBinding Own(string name, string role) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "ns-eve" },
        RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = role },
        Subjects = [new Subject { Kind = "ServiceAccount", Name = "robot", Namespace = "ns-eve" }],
    };

    private static async Task ForbiddenAsync<T>(Func<Task<T>> call) => Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(call)).Code);

    private static async Task<bool> IsUnauthorizedAsync(KubeClient client)
    {
        try
        {
            await client.ListAsync<ConfigMap>("default", null, Ct);
            return false;
        }
        catch (ApiException e)
        {
            return e.Code == 401;
        }
    }
}
