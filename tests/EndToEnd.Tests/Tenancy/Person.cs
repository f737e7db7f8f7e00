using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A user whom the product itself has made, with the kubeconfig that it has made for them; gone with its story.</summary>
internal sealed class Person : IAsyncDisposable
{
    private readonly Cloud _cloud;
    private readonly string _home = Directory.CreateTempSubdirectory("sealos-person-").FullName;

    private Person(Cloud cloud, string name)
    {
        _cloud = cloud;
        Name = name;
    }

    public string Name { get; }

    public string Namespace => "ns-" + Name;

    /// <summary>The API as the person reaches it, with their own kubeconfig.</summary>
    public KubeClient Client { get; private set; } = null!;

    /// <summary>What their kubeconfig lets them in with.</summary>
    public string Token { get; private set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string KubeConfigPath => Path.Combine(_home, "kubeconfig");

    /// <summary>Makes somebody of a name that nobody had before.</summary>
    public static async Task<Person> CreateAsync(Cloud cloud, string kind, string? password = null)
    {
        var person = new Person(cloud, $"{kind}-{Guid.NewGuid().ToString("N")[..6]}");
        await cloud.SealosAsync(["user", "create", person.Name, .. password is null ? Array.Empty<string>() : ["--password-stdin"]], Ct, password).OutputAsync();
        await person.TakeKubeConfigAsync();
        return person;
    }

    /// <summary>Waits for a kubeconfig other than the one before, and goes on with that.</summary>
    public async Task TakeKubeConfigAsync()
    {
        var text = await Eventually.GetAsync($"a new kubeconfig of {Name}", async () =>
        {
            var found = await _cloud.KubectlAsync(["-n", "user-system", "get", "secret", "sealos-kubeconfig-" + Name, "-o", "jsonpath={.data.kubeconfig}"], Ct);
            var config = found.ExitCode == 0 ? Encoding.UTF8.GetString(Convert.FromBase64String(found.Output)) : null;
            return config is null || KubeConfig.Parse(config, KubeConfigPath).Token == Token ? null : config;
        }, ct: Ct);
        await File.WriteAllTextAsync(KubeConfigPath, text, Ct);
        var parsed = KubeConfig.Parse(text, KubeConfigPath);
        Token = parsed.Token!;
        Client?.Dispose();
        Client = new KubeClient(parsed, "person");
    }

    /// <summary>Runs an unmodified kubectl as the person, in their own workspace unless told otherwise.</summary>
    public Task<CommandResult> KubectlAsync(IEnumerable<string> arguments, string? input = null) =>
        Command.RunAsync(Repository.Kubectl("1.32"), ["--kubeconfig", KubeConfigPath, "--cache-dir", Path.Combine(_home, "cache"), .. arguments], input, TimeSpan.FromMinutes(2), Ct);

    /// <summary>Does something as the person; null when it was done, else what the API said.</summary>
    public Task<ApiException?> TryAsync(HttpMethod method, string path, string? body = null) => TryAsync(Client, method, path, body);

    /// <summary>Does something with a client; null when it was done, else what the API said.</summary>
    public static async Task<ApiException?> TryAsync(KubeClient client, HttpMethod method, string path, string? body = null)
    {
        try
        {
            await SendAsync(client, method, path, body);
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
    }

    public static async Task<JsonObject> SendAsync(KubeClient client, HttpMethod method, string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        return await client.SendAsync<JsonObject>(method, path, content, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Directory.Delete(_home, recursive: true);
        await _cloud.KubectlAsync(["delete", "user.user.sealos.io", Name, "--ignore-not-found", "--wait=false"], CancellationToken.None);
    }
}
