using System.Diagnostics;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Certificates;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Access;
using Sealos.Node.Cri;
using Sealos.Node.Exec;
using Sealos.Node.Images;
using Sealos.Node.Stats;
using Xunit;

namespace Sealos.Node.Tests.Exec;

/// <summary>The server over real TLS, with a runtime that speaks the real protocols.</summary>
public sealed class KubeletServerTests : IAsyncLifetime
{
    private const string ApiServerName = "kube-apiserver-kubelet-client";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", TimeProvider.System);
    private readonly string _log = Path.GetTempFileName();
    private readonly TemporaryFolder _logs = new();
    private FakeRuntime _runtime = null!;
    private readonly FakeReviews _reviews = new();
    private CriClient _cri = null!;
    private NodeStats _stats = null!;
    private KubeletServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _runtime = await FakeRuntime.StartAsync(Ct);
        _runtime.LogPath = _log;
        _cri = new CriClient(_runtime.Socket, TimeProvider.System);
        _stats = new NodeStats(_cri, new NodeOptions { NodeName = "n1", DataRoot = "/" }, () => [], TimeProvider.System);
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "p", Uid = "u" },
            Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "c", ContainerID = "containerd://id", State = new ContainerState { Running = new ContainerStateRunning() } }] },
        };
        var options = new KubeletServerOptions
        {
            Address = IPAddress.Loopback,
            Port = 0,
            Certificate = _authority.IssueServer(["localhost"], [IPAddress.Loopback], Day),
            ClientAuthorityPem = _authority.Pair.CertificatePem,
            AllowedClients = [ApiServerName],
        };
        var images = new ImageStore(_cri, _runtime.Socket, TimeProvider.System, NullLogger<ImageStore>.Instance);
        _server = new KubeletServer(options, new KubeletServices(new OnePod(pod, "sandbox"), _cri, images, _stats, TimeProvider.System, NullLoggerFactory.Instance)
        {
            Reviews = _reviews,
            LogRoot = _logs.Path,
            ProbeMetrics = () => "prober_probe_total 1",
        });
        await _server.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _stats.Dispose();
        _cri.Dispose();
        await _runtime.DisposeAsync();
        _authority.Dispose();
        File.Delete(_log);
        _logs.Dispose();
    }

    [Fact]
    public async Task Request_OfWhomNobodyKnows_IsNotServed()
    {
        using var otherAuthority = CertificateAuthority.Create("test", TimeProvider.System);
        (X509Certificate2? Certificate, string? Token)[] strangers =
        [
            (null, null),
            (null, "guess"),
            (Load(otherAuthority.IssueClient(ApiServerName, [], Day)), null),
            (Load(_authority.IssueServer([ApiServerName], [], Day)), null),
        ];
        foreach (var (certificate, token) in strangers)
        {
            using var http = Client(certificate);
            Assert.Equal((401, "Unauthorized"), await AskAsync(http, "/healthz", token));
        }

        using var right = Client(Load(_authority.IssueClient(ApiServerName, [], Day)));
        Assert.Equal("ok", await right.GetStringAsync("/healthz", Ct));
        Assert.Equal(["find guess"], _reviews.Asked);
    }

    [Fact]
    public async Task Request_WithAToken_IsJudgedByWhatTheApiSays_AndThatIsRemembered()
    {
        using var http = Client(null);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, (await AskAsync(http, "/metrics/cadvisor", "scraper")).Status);
            Assert.Equal((403, "Forbidden (user=scraper, verb=get, resource=nodes, subresource(s)=[pods proxy])"), await AskAsync(http, "/pods", "scraper"));
            Assert.Equal(403, (await AskAsync(http, "/exec/ns/p/c?command=ls&stdout=1", "scraper")).Status);
        }

        Assert.Equal(["find scraper", "scraper get metrics", "scraper get pods", "scraper get proxy", "scraper create proxy"], _reviews.Asked);
    }

    [Fact]
    public async Task Request_WithAClientsCertificate_IsJudgedByItsNameAndGroups()
    {
        using var http = Client(Load(_authority.IssueClient("someone", ["readers"], Day)));
        Assert.Equal(200, (await AskAsync(http, "/stats/summary", null)).Status);
        Assert.Equal(403, (await AskAsync(http, "/runningpods/", null)).Status);

        // Whoever may look has no shell, however it is asked for.
        _reviews.Allowed.Add("get proxy");
        Assert.Equal(403, (await AskAsync(http, "/EXEC/ns/p/c?command=ls&stdout=1", null)).Status);
        Assert.Equal(["someone get stats", "someone get pods", "someone get proxy", "someone create proxy"], _reviews.Asked);
    }

    [Fact]
    public async Task Logs_AreListedAndRead_AndNothingElse()
    {
        Directory.CreateDirectory(Path.Combine(_logs.Path, "pods"));
        await File.WriteAllTextAsync(Path.Combine(_logs.Path, "server.log"), "line", Ct);
        File.CreateSymbolicLink(Path.Combine(_logs.Path, "away"), "/etc/passwd");
        using var pipe = Process.Start("mkfifo", [Path.Combine(_logs.Path, "pipe")]);
        await pipe.WaitForExitAsync(Ct);
        using var http = Client();

        Assert.Contains("<a href=\"pipe\">pipe</a>\n<a href=\"pods/\">pods/</a>\n<a href=\"server.log\">server.log</a>\n", await http.GetStringAsync("/logs/", Ct), StringComparison.Ordinal);
        Assert.Equal("line", await http.GetStringAsync("/logs/server.log", Ct));
        Assert.Equal(404, (await AskAsync(http, "/logs/away", null)).Status);
        Assert.Equal(404, (await AskAsync(http, "/logs/missing", null)).Status);
        Assert.Equal(404, (await AskAsync(http, "/logs/pipe", null).WaitAsync(TimeSpan.FromSeconds(60), Ct)).Status);
        Assert.Equal(404, (await AskAsync(http, "/logs/%2e%2e/etc/passwd", null)).Status);
        Assert.Equal(404, (await AskAsync(http, "/logs/..%2f..%2fetc%2fpasswd", null)).Status);
        Assert.Equal(400, (await AskAsync(http, "/logs/?query=kubelet", null)).Status);
        using var reader = Client(Load(_authority.IssueClient("someone", ["readers"], Day)));
        Assert.Equal(403, (await AskAsync(reader, "/logs/server.log", null)).Status);
    }

    [Theory]
    [InlineData("/metrics/probes", "prober_probe_total 1")]
    [InlineData("/metrics/resource", "node_memory_working_set_bytes")]
    [InlineData("/metrics/cadvisor", "# TYPE container_cpu_usage_seconds_total counter")]
    [InlineData("/runningpods/", "\"containers\":[{\"name\":\"c\"}]")]
    [InlineData("/configz", "{\"kubeletconfig\":{}}")]
    public async Task Request_OfTheNodeAgentsOtherPaths_IsServed(string path, string part)
    {
        using var http = Client();

        Assert.Contains(part, await http.GetStringAsync(path, Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/containerLogs/ns/other/c", 404, "pod ns/other does not exist on this node")]
    [InlineData("/containerLogs/ns/p/c?tailLines=x", 400, "tailLines: must be a whole number of at least 0, not 'x'")]
    [InlineData("/exec/ns/p/c?command=ls&stdout=1", 400, "Upgrade request required: WebSocket or SPDY/3.1")]
    [InlineData("/exec/ns/p/c?stdout=1", 400, "you must specify a command for the container")]
    [InlineData("/exec/ns/p/d?stdout=1&command=ls", 404, "container not found (\"d\")")]
    [InlineData("/run/ns/p/c", 405, "")]
    public async Task Request_ThatCannotBeServed_IsRefusedWithAReason(string path, int status, string message)
    {
        using var http = Client();
        using var answer = await http.GetAsync(path, Ct);

        Assert.Equal((status, message), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct)));
    }

    [Fact]
    public async Task Logs_Tail_IsTheText()
    {
        await File.WriteAllTextAsync(_log, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:01Z stdout F two\n", Ct);
        using var http = Client();

        Assert.Equal("two\n", await http.GetStringAsync("/containerLogs/ns/p/c?tailLines=1", Ct));
    }

    [Fact]
    public async Task Pods_List_IsAPodList()
    {
        using var http = Client();

        var text = await http.GetStringAsync("/pods", Ct);

        Assert.StartsWith("""{"apiVersion":"v1","kind":"PodList",""", text, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"p\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_Spdy_PassesByteForByteBothWays()
    {
        await using var client = await UpgradeAsync("POST /exec/ns/p/c?command=sh&command=-c&stdin=1&stdout=1", "SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io");
        await using var runtime = await _runtime.AcceptAsync(Ct);
        Assert.Contains("X-Stream-Protocol-Version: v4.channel.k8s.io", await ReadHeadAsync(client, "101"), StringComparison.Ordinal);
        Assert.StartsWith("POST /stream/token HTTP/1.1", _runtime.Head, StringComparison.Ordinal);
        Assert.Equal("id sh -c True True False", $"{_runtime.Exec!.ContainerId} {string.Join(' ', _runtime.Exec.Cmd)} {_runtime.Exec.Stdin} {_runtime.Exec.Stdout} {_runtime.Exec.Stderr}");

        await client.WriteAsync(new byte[] { 0x80, 3, 0, 1 }, Ct);
        var up = new byte[4];
        await runtime.ReadExactlyAsync(up, Ct);
        await runtime.WriteAsync(up.Reverse().ToArray(), Ct);
        var down = new byte[4];
        await client.ReadExactlyAsync(down, Ct);
        Assert.Equal([1, 0, 3, 0x80], down);

        runtime.Socket.Shutdown(SocketShutdown.Both);
        Assert.Equal(0, await client.ReadAsync(down, Ct));
    }

    [Fact]
    public async Task Exec_WebSocketVersion5_IsTranslated()
    {
        await using var client = await UpgradeAsync("GET /exec/ns/p/c?command=ls&stdout=1", "websocket", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io");
        await using var runtime = await _runtime.AcceptAsync(Ct);
        var head = await ReadHeadAsync(client, "101");
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: v5.channel.k8s.io", head, StringComparison.Ordinal);
        var peer = new SpdyPeer(runtime);
        await peer.WaitForStreamsAsync(2, Ct);
        await peer.WriteAsync("stdout", "files", true, Ct);
        await peer.WriteAsync("error", "{}", true, Ct);

        using var socket = WebSocket.CreateFromStream(client, new WebSocketCreationOptions());
        Assert.Equal(["\u0001", "\u0001files", "\u0003{}"], await ReadMessagesAsync(socket));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Ct);
    }

    [Fact]
    public async Task PortForward_SpdyInAWebSocket_IsAStreamOfBytes()
    {
        await using var client = await UpgradeAsync("GET /portForward/ns/p", "websocket", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io");
        await using var runtime = await _runtime.AcceptAsync(Ct);
        Assert.Contains("Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io", await ReadHeadAsync(client, "101"), StringComparison.Ordinal);
        Assert.Contains("X-Stream-Protocol-Version: portforward.k8s.io", _runtime.Head, StringComparison.Ordinal);
        using var socket = WebSocket.CreateFromStream(client, new WebSocketCreationOptions());
        foreach (var piece in (string[])["S", "", "PD", "Y"])
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(piece), WebSocketMessageType.Binary, true, Ct);
        }

        var up = new byte[4];
        await runtime.ReadExactlyAsync(up, Ct);
        Assert.Equal("SPDY"u8.ToArray(), up);
        await runtime.WriteAsync("back"u8.ToArray(), Ct);
        runtime.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(["back"], await ReadMessagesAsync(socket));
    }

    [Fact]
    public async Task PortForward_OldWebSocket_NamesThePortsToTheRuntime()
    {
        await using var client = await UpgradeAsync("GET /portForward/ns/p?port=80&ports=81", "websocket", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: v4.channel.k8s.io");
        await using var runtime = await _runtime.AcceptAsync(Ct);

        await ReadHeadAsync(client, "101");
        Assert.StartsWith("GET /stream/token?port=80&port=81 HTTP/1.1", _runtime.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_RuntimeRefusesTheProtocol_ItsStatusIsPassedOn()
    {
        _runtime.Answer = "403 Forbidden";
        await using var client = await UpgradeAsync("GET /exec/ns/p/c?command=ls&stdout=1", "websocket", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: bogus");
        await using var runtime = await _runtime.AcceptAsync(Ct);

        await ReadHeadAsync(client, "403");
    }

    private static X509Certificate2 Load(KeyPair pair) => X509CertificateLoader.LoadPkcs12(pair.ToCertificate().Export(X509ContentType.Pfx), null);

    private static async Task<string> ReadHeadAsync(Stream stream, string status)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, Ct);
            head.Append((char)one[0]);
        }

        Assert.StartsWith($"HTTP/1.1 {status}", head.ToString(), StringComparison.Ordinal);
        return head.ToString();
    }

    private static async Task<List<string>> ReadMessagesAsync(WebSocket socket)
    {
        var messages = new List<string>();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, Ct) is var received && received.MessageType != WebSocketMessageType.Close)
        {
            messages.Add(Encoding.ASCII.GetString(buffer, 0, received.Count));
        }

        return messages;
    }

    private HttpClient Client() => Client(Load(_authority.IssueClient(ApiServerName, [], Day)));

    private HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_server.Port}"), DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("*/*") } } };
    }

    private async Task<Stream> UpgradeAsync(string request, string protocol, string headers)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _server.Port, Ct);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [Load(_authority.IssueClient(ApiServerName, [], Day))] }, Ct);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{headers}\r\n\r\n"), Ct);
        await tls.FlushAsync(Ct);
        return tls;
    }

    private static async Task<(int Status, string Text)> AskAsync(HttpClient http, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>An API that knows one token and lets everybody read statistics and metrics.</summary>
    private sealed class FakeReviews : IReviews
    {
        public ConcurrentQueue<string> Asked { get; } = [];

        public HashSet<string> Allowed { get; } = ["get metrics", "get stats"];

        public Task<Caller?> FindAsync(string token, CancellationToken ct)
        {
            Asked.Enqueue($"find {token}");
            return Task.FromResult(token == "scraper" ? new Caller(token, "", [], new Dictionary<string, List<string>>()) : null);
        }

        public Task<bool> MayAsync(Caller caller, string verb, string subresource, CancellationToken ct)
        {
            Asked.Enqueue($"{caller.Name} {verb} {subresource}");
            return Task.FromResult(Allowed.Contains($"{verb} {subresource}"));
        }
    }
}
