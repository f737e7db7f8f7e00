using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>
/// The services move into a cluster that knows nothing of them and is reached through its kubeconfig alone, keep people apart there,
/// outlive the death of their leader, and leave the apps running when they go.
/// </summary>
[Trait("Cloud", "rough")]
public sealed class InstallTests(InstallTests.BareCluster fixture) : IClassFixture<InstallTests.BareCluster>
{
    private const string Domain = "cloud.test";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_InstalledIntoABareCluster_KeepPeopleApartUntilTheyGo()
    {
        Assert.DoesNotContain("sealos", await _cloud.KubectlAsync(["get", "namespaces,validatingwebhookconfigurations", "-o", "name"], Ct).OutputAsync(), StringComparison.Ordinal);
        await LoadImageAsync();
        var installed = JsonNode.Parse(await InstallAsync("--domain", Domain))!;
        using var browser = await OpenAsync((string)installed["authority"]!);
        var console = (string)installed["console"]!;
        Assert.Contains("Sealos", await browser.GetStringAsync(console + "/sign-in", Ct), StringComparison.Ordinal);
        await SignInAsync(browser, console, (string)installed["password"]!);

        await SealosAsync("user", "create", "ann");
        using var ann = await PersonAsync("ann");
        await AttackAsync(ann);
        await _cloud.KubectlAsync(["-n", "ns-ann", "create", "deployment", "shop", "--image", CloudFixture.Hello], Ct).OutputAsync();
        await _cloud.KubectlAsync(["-n", "ns-ann", "rollout", "status", "deployment/shop", "--timeout=120s"], Ct).OutputAsync();

        await KillLeaderAsync();
        await Eventually.TrueAsync("signing in at the next leader", async () =>
        {
            using var answer = await TrySignInAsync(browser, console, (string)installed["password"]!);
            return answer?.StatusCode == HttpStatusCode.OK;
        }, Limit, ct: Ct);
        await AttackAsync(ann);

        var again = JsonNode.Parse(await InstallAsync())!;
        Assert.Null(again["password"]);
        Assert.Equal(console, (string)again["console"]!);

        await SealosAsync("uninstall", "--yes");
        Assert.Empty((await _cloud.KubectlAsync(["get", "namespace/sealos-system", "validatingwebhookconfiguration/sealos-tenancy", "clusterrole/sealos:server", "--ignore-not-found", "-o", "name"], Ct).OutputAsync()).Trim());
        Assert.Equal("1", await _cloud.KubectlAsync(["-n", "ns-ann", "get", "deployment/shop", "-o", "jsonpath={.status.readyReplicas}"], Ct).OutputAsync());
        Assert.Null(await TryAsync(ann, HttpMethod.Post, "/api/v1/namespaces/ns-ann/configmaps", """{"metadata":{"name":"after"}}"""));
    }

    private async Task LoadImageAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-image-").FullName;
        try
        {
            var file = Path.Combine(folder, "sealos.tar");
            await SealosAsync("install", "--write-image", file);
            await _cloud.SealosAsync(["image", "load", file], Ct).OutputAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task<string> InstallAsync(params string[] more) => SealosAsync(["install", "--yes", "--expose", "NodePort", "--timeout", "180", "-o", "json", .. more]);

    private Task<string> SealosAsync(params string[] arguments) => _cloud.SealosAsync([.. arguments, "--kubeconfig", _cloud.KubeConfigPath], Ct).OutputAsync();

    // Finds every host of the domain at the node, as DNS would.
    private async Task<HttpClient> OpenAsync(string authority)
    {
        var node = IPAddress.Parse(await _cloud.KubectlAsync(["get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}"], Ct).OutputAsync());
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(node, context.DnsEndPoint.Port, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new KubeConfig { Server = new Uri($"https://{Domain}"), CertificateAuthorityPem = authority }.CreateTlsOptions(),
        };
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
    }

    private static async Task SignInAsync(HttpClient browser, string console, string password)
    {
        using var answer = await TrySignInAsync(browser, console, password);
        Assert.Equal(HttpStatusCode.OK, answer?.StatusCode);
        using var wrong = await TrySignInAsync(browser, console, "not-the-password");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong?.StatusCode);
    }

    private static async Task<HttpResponseMessage?> TrySignInAsync(HttpClient browser, string console, string password)
    {
        try
        {
            return await browser.PostAsJsonAsync(console + "/api/v1/sign-in", new { user = "admin", password }, Ct);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<KubeClient> PersonAsync(string name)
    {
        var secret = await _cloud.KubectlAsync(["-n", "user-system", "get", "secret", "sealos-kubeconfig-" + name, "-o", "jsonpath={.data.kubeconfig}"], Ct).OutputAsync();
        return new KubeClient(KubeConfig.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(secret)), "kubeconfig"), "person");
    }

    /// <summary>What RBAC lets through in one's own workspace, and the rules refuse.</summary>
    private static async Task AttackAsync(KubeClient ann)
    {
        const string Quota = "/api/v1/namespaces/ns-ann/resourcequotas/quota-ns-ann";
        Assert.Equal(403, (await TryAsync(ann, HttpMethod.Delete, Quota))?.Code);
        Assert.Equal(403, (await TryAsync(ann, HttpMethod.Delete, "/apis/networking.k8s.io/v1/namespaces/ns-ann/networkpolicies/sealos-walls"))?.Code);
        Assert.NotNull(await TryAsync(ann, HttpMethod.Post, "/apis/networking.k8s.io/v1/namespaces/ns-ann/ingresses", $$$"""{"metadata":{"name":"apex"},"spec":{"rules":[{"host":"{{{Domain}}}"}]}}"""));
        Assert.NotNull(await TryAsync(ann, HttpMethod.Get, "/api/v1/namespaces/sealos-system/secrets"));
        Assert.Null(await TryAsync(ann, HttpMethod.Get, Quota));
    }

    private static async Task<ApiException?> TryAsync(KubeClient client, HttpMethod method, string path, string? body = null)
    {
        try
        {
            using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            await client.SendAsync<JsonObject>(method, path, content, Ct);
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
    }

    // Without a word, as a machine that loses its power does it.
    private async Task KillLeaderAsync()
    {
        var leader = Assert.Single(await LeadersAsync());
        Assert.Equal(leader, await HolderAsync());
        await _cloud.KubectlAsync(["-n", "sealos-system", "delete", "pod", leader, "--grace-period=0", "--force"], Ct).OutputAsync();
        await Eventually.TrueAsync("another one leads", async () => await HolderAsync() is { Length: > 0 } holder && holder != leader && (await LeadersAsync()).SequenceEqual([holder]), Limit, ct: Ct);
    }

    private Task<string> HolderAsync() => _cloud.KubectlAsync(["-n", "sealos-system", "get", "lease", "sealos-server", "-o", "jsonpath={.spec.holderIdentity}"], Ct).OutputAsync();

    private async Task<string[]> LeadersAsync() =>
        (await _cloud.KubectlAsync(["-n", "sealos-system", "get", "pods", "-l", "system.sealos.io/leads=true", "-o", "jsonpath={.items[*].metadata.name}"], Ct).OutputAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>An embedded kernel without anything above it.</summary>
    public sealed class BareCluster : CloudFixture
    {
        protected override IReadOnlyList<string> More => ["--kernel-only"];
    }
}
