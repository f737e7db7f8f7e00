using System.Globalization;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Objects.Meta;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>What a program can learn of its own pod from its environment.</summary>
public sealed class DownwardApiTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Downward API should provide pod name, namespace and IP address as env vars [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Downward API should provide host IP as an env var [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Downward API should provide hostIPs as an env var [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Downward API should provide pod UID as env vars [NodeConformance] [Conformance]")]
    public async Task Environment_HoldsThePodsOwnFields()
    {
        (string Variable, string Path)[] fields =
        [
            ("NAME", "metadata.name"), ("NAMESPACE", "metadata.namespace"), ("UID_", "metadata.uid"), ("IP", "status.podIP"),
            ("HOST", "status.hostIP"), ("HOSTS", "status.hostIPs"), ("NODE", "spec.nodeName"), ("ACCOUNT", "spec.serviceAccountName"),
        ];
        var env = string.Join(',', fields.Select(f => $$$"""{"name":"{{{f.Variable}}}","valueFrom":{"fieldRef":{"fieldPath":"{{{f.Path}}}"} } }"""));
        await StartAsync(new ShellPod("self", "env") { Container = $",\"env\":[{env}]" });

        var said = (await OutputAsync("self")).Split('\n');
        var pod = await PodAsync("self");
        foreach (var (variable, path) in fields)
        {
            Assert.Contains($"{variable}={pod.At(path == "status.hostIPs" ? "status.hostIP" : path)}", said);
        }

        Assert.Equal($$$"""[{"ip":"{{{pod.At("status.hostIP")}}}"}]""", pod.At("status.hostIPs"));
    }

    [Fact]
    [Upstream("[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [NodeConformance] [Conformance]")]
    public async Task Environment_HoldsLimitsAndRequests_OrWhatTheNodeHas()
    {
        const string Env = """
            ,"env":[{"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}},{"name":"MEMORY","valueFrom":{"resourceFieldRef":{"resource":"limits.memory"}}},
            {"name":"CPU_REQUEST","valueFrom":{"resourceFieldRef":{"resource":"requests.cpu","divisor":"1m"}}},{"name":"MEMORY_REQUEST","valueFrom":{"resourceFieldRef":{"resource":"requests.memory","divisor":"1Mi"}}}]
            """;
        await StartAsync(
            new ShellPod("own", "env") { Container = Env + ""","resources":{"requests":{"cpu":"250m","memory":"32Mi"},"limits":{"cpu":"1250m","memory":"64Mi"}}""" },
            new ShellPod("none", "env") { Container = Env });

        var own = (await OutputAsync("own")).Split('\n');
        foreach (var line in new[] { "CPU=2", "MEMORY=67108864", "CPU_REQUEST=250", "MEMORY_REQUEST=32" })
        {
            Assert.Contains(line, own);
        }

        var node = await Api.GetAsync("/api/v1/nodes/node-1");
        var none = (await OutputAsync("none")).Split('\n');
        Assert.Contains($"CPU={node.At("status.allocatable.cpu")}", none);
        Assert.Contains($"MEMORY={Quantity.Parse(node.At("status.allocatable.memory")!).LongValue.ToString(CultureInfo.InvariantCulture)}", none);
    }
}
