using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Identities;

/// <summary>Signing in and up with outside identities, and what is tried against it.</summary>
public sealed class OutsideIdentityTests(OutsideIdentityTests.Doors doors) : IClassFixture<OutsideIdentityTests.Doors>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bends => [.. Doors.Broken.Keys];

    [Fact]
    public async Task Stranger_SignsUp_ThenSignsIn_WithTheSameIdentity()
    {
        var subject = Doors.NewSubject();
        var first = await doors.ComeBackAsync("corp", subject);
        var stranger = first.Body!["signUp"]!;
        Assert.Equal("grace-hopper", (string?)stranger["name"]);
        var name = "g" + subject;

        var made = await doors.SendAsync("sign-in/identities/sign-up", new { ticket = (string?)stranger["ticket"], name, displayName = "Grace" });
        var again = await doors.ComeBackAsync("corp", subject);

        Assert.Equal((HttpStatusCode.OK, name), (made.Status, made.Text("user")));
        Assert.Equal(name, (string?)again.Body!["grant"]!["user"]);
        Assert.Equal("/launchpad", again.Text("next"));
        Assert.True(await doors.Cloud.IsTakenAsync((string)again.Body["grant"]!["token"]!, Ct));
    }

    [Fact]
    public async Task Identity_IsOnePersonsAlone_WhoeverIsQuick()
    {
        var subject = Doors.NewSubject();
        var tickets = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            tickets.Add((string)(await doors.ComeBackAsync("corp", subject)).Body!["signUp"]!["ticket"]!);
        }

        var made = await Task.WhenAll(tickets.Select((t, i) => doors.SendAsync("sign-in/identities/sign-up", new { ticket = t, name = $"r{i}{subject}" })));

        Assert.Single(made, m => m.Status == HttpStatusCode.OK);
        Assert.All(made.Where(m => m.Status != HttpStatusCode.OK), m => Assert.Equal(HttpStatusCode.Conflict, m.Status));
    }

    [Fact]
    public async Task Stranger_WhereTheProviderMakesNoUsers_IsNone()
    {
        var answer = await doors.ComeBackAsync("closed", Doors.NewSubject());

        Assert.Equal((HttpStatusCode.Forbidden, "unknown-identity"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task OAuth2_TellsWhoSomebodyIs_ByItsOwnAddress()
    {
        var answer = await doors.ComeBackAsync("hub", "octo-cat");

        Assert.Equal("octo-cat", (string?)answer.Body!["signUp"]!["name"]);
    }

    [Theory]
    [MemberData(nameof(Bends))]
    public async Task Token_ThatIsNotTheAnswer_ProvesNothing(string how)
    {
        await using var provider = await LocalProvider.StartAsync(Ct);
        Doors.Broken[how](provider);
        var id = "bent-" + how;
        await doors.AddAsync(provider, id);

        var answer = await doors.ComeBackAsync(id, Doors.NewSubject(), provider);

        Assert.Equal((HttpStatusCode.Unauthorized, "wrong"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task State_ForgedReplayedOrOfAnotherBrowser_LeadsNowhere()
    {
        var (back, binding) = await doors.GoAsync("corp", Doors.NewSubject());
        var (other, otherBinding) = await doors.GoAsync("corp", Doors.NewSubject());
        Task<SignInCloud.Answer> Finish(string? state, string code, string? kept) => doors.SendAsync("sign-in/identities/finish", new { state, code, binding = kept });

        Assert.Equal("expired", (await Finish(new string('0', 64), back["code"], binding)).Code);
        Assert.Equal("expired", (await Finish(null, back["code"], binding)).Code);
        Assert.Equal("expired", (await Finish(back["state"], back["code"], otherBinding)).Code);
        Assert.Equal("expired", (await Finish(back["state"], back["code"], null)).Code);

        // A code that somebody else got is bound to the question that they asked.
        Assert.Equal("wrong", (await Finish(back["state"], other["code"], binding)).Code);
        Assert.Equal("expired", (await Finish(back["state"], back["code"], binding)).Code);
        Assert.Equal("https://cloud.example:8443/sign-in/callback", back["redirect"]);
    }

    [Fact]
    public async Task Attempt_OfLongAgo_IsOver()
    {
        var (back, binding) = await doors.GoAsync("corp", Doors.NewSubject());
        doors.Cloud.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal("expired", (await doors.SendAsync("sign-in/identities/finish", new { state = back["state"], code = back["code"], binding })).Code);
    }

    [Fact]
    public async Task Link_ThatWasBegunBeforeAReset_IsNotMade_AndOneThatStandsGoesWithIt()
    {
        var user = await doors.Cloud.MakeUserAsync(Ct);
        var directory = new UserDirectory(doors.Cloud.Client);
        var token = await doors.Cloud.SignInAsync(user, Ct);
        Assert.Equal(HttpStatusCode.OK, (await doors.LinkAsync(token, $"kept-{user}")).Status);

        var late = await doors.LinkAsync(token, $"late-{user}", () => directory.ResetPasswordAsync(user, Ct));

        Assert.Equal("expired", late.Code);
        var left = await doors.Cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"user.sealos.io/owner={user}" }, Ct);
        Assert.DoesNotContain(left.Items, s => s.Type == OutsideIdentity.SecretType);
        Assert.Null((await doors.ComeBackAsync("corp", $"kept-{user}")).Body?["grant"]);
    }

    [Fact]
    public async Task Identity_LeftByWhoeverWasCalledSo_SignsNobodyIn_AndMayBeLinkedAnew()
    {
        var user = await doors.Cloud.MakeUserAsync(Ct);
        var token = await doors.Cloud.SignInAsync(user, Ct);
        Assert.Equal(HttpStatusCode.OK, (await doors.LinkAsync(token, $"left-{user}")).Status);
        var query = new ListQuery { LabelSelector = $"user.sealos.io/owner={user}", FieldSelector = $"type={OutsideIdentity.SecretType}" };
        var kept = Assert.Single((await doors.Cloud.Client.ListAsync<Secret>(UserDirectory.AccountsNamespace, query, Ct)).Items);
        kept.Metadata.Annotations!["user.sealos.io/user-uid"] = Guid.NewGuid().ToString();
        kept.Metadata.Namespace = UserDirectory.AccountsNamespace;
        await doors.Cloud.Client.UpdateAsync(kept, Ct);

        Assert.Null((await doors.ComeBackAsync("corp", $"left-{user}")).Body?["grant"]);
        Assert.Equal(HttpStatusCode.OK, (await doors.LinkAsync(token, $"left-{user}")).Status);
        Assert.Equal(user, (string?)(await doors.ComeBackAsync("corp", $"left-{user}")).Body?["grant"]?["user"]);
    }

    [Fact]
    public async Task User_LinksSignsInAndUnlinks_ButKeepsTheLastWayIn()
    {
        var subject = Doors.NewSubject();
        var user = await doors.Cloud.MakeUserAsync(Ct);
        var token = await doors.Cloud.SignInAsync(user, Ct);
        var linked = await doors.LinkAsync(token, subject);
        var rival = await doors.LinkAsync(await doors.Cloud.SignInAsync(await doors.Cloud.MakeUserAsync(Ct), Ct), subject);
        var session = (await doors.ComeBackAsync("corp", subject)).Body!["grant"]!;
        var id = (string)(await doors.Cloud.SendAsync(HttpMethod.Get, "account/identities", null, token, Ct)).Body!["items"]![0]!["id"]!;

        Assert.True((bool)linked.Body!["linked"]!);
        Assert.Equal("conflict", rival.Code);
        Assert.Equal(user, (string?)session["user"]);
        await doors.Cloud.Client.DeleteAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), null, Ct);
        var own = (string)session["token"]!;
        Assert.Equal("conflict", (await doors.Cloud.SendAsync(HttpMethod.Delete, "account/identities/" + id, null, own, Ct)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await doors.Cloud.PostAsync("account/password", new { newPassword = SignInCloud.Password }, own, Ct)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await doors.Cloud.SendAsync(HttpMethod.Delete, "account/identities/" + id, null, own, Ct)).Status);
        Assert.NotNull((await doors.ComeBackAsync("corp", subject)).Body!["signUp"]);
    }

    [Fact]
    public async Task LockedUser_IsNotLetInByAnotherDoor()
    {
        var subject = Doors.NewSubject();
        var user = await doors.Cloud.MakeUserAsync(Ct);
        await doors.LinkAsync(await doors.Cloud.SignInAsync(user, Ct), subject);
        await new UserAccounts(doors.Cloud.Client).SetLockedAsync(user, true, Ct);

        Assert.Equal("locked", (await doors.ComeBackAsync("corp", subject)).Code);
    }

    [Fact]
    public void Secrets_OfTheClient_AreInNoLog() => Assert.DoesNotContain(LocalProvider.Secret, doors.Cloud.Log.Text, StringComparison.Ordinal);

    /// <summary>A cloud with providers.</summary>
    public sealed class Doors : IAsyncLifetime
    {
        private int _address;
        private LocalProvider _provider = null!;

        public HurriedCloud Cloud { get; } = new();

        /// <summary>Each way a token can be wrong.</summary>
        public static Dictionary<string, Action<LocalProvider>> Broken { get; } = new()
        {
            ["nonce"] = p => p.Bend = c => c["nonce"] = "0",
            ["no-nonce"] = p => p.Bend = c => c.Remove("nonce"),
            ["audience"] = p => p.Bend = c => c["aud"] = "another",
            ["audiences"] = p => p.Bend = c => c["aud"] = new[] { LocalProvider.ClientId, "another" },
            ["azp"] = p => p.Bend = c => c["azp"] = "another",
            ["issuer"] = p => p.Bend = c => c["iss"] = "https://another.example.com",
            ["expired"] = p => p.Bend = c => c["exp"] = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds(),
            ["endless"] = p => p.Bend = c => c.Remove("exp"),
            ["subject"] = p => p.Bend = c => c.Remove("sub"),
            ["unsigned"] = p => p.Sign = c => p.SignWith(c, null),
            ["secret"] = p => p.Sign = c => p.SignWith(c, new SigningCredentials(new SymmetricSecurityKey(SHA256.HashData(Encoding.UTF8.GetBytes(LocalProvider.Secret))) { KeyId = "one" }, SecurityAlgorithms.HmacSha256)),
            ["stranger"] = p => p.Sign = c => p.SignWith(c, new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
            ["text"] = p => p.Sign = _ => "no.token.atall",
        };

        public static string NewSubject() => RandomNumberGenerator.GetHexString(12, lowercase: true);

        public async ValueTask InitializeAsync()
        {
            await Cloud.InitializeAsync();
            _provider = await LocalProvider.StartAsync(Ct);
            var settings = new SignInConfiguration(Cloud.Client);
            await settings.SetAsync(SignUpMode.Open, null, Ct);
            await AddAsync(_provider, "closed", false);
            await settings.SaveProviderAsync(
                new IdentityProvider { Id = "hub", Name = "Hub", Kind = IdentityProvider.OAuth2, ClientId = LocalProvider.ClientId, AuthorizationUrl = _provider.Issuer + "/auth", TokenUrl = _provider.Issuer + "/token", UserInfoUrl = _provider.Issuer + "/me", NameField = "login", SignUp = true },
                LocalProvider.Secret,
                Ct);
            await AddAsync(_provider, "corp");
        }

        public async ValueTask DisposeAsync()
        {
            await _provider.DisposeAsync();
            await Cloud.DisposeAsync();
        }

        /// <summary>Adds a provider, and waits until it stands on the door.</summary>
        public async Task AddAsync(LocalProvider provider, string id, bool signUp = true)
        {
            await new SignInConfiguration(Cloud.Client).SaveProviderAsync(new IdentityProvider { Id = id, Name = "Corp", Issuer = provider.Issuer, ClientId = LocalProvider.ClientId, SignUp = signUp }, LocalProvider.Secret, Ct);
            await UntilOnTheDoorAsync(id);
        }

        public async Task UntilOnTheDoorAsync(string id)
        {
            while (!(await Cloud.SendAsync(HttpMethod.Get, "sign-in/ways", null, null, Ct)).Body!["providers"]!.AsArray().Any(p => (string)p!["id"]! == id))
            {
                await Task.Delay(10, Ct);
            }
        }

        public Task<SignInCloud.Answer> SendAsync(string path, object body, string? token = null) => Cloud.SendAsync(HttpMethod.Post, path, body, token, Ct, $"198.51.100.{Interlocked.Increment(ref _address) % 250}");

        /// <summary>Goes to a provider and signs in there.</summary>
        public async Task<(Dictionary<string, string> Back, string Binding)> GoAsync(string id, string subject, LocalProvider? at = null)
        {
            var start = await SendAsync($"sign-in/identities/{id}/start", new { next = "/launchpad" });
            Assert.Equal(HttpStatusCode.OK, start.Status);
            return ((at ?? _provider).Authorize(start.Text("url"), subject), start.Text("binding"));
        }

        /// <summary>Goes there and comes back.</summary>
        public async Task<SignInCloud.Answer> ComeBackAsync(string id, string subject, LocalProvider? at = null)
        {
            var (back, binding) = await GoAsync(id, subject, at);
            return await SendAsync("sign-in/identities/finish", new { state = back["state"], code = back["code"], binding });
        }

        public async Task<SignInCloud.Answer> LinkAsync(string token, string subject, Func<Task>? meanwhile = null)
        {
            var start = await SendAsync("account/identities/corp/link", new { next = "/" }, token);
            var back = _provider.Authorize(start.Text("url"), subject);
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            return await SendAsync("sign-in/identities/finish", new { state = back["state"], code = back["code"], binding = start.Text("binding") });
        }
    }
}
