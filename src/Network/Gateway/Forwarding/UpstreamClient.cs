using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>No more connections to apps may be opened.</summary>
internal sealed class GatewayBusyException() : IOException("the gateway holds as many connections to apps as it may");

/// <summary>Connections to apps: pooled, bounded in number, straight to an instance's address.</summary>
internal sealed class UpstreamClient : IDisposable
{
    /// <summary>The authority of the console where it listens on a Unix socket; no endpoint can be called so.</summary>
    public const string ConsoleAuthority = "console.gateway";

    /// <summary>The authority that stands for the services' API.</summary>
    public const string ServicesAuthority = "services.gateway";

    public static readonly HttpRequestOptionsKey<TimeSpan> ConnectTimeout = new("connect-timeout");

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _invoker;
    private int _open;

    public UpstreamClient(GatewayOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _invoker = new HttpMessageInvoker(CreateHandler());
    }

    /// <summary>Connections open now, used or waiting for reuse.</summary>
    public int Open => Volatile.Read(ref _open);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken ct) => _invoker.SendAsync(message, ct);

    public void Dispose() => _invoker.Dispose();

    private SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            MaxConnectionsPerServer = _options.Limits.ConnectionsPerInstance,
            MaxResponseHeadersLength = 128,
            Expect100ContinueTimeout = TimeSpan.FromMilliseconds(500),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,

            // Many servers close an idle connection after five seconds; a request must not meet one that is just closing.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
            ConnectTimeout = TimeSpan.FromSeconds(76),
            ConnectCallback = ConnectAsync,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        };

        // Apps sign their own certificates; the path to an instance does not leave the pod network.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        return handler;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _open) > _options.Limits.BackendConnections)
        {
            Interlocked.Decrement(ref _open);
            throw new GatewayBusyException();
        }

        var target = TargetOf(context.DnsEndPoint);
        var socket = target.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (!context.InitialRequestMessage.Options.TryGetValue(ConnectTimeout, out var limit))
            {
                limit = TimeSpan.FromSeconds(3);
            }

            using var timeout = new CancellationTokenSource(limit, _time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
            try
            {
                await socket.ConnectAsync(target, linked.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            return new CountedStream(socket, this);
        }
        catch
        {
            socket.Dispose();
            Interlocked.Decrement(ref _open);
            throw;
        }
    }

    private EndPoint TargetOf(DnsEndPoint asked) =>
        asked.Host == ConsoleAuthority && _options.Console is { } console ? console
        : asked.Host == ServicesAuthority && _options.Services is { } services ? services
        : new IPEndPoint(IPAddress.Parse(asked.Host), asked.Port);

    private sealed class CountedStream(Socket socket, UpstreamClient owner) : NetworkStream(socket, ownsSocket: true)
    {
        private int _closed;

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                Interlocked.Decrement(ref owner._open);
            }

            base.Dispose(disposing);
        }
    }
}
