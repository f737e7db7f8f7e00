using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

/// <summary>The real API server and Kubernetes' controllers with component users, shared by the tests of a class; each makes users of its own.</summary>
public sealed class UsersFixture : IAsyncLifetime
{
    private TestServer? _server;
    private KubeControllersComponent? _controllers;
    private UsersComponent? _users;

    public KubeClient Client => _server!.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(Ct);
        _controllers = new KubeControllersComponent(new KubeControllersOptions { RootCertificatePem = _server.RootPem, Sign = _server.Sign }, Client, _server.Loggers, TimeProvider.System);
        await _controllers.StartAsync(Ct);
        _users = new UsersComponent(new UsersOptions { Server = Client.Config.Server, CertificateAuthorityPem = _server.RootPem }, Client, TimeProvider.System, _server.Loggers);
        await _users.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _users!.DisposeAsync();
        await _controllers!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    /// <summary>Makes a person and waits until they may enter.</summary>
    public async Task<User> MakeAsync(string name)
    {
        await Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = name }, Spec = new UserSpec() }, Ct);
        return await ReadyAsync(name);
    }

    /// <summary>Makes a team of somebody and waits until it is there.</summary>
    public async Task<User> MakeTeamAsync(string name, string owner)
    {
        var labels = new Dictionary<string, string> { [UserKeys.Type] = UserKeys.TypeGroup, [UserKeys.Owner] = owner };
        await Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = name, Labels = labels }, Spec = new UserSpec() }, Ct);
        return await ReadyAsync(name);
    }

    public Task<User> ReadyAsync(string name) => WhenAsync(name, u => UserConditions.Holds(u, UserConditions.Ready));

    /// <summary>Waits until a user is as wanted.</summary>
    public async Task<User> WhenAsync(string name, Func<User, bool> holds)
    {
        User? found = null;
        await EventuallyAsync($"{name} being as wanted", async () => (found = await Client.FindAsync<User>(null, name, Ct)) is not null && holds(found));
        return found!;
    }

    /// <summary>A client with the credential of a user's kubeconfig.</summary>
    public async Task<KubeClient> SignInAsync(string name)
    {
        var secret = await Client.GetAsync<Secret>("user-system", $"sealos-kubeconfig-{name}", Ct);
        return new KubeClient(new KubeConfig
        {
            Server = Client.Config.Server,
            CertificateAuthorityPem = Client.Config.CertificateAuthorityPem,
            Token = Encoding.ASCII.GetString(secret.Data!["token"]),
        });
    }

    public Task PatchAsync<T>(string? ns, string name, string patch)
        where T : class, IKubeObject<T>, new() => Client.PatchAsync<T>(ns, name, (JsonObject)JsonNode.Parse(patch)!, null, Ct);

    /// <summary>Waits until an object is gone.</summary>
    public Task GoneAsync<T>(string? ns, string name)
        where T : class, IKubeObject<T>, new() => EventuallyAsync($"the end of {name}", async () => await Client.FindAsync<T>(ns, name, Ct) is null);

    public static async Task EventuallyAsync(string what, Func<Task<bool>> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); !await holds();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"still waiting for {what}");
            await Task.Delay(10, Ct);
        }
    }
}
