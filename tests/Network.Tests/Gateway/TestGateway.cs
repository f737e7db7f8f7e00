using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Certificates;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway;
using Sealos.Network.Gateway.Forwarding;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Telemetry;
using Sealos.Network.Gateway.Tls;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

/// <summary>The whole gateway on random loopback ports, fed by the test instead of by watches.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Domain = "cloud.test";

    private readonly DirectoryInfo _folder;
    private readonly UpstreamClient _upstream;
    private readonly GatewayServer _server;

    private TestGateway(Func<GatewayOptions, GatewayOptions> change)
    {
        _folder = Directory.CreateTempSubdirectory("gateway-test");
        Authority = CertificateAuthority.Create("test authority", TimeProvider.System);
        File.WriteAllText(PathOf("ca.crt"), Authority.Pair.CertificatePem);
        File.WriteAllText(PathOf("ca.key"), Authority.Pair.KeyPem);
        Options = change(new GatewayOptions
        {
            Domain = Domain,
            Http = new IPEndPoint(IPAddress.Loopback, 0),
            Https = new IPEndPoint(IPAddress.Loopback, 0),
            CaCertificateFile = PathOf("ca.crt"),
            CaKeyFile = PathOf("ca.key"),
            BackendRanges = [IPNetwork.Parse("127.0.0.0/8")],
        });
        Backends = new BackendTable(Options);
        Routes = new RouteTable(Options, Backends, new IngressClasses(Options)) { IsComplete = true };
        _upstream = new UpstreamClient(Options, TimeProvider.System);
        Certificates = new CertificateSelector(Options, Routes, name => Secrets.GetValueOrDefault(name), TimeProvider.System, NullLogger.Instance);
        var handler = new GatewayHandler(Options, Routes, new Forwarder(_upstream, TimeProvider.System, NullLogger.Instance), TimeProvider.System);
        _server = new GatewayServer(Options, handler, Certificates, new MetricsText(Routes, _upstream), NullLoggerFactory.Instance);
    }

    public GatewayOptions Options { get; }

    public CertificateAuthority Authority { get; }

    public BackendTable Backends { get; }

    public RouteTable Routes { get; }

    public CertificateSelector Certificates { get; }

    public Dictionary<SecretName, Secret> Secrets { get; } = [];

    public int OpenBackends => _upstream.Open;

    public int HttpPort => _server.HttpPort;

    public int HttpsPort => _server.HttpsPort;

    public static Task<TestGateway> StartAsync() => StartAsync(o => o);

    public static async Task<TestGateway> StartAsync(Func<GatewayOptions, GatewayOptions> change)
    {
        var gateway = new TestGateway(change);
        await gateway._server.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    /// <summary>An app with a Service, ready instances on the loopback ports, and an ingress for <c>name.domain</c>.</summary>
    public string AddApp(string name, params int[] ports) => AddAnnotated(name, [], ports);

    public string AddAnnotated(string name, Dictionary<string, string> annotations, params int[] ports)
    {
        var host = $"{name}.{Domain}";
        Backends.OnService(null, Cluster.Service("ns-a", name, 80));
        Backends.OnSlice(null, Cluster.Slice("ns-a", name, ports));
        Apply(Cluster.Ingress("ns-a", name, host, name, annotations));
        return host;
    }

    public void Apply(Ingress ingress) => Routes.OnIngress(null, ingress);

    /// <summary>A client that reaches the gateway whatever the host of the address.</summary>
    public HttpClient CreateClient(Version? version = null) =>
        new(CreateHandler())
        {
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(20),
        };

    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectCallback = async (context, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port == 80 ? HttpPort : HttpsPort, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust() },
    };

    /// <summary>A bare TLS connection, and the certificate that the gateway chose for the name.</summary>
    public async Task<(SslStream Stream, X509Certificate2 Certificate)> ConnectTlsAsync(string? serverName)
    {
        var ct = TestContext.Current.CancellationToken;
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, HttpsPort, ct);
        var stream = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = serverName ?? "", RemoteCertificateValidationCallback = (_, _, _, _) => true };
        await stream.AuthenticateAsClientAsync(options, ct);
        return (stream, X509CertificateLoader.LoadCertificate(stream.RemoteCertificate!.Export(X509ContentType.Cert)));
    }

    /// <summary>Sends bytes as they are over TLS and reads until the gateway closes or falls silent.</summary>
    public async Task<string> SendRawAsync(string text)
    {
        var (stream, certificate) = await ConnectTlsAsync($"any.{Domain}");
        certificate.Dispose();
        await using (stream)
        {
            await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
            return await ReadAsync(stream);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _upstream.Dispose();
        Authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[8_192];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        try
        {
            while (true)
            {
                silence.CancelAfter(TimeSpan.FromMilliseconds(text.Length == 0 ? 3_000 : 150));
                var read = await stream.ReadAsync(buffer, silence.Token);
                if (read == 0)
                {
                    break;
                }

                text.Append(System.Text.Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }

        return text.ToString();
    }

    private X509ChainPolicy Trust()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Authority.Pair.CertificatePem);
        return policy;
    }
}
