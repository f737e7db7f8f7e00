using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Sealos.Node.Cri;

/// <summary>gRPC over a Unix socket: unary calls and server streams, nothing more.</summary>
internal sealed class GrpcChannel : IDisposable
{
    private const int PrefixLength = 5;
    private const int MaxMessageLength = 64 * 1024 * 1024;

    private static readonly MediaTypeHeaderValue GrpcContent = new("application/grpc");

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <summary>A channel to the socket at <paramref name="socketPath"/>; connects with the first call and again whenever needed.</summary>
    public GrpcChannel(string socketPath, TimeProvider time)
    {
        _time = time;
        var endPoint = new UnixDomainSocketEndPoint(socketPath);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, ct) => ConnectAsync(endPoint, ct),
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        })
        {
            BaseAddress = new Uri("http://localhost/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Calls <paramref name="method"/> (<c>package.Service/Method</c>) and waits at most <paramref name="timeout"/>.</summary>
    /// <exception cref="CriException">The call failed.</exception>
    public async Task<TResponse> CallAsync<TResponse>(string method, IMessage request, TimeSpan timeout, CancellationToken ct)
        where TResponse : class, IMessage<TResponse>, new()
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var message = CreateRequest(method, request);
            message.Headers.Add("grpc-timeout", ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m");
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, linked.Token).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            var frame = await ReadFrameAsync(method, body, linked.Token).ConfigureAwait(false);
            if (frame is not null)
            {
                // The trailers are there only once the end of the body was read.
                await ReadFrameAsync(method, body, linked.Token).ConfigureAwait(false);
            }

            ThrowIfFailed(method, response);
            return Parse<TResponse>(method, frame ?? throw new CriException(method, GrpcCode.Internal, "the answer has no message"));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new CriException(method, GrpcCode.DeadlineExceeded, $"{method} took longer than {timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CriException(method, GrpcCode.Unavailable, $"the container runtime does not answer: {e.Message}", e);
        }
    }

    /// <summary>Calls a server-streaming <paramref name="method"/>; ends when the server ends the stream.</summary>
    /// <exception cref="CriException">The call failed or the connection broke.</exception>
    public async IAsyncEnumerable<TResponse> StreamAsync<TResponse>(string method, IMessage request, [EnumeratorCancellation] CancellationToken ct)
        where TResponse : class, IMessage<TResponse>, new()
    {
        using var message = CreateRequest(method, request);
        using var response = await GuardAsync(method, () => _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct)).ConfigureAwait(false);
        await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        while (await GuardAsync(method, () => ReadFrameAsync(method, body, ct)).ConfigureAwait(false) is { } frame)
        {
            yield return Parse<TResponse>(method, frame);
        }

        ThrowIfFailed(method, response);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endPoint, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static HttpRequestMessage CreateRequest(string method, IMessage request)
    {
        var length = request.CalculateSize();
        var body = new byte[PrefixLength + length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), length);
        request.WriteTo(body.AsSpan(PrefixLength));
        var message = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        message.Content.Headers.ContentType = GrpcContent;
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        message.Headers.Add("containerd-namespace", CriClient.ContainerdNamespace);
        return message;
    }

    private static async Task<T> GuardAsync<T>(string method, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CriException(method, GrpcCode.Unavailable, $"the container runtime does not answer: {e.Message}", e);
        }
    }

    // One length-prefixed message, or null at the end of the body.
    private static async Task<byte[]?> ReadFrameAsync(string method, Stream body, CancellationToken ct)
    {
        var prefix = new byte[PrefixLength];
        var read = await body.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1));
        if (read < PrefixLength || prefix[0] != 0 || length is < 0 or > MaxMessageLength)
        {
            throw new CriException(method, GrpcCode.Internal, "the answer is not a gRPC message");
        }

        var frame = new byte[length];
        await body.ReadExactlyAsync(frame, ct).ConfigureAwait(false);
        return frame;
    }

    private static TResponse Parse<TResponse>(string method, byte[] frame)
        where TResponse : class, IMessage<TResponse>, new()
    {
        try
        {
            var response = new TResponse();
            response.MergeFrom(frame);
            return response;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CriException(method, GrpcCode.Internal, $"the answer cannot be read: {e.Message}", e);
        }
    }

    private static void ThrowIfFailed(string method, HttpResponseMessage response)
    {
        var name = method[(method.LastIndexOf('/') + 1)..];
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new CriException(name, GrpcCode.Unavailable, $"the container runtime answered HTTP {(int)response.StatusCode}");
        }

        // An error without any message comes with the status in the headers instead of the trailers.
        var status = Find(response, "grpc-status");
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            throw new CriException(name, GrpcCode.Internal, "the answer has no gRPC status");
        }

        if (code != 0)
        {
            throw new CriException(name, (GrpcCode)code, Uri.UnescapeDataString(Find(response, "grpc-message") ?? ""));
        }
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;
}
