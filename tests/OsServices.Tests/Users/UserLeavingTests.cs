using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;
using Sealos.OsServices.Users.Walls;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

/// <summary>The steps of leaving, one by one, where nobody else takes them meanwhile.</summary>
public sealed class UserLeavingTests : IAsyncLifetime
{
    private const string Ns = UsersObjects.SystemNamespace;
    private TestServer _server = null!;
    private InformerFactory _informers = null!;
    private UserLeaving _leaving = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => _server.Client;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(Ct);
        await Task.WhenAll(UserDefinitions.All.Select(d => d.EnsureAsync(Client, Ct)));
        await Client.CreateAsync(UsersObjects.System(), Ct);
        _informers = new InformerFactory(Client, NullLoggerFactory.Instance);
        var cache = new UsersCache(_informers, _informers);
        var workspace = new UserWorkspace(Client, cache, new WallSettings(new WallOptions()));
        var credentials = new UserCredentials(Client, cache, new UsersOptions { Server = Client.Config.Server }, TimeProvider.System);
        _leaving = new UserLeaving(Client, credentials, new UserMerge(Client, workspace, new MembershipChange(Client, cache, workspace)));
    }

    public async ValueTask DisposeAsync()
    {
        await _informers.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Merge_ThatIsDecided_IsNotTakenBackForAnHeirWhoWentSince()
    {
        var heir = await MakeAsync("heir");
        var user = await MarkAsync(await MakeAsync("leaver"), heir);
        await _leaving.GoOnAsync(user, Ct);
        Assert.Null(await PasswordOfAsync("leaver"));

        await Client.DeleteAsync<User>(null, "heir", null, Ct);
        await _leaving.GoOnAsync(user, Ct);

        Assert.True(UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "leaver", Ct)));
        Assert.NotNull(await Client.FindAsync<DeleteRequest>(null, "leave-" + user.Metadata.Uid, Ct));
    }

    [Fact]
    public async Task Merge_IntoWhoIsLockedMeanwhile_GoesOn_AndIntoNobody_IsTakenBack()
    {
        var heir = await MakeAsync("barred");
        var user = await MarkAsync(await MakeAsync("faithful"), heir);
        await new UserAccounts(Client).SetLockedAsync("barred", true, Ct);
        await _leaving.GoOnAsync(user, Ct);
        Assert.True(UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "faithful", Ct)));
        Assert.Null(await PasswordOfAsync("faithful"));

        var other = await MarkAsync(await MakeAsync("orphan"), new User { Metadata = new ObjectMeta { Name = "barred", Uid = "of-somebody-else" } });
        await _leaving.GoOnAsync(other, Ct);
        Assert.False(UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "orphan", Ct)));
        Assert.NotNull(await PasswordOfAsync("orphan"));
    }

    [Fact]
    public async Task Heir_WhoLeavesWhileAnotherBecomesPartOfThem_Stays()
    {
        var heir = await MakeAsync("middle");
        var user = await MarkAsync(await MakeAsync("first"), heir);
        heir = await MarkAsync(heir, null);

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => _leaving.GoOnAsync(user, Ct))).IsConflict);
        await _leaving.GoOnAsync(heir, Ct);
        Assert.False(UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "middle", Ct)));
        Assert.NotNull(await PasswordOfAsync("middle"));

        await _leaving.GoOnAsync(user, Ct);
        Assert.Null(await PasswordOfAsync("first"));
    }

    [Fact]
    public async Task Lock_AtTheSameMoment_IsNotWrittenOver()
    {
        var user = await MakeAsync("locked");
        await new UserAccounts(Client).SetLockedAsync("locked", true, Ct);

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => MarkAsync(user, null))).IsConflict);
        Assert.True((await Client.GetAsync<User>(null, "locked", Ct)).IsLocked());
    }

    [Fact]
    public async Task Wish_OfWhoWasLockedSince_IsForgotten()
    {
        await MarkAsync(await MakeAsync("once"), await MakeAsync("friend"));
        await new UserAccounts(Client).SetLockedAsync("once", true, Ct);
        await new UserAccounts(Client).SetLockedAsync("once", false, Ct);

        var annotations = (await Client.GetAsync<User>(null, "once", Ct)).Metadata.Annotations ?? [];
        Assert.DoesNotContain(UserKeys.Leaving, annotations.Keys);
        Assert.DoesNotContain(UserKeys.MergedInto, annotations.Keys);
    }

    [Fact]
    public async Task Identity_LeftBehindByWhoWasCalledSoBefore_IsNotPassedOn()
    {
        var heir = await MakeAsync("careful");
        var user = await MakeAsync("renamed");
        await LinkAsync("identity-own", "renamed", user.Metadata.Uid!);
        await LinkAsync("identity-old", "renamed", "of-somebody-else");

        await _leaving.GoOnAsync(await MarkAsync(user, heir), Ct);

        Assert.Equal("careful", SessionObjects.OwnerOf(await Client.GetAsync<Secret>(Ns, "identity-own", Ct)));
        Assert.Null(await Client.FindAsync<Secret>(Ns, "identity-old", Ct));
    }

    private async Task<User> MakeAsync(string name)
    {
        await Client.CreateAsync(UsersObjects.Password(name, "none"), Ct);
        return await Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = name }, Spec = new UserSpec() }, Ct);
    }

    private Task<User> MarkAsync(User user, User? heir) => Client.PatchAsync<User>(null, user.Metadata.Name!, UserLeaving.Ask(user, heir, TimeProvider.System.GetUtcNow()), null, Ct);

    private Task<Secret?> PasswordOfAsync(string name) => Client.FindAsync<Secret>(Ns, UsersObjects.PasswordSecretOf(name), Ct);

    private Task LinkAsync(string id, string owner, string uid) => Client.CreateAsync(
        new Secret
        {
            Metadata = new ObjectMeta { Name = id, Namespace = Ns, Labels = UsersObjects.OwnedBy(owner), Annotations = new() { [UserKeys.UserUid] = uid } },
            Type = OutsideIdentity.SecretType,
        },
        Ct);
}
