using System.Net;
using System.Net.Http.Json;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices_Tests.Support;
using Xunit;

namespace Sealos.OsServices_Tests.Workspaces;

/// <summary>People of one cloud for tests of the services' API, each with their own client.</summary>
public sealed class Tenants : IAsyncLifetime
{
    private readonly Dictionary<string, HttpClient> _clients = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public TestApi Api { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Api = await TestApi.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await Api.DisposeAsync();
    }

    /// <summary>Makes people who are not there yet.</summary>
    public async Task MakeAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await Api.Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = name } }, Ct);
            await new ObjectWait(Api.Client, TimeProvider.System).UntilAsync<User>(null, name, u => u?.Status?.Phase == "Active", TimeSpan.FromMinutes(1), Ct);
            _clients[name] = Api.Open(await SignInAsync(name));
        }
    }

    // As signing in does, but for the password.
    private async Task<string> SignInAsync(string name)
    {
        var (credential, now) = (await Api.Client.CreateAsync(UsersObjects.Password(name, "none"), Ct), TimeProvider.System.GetUtcNow());
        var session = await Api.Client.CreateAsync(SessionObjects.Build(name, credential, "password", new ClientInfo("", ""), (now, now.AddHours(1))), Ct);
        return (await AccountTokens.IssueAsync(Api.Client, name, session, 3600, Ct)).Token!;
    }

    public HttpClient As(string name) => _clients[name];

    /// <summary>Makes a team with one member of each role; the names are prefix-owner, prefix-manager and prefix-developer.</summary>
    public async Task<string> MakeTeamAsync(string prefix)
    {
        await MakeAsync($"{prefix}-owner", $"{prefix}-manager", $"{prefix}-developer");
        var team = (await PostAsync<WorkspaceView>($"{prefix}-owner", "workspaces", new { name = prefix })).Id;
        foreach (var role in new[] { "manager", "developer" })
        {
            var invitation = await PostAsync<InvitationView>($"{prefix}-owner", $"workspaces/{team}/invitations", new { role, user = $"{prefix}-{role}" });
            await PostAsync<WorkspaceView>($"{prefix}-{role}", $"invitations/{invitation.Id}/accept", new { });
        }

        return team;
    }

    public async Task<T> PostAsync<T>(string name, string path, object body)
    {
        using var answer = await As(name).PostAsJsonAsync(path, body, Ct);
        Assert.True(answer.IsSuccessStatusCode, $"POST {path} as {name}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Ct))!;
    }

    public async Task<IReadOnlyList<T>> ListAsync<T>(string name, string path) => (await As(name).GetFromJsonAsync<ItemList<T>>(path, Ct))!.Items;

    /// <summary>Sends a request that is refused, and tells how.</summary>
    public async Task<(HttpStatusCode Status, ServiceError Error)> RefusalAsync(string name, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await As(name).SendAsync(request, Ct);
        Assert.False(answer.IsSuccessStatusCode, $"{method} {path} as {name} was let through: {answer.StatusCode}");
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<ServiceError>(Ct))!);
    }

    public async Task DoAsync(string name, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await As(name).SendAsync(request, Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} as {name}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
    }
}
