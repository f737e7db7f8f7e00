using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;

namespace Sealos.Node.Probes;

/// <summary>Looks with gRPC's standard health service: <c>SERVING</c> is success.</summary>
internal sealed class GrpcProber : IDisposable
{
    private const int PrefixLength = 5;
    private const int LongestAnswer = 4096;
    private const int Serving = 1;
    private const uint ServiceTag = (1 << 3) | (uint)WireFormat.WireType.LengthDelimited;
    private const uint StatusTag = (1 << 3) | (uint)WireFormat.WireType.Varint;

    private static readonly string[] Names = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Asks once.</summary>
    public async Task<ProbeOutcome> ProbeAsync(string host, int port, string service, CancellationToken ct)
    {
        try
        {
            using var request = CreateRequest(host, port, service);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            var answer = new byte[LongestAnswer];
            var length = await body.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            var status = Find(response, "grpc-status");
            if (status != "0")
            {
                return new ProbeOutcome(false, status == "12" ? "this server does not implement the grpc health protocol (grpc.health.v1.Health)" : $"rpc failed with status {status ?? "none"}: {Find(response, "grpc-message")}");
            }

            var health = ReadStatus(answer.AsSpan(0, length));
            return health == Serving ? new ProbeOutcome(true, "service healthy") : new ProbeOutcome(false, $"service unhealthy (responded with \"{Names.ElementAtOrDefault(health) ?? "?"}\")");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ProbeOutcome(false, $"failed to connect to service at {host}:{port}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage CreateRequest(string host, int port, string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        var length = name.Length == 0 ? 0 : CodedOutputStream.ComputeUInt32Size(ServiceTag) + CodedOutputStream.ComputeLengthSize(name.Length) + name.Length;
        var body = new byte[PrefixLength + length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), length);
        if (length > 0)
        {
            var output = new CodedOutputStream(new MemoryStream(body, PrefixLength, length));
            output.WriteTag(ServiceTag);
            output.WriteBytes(ByteString.CopyFrom(name));
            output.Flush();
        }

        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:{port}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.32");
        return request;
    }

    // The answer is one message with one number; without it the number is 0.
    private static int ReadStatus(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < PrefixLength)
        {
            return 0;
        }

        var input = new CodedInputStream(answer[PrefixLength..].ToArray());
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == StatusTag)
            {
                return input.ReadEnum();
            }

            input.SkipLastField();
        }

        return 0;
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;
}
