using System.Net;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.SignUp;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.SignUp;

/// <summary>Sign-up against a cloud of its own, as its settings are the whole cloud's.</summary>
public sealed class SignUpTests(SignUpTests.Door door) : IClassFixture<SignUpTests.Door>
{
    private const string Password = SignInCloud.Password;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Off_MakesNobody_NotEvenWithAnInvitation()
    {
        var invitation = await door.InviteAsync();
        await door.SetAsync(SignUpMode.Off);

        var answer = await door.SignUpAsync("nobody-gets-in", invitation: invitation.Code);

        Assert.Equal((HttpStatusCode.Forbidden, "closed"), (answer.Status, answer.Code));
        Assert.Null(await door.Cloud.Client.FindAsync<User>(null, "nobody-gets-in", Ct));
    }

    [Fact]
    public async Task Open_MakesAUserWithAWorkspaceThatCanBeUsedAtOnce()
    {
        await door.SetAsync(SignUpMode.Open);

        var answer = await door.SignUpAsync("ada-open", "Ada L.");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        using var own = new KubeClient(new KubeConfig { Server = door.Cloud.Client.Config.Server, CertificateAuthorityPem = door.Cloud.Client.Config.CertificateAuthorityPem, Token = answer.Text("token") });
        await own.CreateAsync(new ConfigMap { Metadata = new() { Name = "mine", Namespace = "ns-ada-open" } }, Ct);
        var user = await door.Cloud.Client.GetAsync<User>(null, "ada-open", Ct);
        Assert.Equal("Ada L.", user.Metadata.Annotations![UserKeys.DisplayName]);
        Assert.NotEmpty(await door.Cloud.SignInAsync("ada-open", Ct));
    }

    [Fact]
    public async Task Name_WantedByMany_IsOnesAlone()
    {
        await door.SetAsync(SignUpMode.Open);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => door.SignUpAsync("wanted", password: $"{Password}-{i}")));

        var won = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a != won), a => Assert.Equal((HttpStatusCode.Conflict, "taken", "name"), (a.Status, a.Code, a.Text("field"))));
        await door.Cloud.SignInAsync("wanted", Ct, $"{Password}-{Array.IndexOf(answers, won)}");
    }

    [Fact]
    public async Task WhatIsThere_IsNobodysToGetByItsName()
    {
        await door.SetAsync(SignUpMode.Open);
        await door.Cloud.Client.CreateAsync(new Namespace { Metadata = new() { Name = "ns-treasure" } }, Ct);
        await door.Cloud.Client.CreateAsync(new ServiceAccount { Metadata = new() { Name = "robot", Namespace = UserDirectory.AccountsNamespace } }, Ct);

        Assert.Equal("taken", (await door.SignUpAsync("treasure")).Code);
        Assert.Equal("taken", (await door.SignUpAsync("robot")).Code);
        Assert.Null(await door.Cloud.Client.FindAsync<User>(null, "treasure", Ct));
    }

    [Theory]
    [InlineData("Ada", "Ada", "long-enough-lantern-7", "name")]
    [InlineData("adm1n", "Ada", "long-enough-lantern-7", "name")]
    [InlineData("ada-bad", "<b>", "long-enough-lantern-7", "displayName")]
    [InlineData("ada-bad", "Ada", "short", "password")]
    [InlineData("ada-bad", "Ada", null, "password")]
    public async Task WrongField_IsNamed(string name, string shown, string? password, string field)
    {
        await door.SetAsync(SignUpMode.Open);

        var answer = await door.Cloud.SendAsync(HttpMethod.Post, "sign-up", new { name, displayName = shown, password }, null, Ct, door.NewAddress());

        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Text("field")));
    }

    [Fact]
    public async Task Invitation_LetsOneIn_AndTellsNobodyElseWhoExists()
    {
        await door.SetAsync(SignUpMode.Invitation);
        var invitation = await door.InviteAsync();
        var kept = await door.Cloud.Client.GetAsync<Invitation>(UserDirectory.AccountsNamespace, invitation.Id, Ct);

        var without = await door.SignUpAsync("admiral");
        var forged = await door.SignUpAsync("admiral", invitation: new string('0', 48));
        var taken = await door.SignUpAsync(await door.Cloud.MakeUserAsync(Ct), invitation: invitation.Code);
        var two = await Task.WhenAll(door.SignUpAsync("invited-a", invitation: invitation.Code), door.SignUpAsync("invited-b", invitation: invitation.Code));
        var again = await door.SignUpAsync("invited-c", invitation: invitation.Code);

        Assert.DoesNotContain(invitation.Code!, kept.Spec!.CodeHash + kept.Metadata.Name, StringComparison.Ordinal);
        Assert.All([without, forged, again], a => Assert.Equal((HttpStatusCode.Forbidden, "invitation"), (a.Status, a.Code)));

        // A name that is taken uses no invitation up.
        Assert.Equal("taken", taken.Code);
        Assert.Single(two, a => a.Status == HttpStatusCode.OK);
        Assert.Single(two, a => a.Status == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Invitation_ThatIsRevokedOrOld_LetsNobodyIn()
    {
        await door.SetAsync(SignUpMode.Invitation);
        var invitations = new SignUpInvitations(door.Cloud.Client, TimeProvider.System);
        var revoked = await door.InviteAsync();
        var old = await invitations.CreateAsync("admin", TimeSpan.FromSeconds(-1), Ct);

        Assert.True(await invitations.RevokeAsync(revoked.Id, Ct));
        Assert.False(await invitations.RevokeAsync(revoked.Id, Ct));
        Assert.Equal("invitation", (await door.SignUpAsync("late-a", invitation: revoked.Code)).Code);
        Assert.Equal("invitation", (await door.SignUpAsync("late-b", invitation: old.Code)).Code);
        Assert.DoesNotContain(await invitations.ListAsync(Ct), i => i.Id == old.Id);
    }

    [Fact]
    public async Task WorkspacesLink_MakesAUserAndLetsThemIn_Once()
    {
        await door.SetAsync(SignUpMode.Open);
        var owner = (await door.SignUpAsync("link-giver")).Text("token");
        var team = (await door.Cloud.PostAsync("workspaces", new { name = "Team" }, owner, Ct)).Text("id");
        var code = (await door.Cloud.PostAsync($"workspaces/{team}/invitations", new { role = "Developer" }, owner, Ct)).Text("code");
        await door.SetAsync(SignUpMode.Invitation);

        var came = await door.SignUpAsync("link-taker", invitation: code);
        var second = await door.SignUpAsync("link-second", invitation: code);

        Assert.Equal(HttpStatusCode.OK, came.Status);
        var mine = await door.Cloud.SendAsync(HttpMethod.Get, "workspaces", null, came.Text("token"), Ct);
        Assert.Contains(mine.Body!["items"]!.AsArray(), w => (string)w!["id"]! == team && (string)w["role"]! == "Developer");
        Assert.Equal("invitation", second.Code);
    }

    [Fact]
    public async Task WorkspacesLink_OfWhoIsGoneBeforeTheAnswer_LetsThemInAllTheSame()
    {
        await door.SetAsync(SignUpMode.Open);
        var owner = (await door.SignUpAsync("patient-giver")).Text("token");
        var team = (await door.Cloud.PostAsync("workspaces", new { name = "Team" }, owner, Ct)).Text("id");
        var code = (await door.Cloud.PostAsync($"workspaces/{team}/invitations", new { role = "Developer" }, owner, Ct)).Text("code");

        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var asking = door.Cloud.SendAsync(HttpMethod.Post, "sign-up", new { name = "hasty", password = Password, invitation = code }, null, hurry.Token, door.NewAddress());
        await UntilAsync(async () => await door.Cloud.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf("hasty"), Ct) is not null);
        await hurry.CancelAsync();
        await asking.ContinueWith(_ => { }, TaskScheduler.Default);

        await UntilAsync(async () => await door.Cloud.Client.FindAsync<Sealos.Kinds.Rbac.RoleBinding>($"ns-{team}", "rb-hasty", Ct) is not null);
        await UntilAsync(async () => (await door.Cloud.Client.GetAsync<User>(null, "hasty", Ct)).Metadata.Annotations?.ContainsKey(UserKeys.SigningUp) != true);
    }

    [Fact]
    public async Task Invitation_WhoseUserNeverCameToBe_CanBeUsedAgainAfterAWhile()
    {
        var invitation = await door.InviteAsync();
        var clock = new Clock();
        var invitations = new SignUpInvitations(door.Cloud.Client, clock);

        Assert.NotNull(await invitations.TakeAsync(invitation.Code, "ghost", Ct));
        Assert.DoesNotContain(await invitations.ListAsync(Ct), i => i.Id == invitation.Id);
        Assert.Null(await invitations.TakeAsync(invitation.Code, "quick", Ct));
        clock.Ahead = TimeSpan.FromMinutes(6);
        Assert.NotNull(await invitations.TakeAsync(invitation.Code, await door.Cloud.MakeUserAsync(Ct), Ct));
        clock.Ahead = TimeSpan.FromMinutes(12);
        Assert.Null(await invitations.TakeAsync(invitation.Code, "late", Ct));
    }

    [Fact]
    public async Task Address_ThatTriesTooOften_HasToWait()
    {
        await door.SetAsync(SignUpMode.Open);
        var address = door.NewAddress();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 31; i++)
        {
            statuses.Add((await door.Cloud.SendAsync(HttpMethod.Post, "sign-up", new { name = "Wrong" }, null, Ct, address)).Status);
        }

        Assert.All(statuses.Take(30), s => Assert.Equal(HttpStatusCode.BadRequest, s));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[30]);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); !await holds();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "it did not come to be in time");
            await Task.Delay(10, Ct);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    /// <summary>A cloud whose door these tests open and shut.</summary>
    public sealed class Door : IAsyncLifetime
    {
        private int _address;

        public SignInCloud Cloud { get; } = new();

        public ValueTask InitializeAsync() => Cloud.InitializeAsync();

        public ValueTask DisposeAsync() => Cloud.DisposeAsync();

        public string NewAddress() => $"198.51.100.{Interlocked.Increment(ref _address)}";

        /// <summary>Changes who may sign up, and waits until it is so.</summary>
        public async Task SetAsync(SignUpMode mode)
        {
            await new SignInConfiguration(Cloud.Client).SetAsync(mode, null, Ct);
            while ((await Cloud.SendAsync(HttpMethod.Get, "sign-in/ways", null, null, Ct)).Text("signUp") != SignInSettings.Write(mode))
            {
                await Task.Delay(10, Ct);
            }
        }

        public Task<SignUpInvitation> InviteAsync() => new SignUpInvitations(Cloud.Client, TimeProvider.System).CreateAsync("admin", TimeSpan.FromHours(1), Ct);

        public Task<SignInCloud.Answer> SignUpAsync(string name, string? displayName = null, string password = Password, string? invitation = null) =>
            Cloud.SendAsync(HttpMethod.Post, "sign-up", new { name, displayName, password, invitation }, null, Ct, NewAddress());
    }
}
