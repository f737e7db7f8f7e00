using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Cli;

/// <summary>kubectl about the server itself, as its proxy, and about what would change.</summary>
public sealed partial class ServerCommandsTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 0
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: hello, image: "sealos.hub/library/hello:1"}]}
        """;

    [Fact]
    [Upstream("[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]")]
    public async Task Server_SaysWhatAndWhereItIs()
    {
        Assert.Contains("v1", (await KubectlAsync(null, "api-versions")).Split('\n'));
        Assert.Matches(@"Kubernetes control plane\S* is running at \S*https://127\.0\.0\.1:7443", await KubectlAsync(null, "cluster-info"));
        var version = await KubectlAsync(null, "version");
        Assert.Matches(@"Client Version: v1\.32\.\d+", version);
        Assert.Matches(@"Server Version: v1\.32\.\d+", version);
    }

    [Fact]
    [Upstream("[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]")]
    public async Task Diff_FindsTheOtherImage_AndChangesNothing()
    {
        await KubectlAsync(Web, "create", "-f", "-");
        var diff = await Cloud.KubectlAsync(["diff", "-n", Namespace, "-f", "-"], Ct, Web.Replace("hello:1", "hello:2", StringComparison.Ordinal));
        Assert.Equal(1, diff.ExitCode);
        Assert.Matches(@"-\s+- image: sealos.hub/library/hello:1\n\+\s+- image: sealos.hub/library/hello:2", diff.Output);
        var same = await Cloud.KubectlAsync(["diff", "-n", Namespace, "-f", "-"], Ct, Web);
        Assert.Equal((0, ""), (same.ExitCode, same.Output));
    }

    [Fact]
    [Upstream("[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]")]
    [Upstream("[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]")]
    public async Task Proxy_ServesAtAPortOfItsChoice_AndAtASocket()
    {
        using var atPort = Command.Start(Repository.Kubectl("1.32"), ["--kubeconfig", Cloud.KubeConfigPath, "proxy", "--port=0", "--disable-filter"]);
        var port = Port().Match(await atPort.StandardOutput.ReadLineAsync(Ct) ?? "").Groups[1].Value;
        using var http = new HttpClient();
        try
        {
            Assert.Contains("\"APIVersions\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/"), Ct), StringComparison.Ordinal);
        }
        finally
        {
            atPort.Kill();
        }

        var folder = Directory.CreateTempSubdirectory("kubectl-proxy-");
        var path = Path.Combine(folder.FullName, "test");
        using var atSocket = Command.Start(Repository.Kubectl("1.32"), ["--kubeconfig", Cloud.KubeConfigPath, "proxy", "--unix-socket=" + path]);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var local = new HttpClient(handler);
        try
        {
            Assert.Contains(path, await atSocket.StandardOutput.ReadLineAsync(Ct), StringComparison.Ordinal);
            Assert.Contains("\"APIVersions\"", await local.GetStringAsync(new Uri("http://localhost/api/"), Ct), StringComparison.Ordinal);
        }
        finally
        {
            atSocket.Kill();
            await atSocket.WaitForExitAsync(Ct);
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("127\\.0\\.0\\.1:([0-9]+)")]
    private static partial Regex Port();
}
