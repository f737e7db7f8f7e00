using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

/// <summary>
/// Debian's etcd, for comparison: the same writes to a disk that is synced. It is reached over the network of the machine, as it always
/// is, which our store is not; so its figures hold a call that ours do not.
/// </summary>
internal sealed class EtcdPeer : IDisposable
{
    private const string Program = "/usr/bin/etcd";

    private readonly Process _process;
    private readonly HttpClient _http;

    private EtcdPeer(Process process, int port)
    {
        _process = process;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Starts one with its data in a folder; null where Debian's package etcd-server is not installed.</summary>
    public static async Task<EtcdPeer?> StartAsync(string folder, CancellationToken ct)
    {
        if (!File.Exists(Program))
        {
            return null;
        }

        var (client, peer) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(Program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in new[]
        {
            ("data-dir", Path.Combine(folder, "etcd")),
            ("listen-client-urls", $"http://127.0.0.1:{client}"),
            ("advertise-client-urls", $"http://127.0.0.1:{client}"),
            ("listen-peer-urls", $"http://127.0.0.1:{peer}"),
            ("initial-advertise-peer-urls", $"http://127.0.0.1:{peer}"),
            ("initial-cluster", $"default=http://127.0.0.1:{peer}"),
            ("log-level", "error"),
        })
        {
            start.ArgumentList.Add($"--{name}={value}");
        }

        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var etcd = new EtcdPeer(process, client);
        for (var i = 0; ; i++)
        {
            try
            {
                await etcd.PutAsync("/ready", [], ct);
                return etcd;
            }
            catch (HttpRequestException) when (i < 100)
            {
                await Task.Delay(100, ct);
            }
        }
    }

    /// <summary>Writes a value: one call of etcdserverpb.KV/Put, its few bytes of protobuf written by hand.</summary>
    public async Task PutAsync(string key, byte[] value, CancellationToken ct)
    {
        var message = new List<byte> { 0x0a };
        Length(message, key.Length);
        message.AddRange(System.Text.Encoding.ASCII.GetBytes(key));
        message.Add(0x12);
        Length(message, value.Length);
        message.AddRange(value);
        var body = new byte[5 + message.Count];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Count);
        message.CopyTo(body, 5);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.KV/Put") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await _http.SendAsync(request, ct);
        await response.Content.ReadAsByteArrayAsync(ct);
        if (!response.TrailingHeaders.TryGetValues("grpc-status", out var status) || status.First() != "0")
        {
            throw new HttpRequestException("etcd refused a write");
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Length(List<byte> message, int length)
    {
        for (; length > 127; length >>= 7)
        {
            message.Add((byte)(length | 128));
        }

        message.Add((byte)length);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
