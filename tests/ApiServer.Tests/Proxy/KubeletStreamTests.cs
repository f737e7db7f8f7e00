using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Proxy;

/// <summary>Logs, exec and port-forward against a node's HTTPS server.</summary>
public sealed class KubeletStreamTests(ApiServerFixture server) : IAsyncLifetime
{
    private readonly ApiClient _admin = server.Admin;
    private FakeKubelet _kubelet = null!;
    private string _pods = "";
    private string _node = "";

    public async ValueTask InitializeAsync()
    {
        _kubelet = await FakeKubelet.StartAsync(server.Certificates);
        var ns = await _admin.NewNamespaceAsync();
        _pods = $"/api/v1/namespaces/{ns}/pods";
        _node = "node-" + ns;
        (await _admin.PostAsync("/api/v1/nodes", Samples.Node(_node))).Expect(201);
        (await _admin.PatchAsync($"/api/v1/nodes/{_node}/status", Samples.Node(_node, _kubelet.Port))).Expect(200);
        (await _admin.PostAsync(_pods, Samples.Pod("p", $"\"nodeName\":\"{_node}\","))).Expect(201);
    }

    public ValueTask DisposeAsync() => _kubelet.DisposeAsync();

    [Fact]
    public async Task Log_IsPassedOn()
    {
        var answer = (await _admin.GetAsync(_pods + "/p/log?follow=true&tailLines=3")).Expect(200);
        Assert.Equal("one\ntwo\nthree\n", answer.Text);
        Assert.Equal("text/plain", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal($"GET /containerLogs/{_pods.Split('/')[4]}/p/c?follow=true&tailLines=3 O=system:masters, CN=kube-apiserver", _kubelet.Seen);
    }

    [Fact]
    public async Task LogOfUnscheduledPod_IsEmpty()
    {
        await _admin.PostAsync(_pods, Samples.Pod("waiting"));
        Assert.Equal("", (await _admin.GetAsync(_pods + "/waiting/log")).Expect(200).Text);
    }

    [Fact]
    public async Task LogThatIsRefused_IsAStatus()
    {
        await _admin.PostAsync(_pods, $$$"""{"metadata":{"name":"w"},"spec":{"nodeName":"{{{_node}}}","containers":[{"name":"waiting","image":"x"}]}}""");
        var answer = await _admin.GetAsync(_pods + "/w/log");
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"container \"waiting\" in pod \"p\" is waiting to start: ContainerCreating","reason":"BadRequest","code":400}""", answer.Text);
    }

    [Fact]
    public async Task Container_MustBeNamedWhenThereAreSeveral()
    {
        await _admin.PostAsync(_pods, """{"metadata":{"name":"two"},"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"x"}]}}""");
        Assert.Equal("a container name must be specified for pod two, choose one of: [a b]", (await _admin.GetAsync(_pods + "/two/log")).Message);
        Assert.Equal("container zz is not valid for pod two", (await _admin.GetAsync(_pods + "/two/log?container=zz")).Message);
        Assert.Equal("pod two does not have a host assigned", (await _admin.GetAsync(_pods + "/two/exec?container=a&command=x")).Message);
        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"PodLogOptions \"two\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified","reason":"Invalid","details":{"name":"two","kind":"PodLogOptions","causes":[{"reason":"FieldValueForbidden","message":"Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified","field":"[]"}]},"code":422}""",
            (await _admin.GetAsync(_pods + "/two/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z")).Text);
    }

    [Fact]
    public async Task Exec_WithoutUpgrade_IsBadRequest() =>
        Assert.Equal("Upgrade request required", (await _admin.GetAsync(_pods + "/p/exec?command=x")).Message);

    [Theory]
    [InlineData("GET", "exec?command=sh&command=-c&command=a%20b&stdin=true&stdout=true&tty=1", "Upgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n", "GET /exec/{0}/p/c?input=1&output=1&tty=1&command=sh&command=-c&command=a%20b")]
    [InlineData("POST", "portforward?ports=80", "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n", "POST /portForward/{0}/p?port=80")]
    [InlineData("POST", "attach?stdout=true", "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n", "POST /attach/{0}/p/c?output=1")]
    public async Task Upgrade_IsTunnelledByteForByte(string method, string path, string headers, string seen)
    {
        await using var stream = await ConnectAsync();
        var head = $"{method} {_pods}/p/{path} HTTP/1.1\r\nHost: x\r\nAuthorization-Extra: x\r\nConnection: Upgrade\r\n{headers}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        var answer = await ReadUntilAsync(stream, "\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        var payload = new string('x', 200_000) + "bye";
        var writing = stream.WriteAsync(Encoding.ASCII.GetBytes(payload), TestContext.Current.CancellationToken);
        Assert.Equal(payload, await ReadUntilAsync(stream, "bye"));
        await writing;
        Assert.StartsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, seen, _pods.Split('/')[4]), _kubelet.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatCannotBeReached_IsAnError()
    {
        (await _admin.PatchAsync($"/api/v1/nodes/{_node}/status", Samples.Node(_node, 1))).Expect(200);
        var answer = await _admin.GetAsync(_pods + "/p/log");
        Assert.Equal(500, answer.Code);
        Assert.Contains("error dialing backend: dial tcp 127.0.0.1:1", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeOfAnotherAuthority_IsNotTrusted()
    {
        using var strangers = new TestCertificates();
        await using var impostor = await FakeKubelet.StartAsync(strangers);
        (await _admin.PatchAsync($"/api/v1/nodes/{_node}/status", Samples.Node(_node, impostor.Port))).Expect(200);
        Assert.Equal(500, (await _admin.GetAsync(_pods + "/p/log")).Code);
        Assert.Null(impostor.Seen);
    }

    [Fact]
    public async Task NodeProxy_PassesAnyRequestOnWithoutCredentials()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/nodes/{_node}/proxy/stats/x?a=b") { Content = new StringContent("body") };
        request.Headers.TryAddWithoutValidation("Cookie", "secret");
        var answer = await _admin.SendAsync(request);
        Assert.Equal("POST /stats/x body", answer.Text);
        Assert.Equal($"/api/v1/nodes/{_node}/proxy/elsewhere", answer.Headers.Location!.ToString());
        Assert.False(_kubelet.SeenHeaders!.ContainsKey("Cookie"));
    }

    [Fact]
    public async Task PodProxy_ToLoopback_IsRefused()
    {
        (await _admin.PatchAsync(_pods + "/p/status", """{"status":{"podIP":"127.0.0.1"}}""")).Expect(200);
        Assert.Equal("address not allowed: 127.0.0.1", (await _admin.GetAsync(_pods + "/p:80/proxy/")).Message);
    }

    [Fact]
    public async Task ServiceProxy_WithoutEndpoints_IsUnavailable()
    {
        var services = _pods.Replace("pods", "services", StringComparison.Ordinal);
        await _admin.PostAsync(services, """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
        Assert.Equal("no endpoints available for service \"s\"", (await _admin.GetAsync(services + "/s/proxy/")).Message);
        Assert.Equal(301, (await _admin.GetAsync(services + "/s/proxy")).Code);
        Assert.Equal(301, (await _admin.SendAsync(HttpMethod.Head, services + "/s/proxy", null)).Code);
    }

    private async Task<SslStream> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Address.Port, TestContext.Current.CancellationToken);
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                ClientCertificates = [server.Certificates.Client("admin", "system:masters")],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { server.Certificates.Authority } },
            },
            TestContext.Current.CancellationToken);
        return tls;
    }

    private static async Task<string> ReadUntilAsync(SslStream stream, string end)
    {
        var text = new StringBuilder();
        var one = new byte[4096];
        while (!text.ToString(Math.Max(0, text.Length - 4), Math.Min(4, text.Length)).EndsWith(end, StringComparison.Ordinal))
        {
            // One byte at a time until the head has ended, so that none of what follows is taken.
            var read = await stream.ReadAsync(one.AsMemory(0, end.Length == 4 ? 1 : one.Length), TestContext.Current.CancellationToken);
            Assert.True(read > 0, $"the connection ended after {text.Length} characters: {text.ToString(0, Math.Min(200, text.Length))}");
            text.Append(Encoding.ASCII.GetString(one, 0, read));
        }

        return text.ToString();
    }
}
