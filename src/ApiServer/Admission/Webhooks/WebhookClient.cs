using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ApiServer.Proxy;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>Asks webhooks over HTTPS, on connections that are kept for as long as a configuration names their end.</summary>
internal sealed class WebhookClient(ProxyTargets services, TimeProvider time) : IDisposable
{
    private const int MaxConnections = 64;
    private const int MaxAnswer = 8 * 1024 * 1024;
    private const int MaxQuoted = 256;
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<WebhookTarget, Lazy<HttpMessageInvoker>> _connections = new();

    /// <summary>Asks; the answer is read and checked.</summary>
    /// <exception cref="WebhookFailure">There is no answer.</exception>
    public async Task<WebhookVerdict> AskAsync(Webhook webhook, AdmissionReview review, bool mayPatch, CancellationToken cancellationToken)
    {
        var address = $"{webhook.Target.Address}?timeout={webhook.TimeoutSeconds}s";
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(webhook.TimeoutSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        byte[] answer;
        try
        {
            answer = await PostAsync(webhook.Target, address, review.Body, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookFailure($"failed to call webhook: Post \"{address}\": context deadline exceeded");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or CryptographicException or UriFormatException or ObjectDisposedException)
        {
            throw new WebhookFailure($"failed to call webhook: Post \"{address}\": {Explain(e)}");
        }

        return WebhookVerdict.Read(answer, review.Uid, mayPatch);
    }

    /// <summary>Gives up connections to where no webhook is any more.</summary>
    public void Keep(IReadOnlySet<WebhookTarget> targets)
    {
        foreach (var target in _connections.Keys.Where(target => !targets.Contains(target)))
        {
            if (_connections.TryRemove(target, out var unused) && unused.IsValueCreated)
            {
                unused.Value.Dispose();
            }
        }
    }

    public void Dispose() => Keep(new HashSet<WebhookTarget>());

    private async Task<byte[]> PostAsync(WebhookTarget target, string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var connections = _connections.GetOrAdd(target, key => new Lazy<HttpMessageInvoker>(() => Connect(key))).Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version11, Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, */*");
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-apiserver-admission");
        using var answer = await connections.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var content = await ReadAsync(answer.Content, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return content;
        }

        throw new WebhookFailure("failed to call webhook: " + (answer.StatusCode switch
        {
            HttpStatusCode.NotFound => "the server could not find the requested resource",
            >= HttpStatusCode.InternalServerError => $"an error on the server (\"{Encoding.UTF8.GetString(content.AsSpan(0, Math.Min(content.Length, MaxQuoted))).Trim()}\") has prevented the request from succeeding",
            _ => "the server rejected our request for an unknown reason",
        }));
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxAnswer)
            {
                throw new WebhookFailure($"failed to call webhook: the answer is longer than {MaxAnswer} bytes");
            }
        }

        return buffer.ToArray();
    }

    private HttpMessageInvoker Connect(WebhookTarget target)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionIdleTimeout = IdleTimeout,
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancellationToken) => DialAsync(target, context.DnsEndPoint, cancellationToken),
        };
        if (target.CaBundle.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = Trust(target.CaBundle);
        }

        return new HttpMessageInvoker(handler);
    }

    private async ValueTask<Stream> DialAsync(WebhookTarget target, DnsEndPoint host, CancellationToken cancellationToken)
    {
        var (name, port) = (host.Host, host.Port);
        if (target.Service is { } service)
        {
            var endpoint = Resolve(target.Namespace, service, target.Port);
            (name, port) = (endpoint.Host, endpoint.Port);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(name, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"dial tcp {name}:{port}: connect: connection refused",
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"dial tcp: lookup {name}: no such host",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"dial tcp {name}:{port}: connect: no route to host",
                _ => $"dial tcp {name}:{port}: {e.Message}",
            });
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Uri Resolve(string @namespace, string service, int port)
    {
        try
        {
            return services.FindService(@namespace, service, port);
        }
        catch (ApiException e)
        {
            throw new IOException(e.Code == 404 ? $"service \"{service}\" not found" : e.Message);
        }
    }

    private static X509ChainPolicy Trust(string caBundle)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(caBundle)));
        return policy;
    }

    private static string Explain(Exception error) => error switch
    {
        HttpRequestException { InnerException: AuthenticationException } => "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        HttpRequestException { InnerException: IOException inner } => inner.Message,
        HttpRequestException { InnerException: { } inner } => inner.Message,
        _ => error.Message,
    };
}
