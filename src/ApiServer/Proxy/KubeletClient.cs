using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.ApiServer.Proxy;

/// <summary>
/// Connections to what runs in the cluster: to kubelets with the API server's own certificate and only when theirs is of
/// the cluster's authority; to pods as Kubernetes does, without judging their certificates.
/// </summary>
internal sealed class KubeletClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _authorities;
    private readonly HttpMessageInvoker _kubelets;
    private readonly HttpMessageInvoker _pods;

    public KubeletClient(X509Certificate2 certificate, X509Certificate2Collection authorities, TimeProvider time)
    {
        _time = time;
        _certificate = certificate;
        _authorities = authorities;
        _kubelets = new HttpMessageInvoker(NewHandler(KubeletTls("")));
        _pods = new HttpMessageInvoker(NewHandler(PodTls("")));
    }

    /// <summary>Sends a request; the answer's body is still to be read.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool toKubelet, CancellationToken cancellationToken) =>
        (toKubelet ? _kubelets : _pods).SendAsync(request, cancellationToken);

    /// <summary>Opens a connection for a protocol of its own.</summary>
    public async Task<Stream> ConnectAsync(Uri target, bool toKubelet, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ConnectTimeout, _time);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(target.IdnHost, target.Port, timeout.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (target.Scheme != Uri.UriSchemeHttps)
            {
                return stream;
            }

            var tls = new SslStream(stream);
            stream = tls;
            var options = toKubelet ? KubeletTls(target.IdnHost) : PodTls(target.IdnHost);
            options.ApplicationProtocols = [SslApplicationProtocol.Http11];
            await tls.AuthenticateAsClientAsync(options, timeout.Token).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    public void Dispose()
    {
        _kubelets.Dispose();
        _pods.Dispose();
    }

    private static SocketsHttpHandler NewHandler(SslClientAuthenticationOptions tls) => new()
    {
        SslOptions = tls,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        ActivityHeadersPropagator = null,
    };

    private SslClientAuthenticationOptions KubeletTls(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [_certificate],
        CertificateChainPolicy = Chain(),
    };

    private X509ChainPolicy Chain()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    // What a pod serves on its own port is not the cluster's to vouch for; nothing secret is sent there.
    private static SslClientAuthenticationOptions PodTls(string host) => new()
    {
        TargetHost = host,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };
}
