using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A workspace with its owner, who has a real token; made by hand of the objects that make one, and gone with its story.</summary>
internal sealed class Tenant : IAsyncDisposable
{
    private readonly KubeClient _operator;

    private Tenant(KubeClient @operator, KubeClient client, string name)
    {
        _operator = @operator;
        Client = client;
        Name = name;
    }

    /// <summary>The API as the tenant reaches it.</summary>
    public KubeClient Client { get; }

    public string Name { get; }

    public string Namespace => "ns-" + Name;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A new one each time: the namespace of the one before may be on its way out still.</summary>
    public static async Task<Tenant> CreateAsync(Cloud cloud, string kind)
    {
        var name = $"{kind}-{Guid.NewGuid().ToString("N")[..6]}";
        var client = await cloud.ConnectAsync(Ct);
        var ns = "ns-" + name;
        await EnsureAsync(client, "/api/v1/namespaces", $$$$$"""{"metadata":{"name":"user-system"}}""");
        await EnsureAsync(client, "/api/v1/namespaces", $$$$$"""{"metadata":{"name":"{{{{{ns}}}}}","labels":{"user.sealos.io/owner":"{{{{{name}}}}}","pod-security.kubernetes.io/enforce":"baseline"}}}""");
        await EnsureAsync(client, "/api/v1/namespaces/user-system/serviceaccounts", $$$$$"""{"metadata":{"name":"{{{{{name}}}}}"},"automountServiceAccountToken":false}""");
        await EnsureAsync(client, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"Owner"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""");
        await EnsureAsync(client, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            $$$$$"""{"metadata":{"name":"{{{{{name}}}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"Owner"},"subjects":[{"kind":"ServiceAccount","name":"{{{{{name}}}}}","namespace":"user-system"}]}""");
        var token = await SendAsync(client, HttpMethod.Post, $"/api/v1/namespaces/user-system/serviceaccounts/{name}/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""");
        var config = new KubeConfig { Server = client.Config.Server, CertificateAuthorityPem = client.Config.CertificateAuthorityPem, Token = (string)token["status"]!["token"]! };
        var tenant = new Tenant(client, new KubeClient(config, "tenant"), name);
        await Eventually.TrueAsync("the tenant's role holds", async () => await tenant.TryAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods") is null, ct: Ct);
        return tenant;
    }

    /// <summary>Does something as the tenant; null when it was done, else what the API said.</summary>
    public Task<ApiException?> TryAsync(HttpMethod method, string path, string? body = null) => TryAsync(Client, method, path, body);

    /// <summary>Does something as the operator.</summary>
    public Task<JsonObject> OperatorAsync(HttpMethod method, string path, string? body = null) => SendAsync(_operator, method, path, body);

    /// <summary>Does something as the operator, and tells what the API said.</summary>
    public Task<ApiException?> TryAsOperatorAsync(HttpMethod method, string path, string? body = null) => TryAsync(_operator, method, path, body);

    public async ValueTask DisposeAsync()
    {
        await TryAsync(_operator, HttpMethod.Delete, $"/api/v1/namespaces/{Namespace}", null);
        await TryAsync(_operator, HttpMethod.Delete, $"/api/v1/namespaces/user-system/serviceaccounts/{Name}", null);
        Client.Dispose();
        _operator.Dispose();
    }

    private static async Task<ApiException?> TryAsync(KubeClient client, HttpMethod method, string path, string? body)
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

    private static async Task EnsureAsync(KubeClient client, string path, string body)
    {
        if (await TryAsync(client, HttpMethod.Post, path, body) is { IsAlreadyExists: false } e)
        {
            throw e;
        }
    }

    private static async Task<JsonObject> SendAsync(KubeClient client, HttpMethod method, string path, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        return await client.SendAsync<JsonObject>(method, path, content, Ct);
    }
}
