using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Certificates;
using Sealos.Network.Gateway;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>The component as the host starts it: fed by watches of an API server that comes, goes and comes back.</summary>
public sealed class GatewayComponentTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-test");
    private readonly FakeApi _api = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var authority = CertificateAuthority.Create("test", TimeProvider.System);
        await File.WriteAllTextAsync(PathOf("ca.crt"), authority.Pair.CertificatePem, Ct);
        await File.WriteAllTextAsync(PathOf("ca.key"), authority.Pair.KeyPem, Ct);
        await _api.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Route_IsLiveWithinASecond_StatusIsWritten_AndTheSnapshotOutlivesTheServer()
    {
        await using var app = await TestBackend.SayingAsync("hello");
        using var client = _api.CreateClient();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
        await using var gateway = new GatewayComponent(Options(), client, informers, TimeProvider.System, NullLoggerFactory.Instance);
        await gateway.StartAsync(Ct);
        await WaitAsync(() => gateway.IsComplete);
        using var browser = Browser(gateway.HttpsPort);
        Assert.Equal(404, await StatusAsync(browser, "web"));

        AddApp("web", app.Port);
        var watch = Stopwatch.StartNew();
        while (await StatusAsync(browser, "web") != 200)
        {
            Assert.True(watch.ElapsedMilliseconds < 1_000, "the route was not live within a second");
        }

        await WaitAsync(() => _api.Writes.Any(w => w.StartsWith("PATCH /apis/networking.k8s.io/v1/namespaces/ns-a/ingresses/web/status", StringComparison.Ordinal) && w.Contains("192.0.2.10", StringComparison.Ordinal)));
        await _api.StopAsync();
        Assert.Equal(200, await StatusAsync(browser, "web"));

        await _api.StartAsync();
        AddApp("later", app.Port);
        watch.Restart();
        while (await StatusAsync(browser, "later") != 200)
        {
            Assert.True(watch.ElapsedMilliseconds < 5_000, "the watch did not come back");
            await Task.Delay(20, Ct);
        }

        Assert.Contains("sealos_gateway_requests_total{namespace=\"ns-a\",ingress=\"web\",status=\"2xx\"} 2", gateway.Metrics(), StringComparison.Ordinal);
        await gateway.StopAsync(Ct);
    }

    [Fact]
    public async Task Problem_OfAnIngress_BecomesAnEventForItsOwner()
    {
        using var client = _api.CreateClient();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
        await using var gateway = new GatewayComponent(Options(), client, informers, TimeProvider.System, NullLoggerFactory.Instance);
        await gateway.StartAsync(Ct);
        await WaitAsync(() => gateway.IsComplete);

        _api.Put(Cluster.Ingress("ns-a", "greedy", TestGateway.Domain, "web"));

        await WaitAsync(() => _api.Writes.Any(w => w.StartsWith("POST /api/v1/namespaces/ns-a/events", StringComparison.Ordinal) && w.Contains("belongs to the cloud itself", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Start_WithoutAnApiServer_AnswersThatItIsStarting_AndServesTheConsole()
    {
        await using var console = await TestBackend.SayingAsync("console");
        using var client = _api.CreateClient();
        await _api.StopAsync();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
        var options = Options() with { Console = new IPEndPoint(IPAddress.Loopback, console.Port) };
        await using var gateway = new GatewayComponent(options, client, informers, TimeProvider.System, NullLoggerFactory.Instance);
        await gateway.StartAsync(Ct);
        using var browser = Browser(gateway.HttpsPort);

        Assert.Equal(503, await StatusAsync(browser, "web"));
        Assert.Equal("console", await browser.GetStringAsync($"https://{TestGateway.Domain}/", Ct));
    }

    [Fact]
    public async Task Metrics_OnAUnixSocket_AreServedThereAlone()
    {
        var path = PathOf("metrics.sock");
        using var client = _api.CreateClient();
        await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
        await using var gateway = new GatewayComponent(Options() with { Metrics = new UnixDomainSocketEndPoint(path) }, client, informers, TimeProvider.System, NullLoggerFactory.Instance);
        await gateway.StartAsync(Ct);
        using var collector = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Contains("sealos_gateway_hosts 0", await collector.GetStringAsync("http://metrics/metrics", Ct), StringComparison.Ordinal);
        using var browser = Browser(gateway.HttpsPort);
        using var outside = await browser.GetAsync($"https://web.{TestGateway.Domain}/metrics", Ct);
        Assert.NotEqual(HttpStatusCode.OK, outside.StatusCode);
    }

    private static HttpClient Browser(int port) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    private static async Task<int> StatusAsync(HttpClient browser, string app)
    {
        using var response = await browser.GetAsync($"https://{app}.{TestGateway.Domain}/", Ct);
        return (int)response.StatusCode;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 500, "waited five seconds in vain");
            await Task.Delay(10, Ct);
        }
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private GatewayOptions Options() => new()
    {
        Domain = TestGateway.Domain,
        Http = new IPEndPoint(IPAddress.Loopback, 0),
        Https = new IPEndPoint(IPAddress.Loopback, 0),
        CaCertificateFile = PathOf("ca.crt"),
        CaKeyFile = PathOf("ca.key"),
        BackendRanges = [IPNetwork.Parse("127.0.0.0/8")],
        PublishAddress = IPAddress.Parse("192.0.2.10"),
    };

    private void AddApp(string name, int port)
    {
        _api.Put(Cluster.Service("ns-a", name, 80));
        _api.Put(Cluster.Slice("ns-a", name, port));
        _api.Put(Cluster.Ingress("ns-a", name, $"{name}.{TestGateway.Domain}", name));
    }
}
