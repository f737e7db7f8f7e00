using Sealos.Conformance_Tests.Node;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Names, as pods find them.</summary>
public sealed class DnsTests(CloudFixture fixture) : NetworkStory(fixture)
{
    private const int Address = 1;
    private const int Pointer = 12;
    private const int Server = 33;

    private const string Zone = "svc.cluster.local";

    [Fact]
    [Upstream("[sig-network] DNS should provide DNS for the cluster [Conformance]")]
    [Upstream("[sig-network] DNS should provide DNS for services [Conformance]")]
    [Upstream("[sig-network] DNS should resolve DNS of partial qualified names for services [LinuxOnly] [Conformance]")]
    public async Task Services_AreFound_ByWholeAndPartialNames_OverUdpAndTcp()
    {
        const string Ports = "\"selector\":{\"app\":\"web\"},\"ports\":[{\"name\":\"http\",\"port\":80,\"targetPort\":8080,\"protocol\":\"TCP\"}]";
        await ServiceAsync("plain", $"{{{Ports}}}");
        await ServiceAsync("headless", $"{{\"clusterIP\":\"None\",{Ports}}}");
        await ServeAsync("one");
        var (pod, client) = (await PodAsync("one"), await PodAsync("client"));
        var cluster = (await Api.GetAsync($"{Core}/services/plain")).At("spec.clusterIP")!;
        var (plain, headless, ip) = ($"plain.{Namespace}.{Zone}", $"headless.{Namespace}.{Zone}", pod.At("status.podIP")!);
        var sockets = PodSockets.Of(Cloud, client.At("metadata.uid")!);
        await Eventually.TrueAsync("the endpoint has a name", async () => (await sockets.ResolveAsync(headless, Address, overTcp: false, Ct)).Count == 1, Patience, Ct);
        var endpoint = $"{ip.Replace('.', '-')}.{headless}";
        (string Name, int Type, string Answer)[] expected =
        [
            ("kubernetes.default.svc.cluster.local", Address, "A 10.209.0.1"),
            (plain, Address, $"A {cluster}"),
            (headless, Address, $"A {ip}"),
            ($"_http._tcp.{plain}", Server, $"SRV 0 100 80 {plain}"),
            ($"_http._tcp.{headless}", Server, $"SRV 0 100 8080 {endpoint}"),
            (endpoint, Address, $"A {ip}"),
            ($"{string.Join('.', cluster.Split('.').Reverse())}.in-addr.arpa", Pointer, $"PTR {plain}"),
        ];
        foreach (var (name, type, answer) in expected)
        {
            Assert.Equal([$"{name} {answer}"], await sockets.ResolveAsync(name, type, overTcp: false, Ct));
            Assert.Equal([$"{name} {answer}"], await sockets.ResolveAsync(name, type, overTcp: true, Ct));
        }

        foreach (var name in (string[])["plain", $"plain.{Namespace}", $"plain.{Namespace}.svc", plain])
        {
            Assert.Equal("one", await AskAsync($"http://{name}/name"));
        }

        foreach (var name in (string[])["headless", $"headless.{Namespace}", $"headless.{Namespace}.svc", headless])
        {
            Assert.Equal("one", await AskAsync($"http://{name}:{ServerPort}/name"));
        }

        // What answers there wants TLS; that it is reached by its short names is enough.
        var connecting = await ExecAsync("client", "main", "sh", "-c", "for n in kubernetes.default kubernetes.default.svc; do timeout 2 wget -O- http://$n:443/ 2>&1; done; true");
        Assert.Contains("kubernetes.default:443 (10.209.0.1:443)", connecting, StringComparison.Ordinal);
        Assert.Contains("kubernetes.default.svc:443 (10.209.0.1:443)", connecting, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-network] DNS should provide /etc/hosts entries for the cluster [Conformance]")]
    [Upstream("[sig-network] DNS should provide DNS for pods for Hostname [Conformance]")]
    [Upstream("[sig-network] DNS should provide DNS for pods for Subdomain [Conformance]")]
    [Upstream("[sig-network] DNS should support configurable pod DNS nameservers [Conformance]")]
    public async Task Pods_HaveNames_AndTheNameServersTheyAskFor()
    {
        const string Script = "mkdir /tmp/w; hostname > /tmp/w/name; httpd -p 8080 -h /tmp/w; exec sleep 1000";
        await ServiceAsync("crowd", """{"clusterIP":"None","selector":{"app":"named"},"ports":[{"name":"http","port":8080}]}""");
        await StartAsync(
            new ShellPod("named", Script) { Metadata = ""","labels":{"app":"named"}""", Spec = ""","hostname":"querier","subdomain":"crowd" """ },
            new ShellPod("stubborn", "cat /etc/resolv.conf; exec sleep 1000") { Spec = ""","dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"searches":["resolv.conf.local"],"options":[{"name":"ndots","value":"2"}]}""" },
            new ShellPod("client", "sleep 1000"));
        var named = await UntilAsync("named", "is ready", p => IsTrue(p, "Ready"));
        await UntilAsync("client", "is ready", p => IsTrue(p, "Ready"));
        await UntilAsync("stubborn", "is ready", p => IsTrue(p, "Ready"));
        var (name, ip) = ($"querier.crowd.{Namespace}.{Zone}", named.At("status.podIP")!);

        Assert.Matches($@"(?m)^{ip}\s+{name}\s+querier$", await ExecAsync("named", "main", "cat", "/etc/hosts"));
        Assert.Equal("querier", (await ExecAsync("named", "main", "sh", "-c", "hostname")).Trim());
        Assert.Equal(name, (await ExecAsync("named", "main", "sh", "-c", "hostname -f")).Trim());
        Assert.Equal("querier", (await ExecAsync("named", "main", "wget", "-qO-", "http://querier:8080/name")).Trim());

        var sockets = PodSockets.Of(Cloud, (await PodAsync("client")).At("metadata.uid")!);
        await Eventually.TrueAsync("the pod has its name", async () => (await sockets.ResolveAsync(name, Address, overTcp: false, Ct)).Count == 1, Patience, Ct);
        Assert.Equal([$"{name} A {ip}"], await sockets.ResolveAsync(name, Address, overTcp: false, Ct));
        Assert.Equal([$"{name} A {ip}"], await sockets.ResolveAsync(name, Address, overTcp: true, Ct));
        foreach (var part in (string[])["querier.crowd", $"querier.crowd.{Namespace}.svc", name])
        {
            Assert.Equal("querier", await AskAsync($"http://{part}:8080/name"));
        }

        Assert.Equal("nameserver 1.1.1.1\nsearch resolv.conf.local\noptions ndots:2\n", InOrder(await LogAsync("stubborn")));
    }

    // The order of the lines means nothing.
    private static string InOrder(string file) => string.Concat(file.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(l => Array.IndexOf(["nameserver", "search", "options"], l.Split(' ')[0])).Select(l => l + "\n"));
}
