using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>The hosts file is the node's to write, unless the pod has the machine's network or mounts a file of its own.</summary>
public sealed class EtcHostsTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string Managed = "# Kubernetes-managed hosts file";

    [Fact]
    [Upstream("[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]")]
    public async Task HostsFile_IsWrittenForThePod_UnlessItIsNotItsOwn()
    {
        var machine = await File.ReadAllTextAsync("/etc/hosts", Ct);
        await StartAsync(
            new ShellPod("managed", "cat /etc/hosts") { Spec = ""","hostAliases":[{"ip":"123.45.67.89","hostnames":["foo","bar"]}]""" },
            new ShellPod("mounted", "cat /etc/hosts") { Spec = ""","volumes":[{"name":"own","hostPath":{"path":"/etc/hosts","type":"FileOrCreate"}}]""", Container = ""","volumeMounts":[{"name":"own","mountPath":"/etc/hosts"}]""" },
            new ShellPod("host", "cat /etc/hosts") { Spec = ""","hostNetwork":true""" });

        var managed = await OutputAsync("managed");
        var pod = await PodAsync("managed");
        Assert.StartsWith(Managed, managed, StringComparison.Ordinal);
        Assert.Contains("123.45.67.89\tfoo\tbar", managed, StringComparison.Ordinal);
        Assert.Contains($"{pod.At("status.podIP")}\tmanaged", managed, StringComparison.Ordinal);
        Assert.Equal(machine, await OutputAsync("mounted"));
        var host = await OutputAsync("host");
        Assert.DoesNotContain(Managed + "\n", host, StringComparison.Ordinal);
        Assert.Contains(machine, host, StringComparison.Ordinal);
    }
}
