using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

/// <summary>What a server that was killed in the middle of a sign-up leaves to be finished.</summary>
public sealed class UserBeginningTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private readonly KubeClient _client = fixture.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private UserBeginning Beginning => new(_client, TimeProvider.System);

    [Fact]
    public async Task User_WhomNothingLetsIn_Goes_AndTheirInvitationIsGivenBack()
    {
        await InviteAsync("signup-half", "half-a", null);
        var user = await BeginAsync("half-a", "signup-half");
        Assert.InRange(Beginning.DueIn(user)!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

        Assert.False(await Beginning.FinishAsync(user, Ct));

        await fixture.GoneAsync<User>(null, "half-a");
        var invitation = await _client.GetAsync<Invitation>("user-system", "signup-half", Ct);
        Assert.Equal(("Pending", null), (invitation.Status!.Phase, invitation.Status.AcceptedBy));
    }

    [Fact]
    public async Task User_WhoCanSignIn_GetsIntoTheTeamTheyWereInvitedTo_Once()
    {
        await fixture.MakeAsync("hostess");
        await fixture.MakeTeamAsync("half-team", "hostess");
        await InviteAsync("link-half", "half-b", "ns-half-team");
        await _client.CreateAsync(UsersObjects.Password("half-b", "none"), Ct);
        var user = await BeginAsync("half-b", "link-half");

        Assert.True(await Beginning.FinishAsync(user, Ct));
        Assert.True(await Beginning.FinishAsync(user, Ct));

        await UsersFixture.EventuallyAsync("the role", async () => (await _client.FindAsync<RoleBinding>("ns-half-team", "rb-half-b", Ct))?.RoleRef?.Name == "Developer");
        Assert.Null(Beginning.DueIn(await _client.GetAsync<User>(null, "half-b", Ct)));
        Assert.Single((await _client.ListAsync<Operationrequest>("user-system", null, Ct)).Items, r => r.Spec!.User == "half-b");

        // Whoever is called so next has been invited by nobody.
        await _client.DeleteAsync<User>(null, "half-b", null, Ct);
        await fixture.GoneAsync<User>(null, "half-b");
        Assert.Null(await _client.FindAsync<Invitation>("user-system", "link-half", Ct));
    }

    private Task<User> BeginAsync(string name, string invitation) => _client.CreateAsync(
        new User { Metadata = new ObjectMeta { Name = name, Annotations = new() { [UserKeys.SigningUp] = invitation } }, Spec = new UserSpec() }, Ct);

    private async Task InviteAsync(string id, string by, string? ns)
    {
        var made = await _client.CreateAsync(
            new Invitation { Metadata = new ObjectMeta { Name = id, Namespace = "user-system" }, Spec = new InvitationSpec { InvitedBy = "hostess", Namespace = ns, Role = ns is null ? null : "Developer" } }, Ct);
        made.Status = InvitationUse.By(by, TimeProvider.System.GetUtcNow());
        await _client.UpdateStatusAsync(made, Ct);
    }
}
