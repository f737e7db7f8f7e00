using System.Globalization;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>What the packets of a workspace's pods reach, and what they do not.</summary>
[Collection(CloudCollection.Name)]
public sealed class PacketTests(CloudFixture fixture)
{
    private static readonly string[] Silence = ["Terminated rc143", " rc143"];

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packets_OfAWorkspace_StayInIt_ButForTheCloudsOwnDoors()
    {
        await fixture.LoadToolsAsync();
        var people = await Task.WhenAll(Person.CreateAsync(_cloud, "in"), Person.CreateAsync(_cloud, "out"));
        await using var own = people[0];
        await using var other = people[1];
        var (mine, theirs) = (await ServeAsync(own), await ServeAsync(other));
        await own.KubectlAsync(["run", "probe", "--image", CloudFixture.Tools]).OutputAsync();
        await own.KubectlAsync(["wait", "--for=condition=Ready", "pod/probe", "--timeout=60s"]).OutputAsync();
        var uplink = await OperatorAsync("get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}");
        var api = await OperatorAsync("get", "service", "kubernetes", "-n", "default", "-o", "jsonpath={.spec.clusterIP}");
        var pods = mine.Pod[..mine.Pod.IndexOf('.', mine.Pod.IndexOf('.', StringComparison.Ordinal) + 1)];
        var bridge = $"{pods}.0.1";

        string[] open = [$"{mine.Pod}:8080", $"{mine.Service}:80", $"{api}:443", $"{bridge}:8080", $"{bridge}:8443"];

        // Of the machine, whatever of the cloud's listens there; its DNS server takes questions.
        var ports = ListeningPorts().Except([8080, 8443, 53, _cloud.ApiPort]);
        string[] closed =
        [
            $"{theirs.Pod}:8080", $"{theirs.Service}:80", $"{uplink}:{theirs.NodePort}", $"{bridge}:{theirs.NodePort}", $"{uplink}:11250", $"{bridge}:11250", $"{uplink}:{_cloud.ApiPort}", "169.254.169.254:80",
            .. ports.SelectMany(p => new[] { $"{uplink}:{p}", $"{bridge}:{p}" }).Except([$"{uplink}:11250", $"{bridge}:11250"]),
        ];

        // What is let in answers, be it only that this is no HTTP; what is not never does.
        Assert.Equal(open.Order(StringComparer.Ordinal), (await ProbeAsync(own, [.. open, .. closed])).Order(StringComparer.Ordinal));
        Assert.Contains($"Address: {mine.Service}", await own.KubectlAsync(["exec", "probe", "--", "nslookup", $"web.{own.Namespace}.svc.cluster.local"]).OutputAsync(), StringComparison.Ordinal);
        await NarrowAsync(own, mine, [.. open[2..]]);
    }

    /// <summary>The TCP ports that anything on the machine listens at, on whatever address.</summary>
    private static IEnumerable<int> ListeningPorts() => new[] { "/proc/self/net/tcp", "/proc/self/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f is [_, _, _, "0A", ..])
        .Select(f => int.Parse(f[1].AsSpan(f[1].IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Distinct();

    // Within their workspace its people decide who reaches whom; what every workspace needs stays open.
    private static async Task NarrowAsync(Person own, (string Pod, string Service, string NodePort) mine, string[] doors)
    {
        string[] all = [$"{mine.Pod}:8080", .. doors];
        async Task ReachesAsync(string[] wanted) => await Eventually.GetAsync<object>(
            $"the probe reaching {string.Join(' ', wanted)}", async () => (await ProbeAsync(own, all)).Order(StringComparer.Ordinal).SequenceEqual(wanted.Order(StringComparer.Ordinal)) ? wanted : null, ct: Ct);

        await own.KubectlAsync(["delete", "networkpolicy", "sealos-inside"]).OutputAsync();
        await ReachesAsync(doors);
        await own.KubectlAsync(["apply", "-f", "-"], """
            {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"probe-to-web"},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"],
             "ingress":[{"from":[{"podSelector":{"matchLabels":{"run":"probe"}}}]}],"egress":[{"to":[{"podSelector":{"matchLabels":{"run":"web"}}}]}]}}
            """).OutputAsync();
        await ReachesAsync(all);
    }

    private async Task<(string Pod, string Service, string NodePort)> ServeAsync(Person person)
    {
        await person.KubectlAsync(["run", "web", "--image", CloudFixture.Hello, "--port", "8080"]).OutputAsync();
        await person.KubectlAsync(["expose", "pod", "web", "--type", "NodePort", "--port", "80", "--target-port", "8080"]).OutputAsync();
        await person.KubectlAsync(["wait", "--for=condition=Ready", "pod/web", "--timeout=60s"]).OutputAsync();
        var service = (await person.KubectlAsync(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}"]).OutputAsync()).Split(' ');
        return (await person.KubectlAsync(["get", "pod", "web", "-o", "jsonpath={.status.podIP}"]).OutputAsync(), service[0], service[1]);
    }

    /// <summary>Which of some addresses take a connection, from the person's pod; all are tried at the same time.</summary>
    private static async Task<IReadOnlyList<string>> ProbeAsync(Person person, string[] addresses)
    {
        const string Script = """
            for a in "$@"; do
              (echo "$a $(printf 'GET / HTTP/1.0\r\n\r\n' | { busybox timeout 5 busybox nc "${a%:*}" "${a#*:}" 2>&1; echo " rc$?"; } | tr -cd 'a-zA-Z0-9 ')") &
            done; wait
            """;
        var said = await person.KubectlAsync(["exec", "probe", "--", "sh", "-c", Script, "sh", .. addresses]).OutputAsync();
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        Assert.Equal(addresses.Length, lines.Length);
        return [.. lines.Where(l => !Silence.Contains(l.Split(' ', 2)[1])).Select(l => l.Split(' ')[0])];
    }

    private Task<string> OperatorAsync(params string[] arguments) => _cloud.KubectlAsync(arguments, Ct).OutputAsync();
}
