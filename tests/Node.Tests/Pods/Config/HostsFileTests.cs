using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class HostsFileTests
{
    [Fact]
    public void Build_PodWithSubdomainAndAliases_ListsItselfThenThem()
    {
        var pod = TestPods.Pod("""{"hostname":"db-0","subdomain":"db","hostAliases":[{"ip":"1.2.3.4","hostnames":["a","b"]}]}""");

        var text = HostsFile.Build(pod, "10.0.0.7", "zone", "");

        Assert.StartsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n", text, StringComparison.Ordinal);
        Assert.EndsWith("10.0.0.7\tdb-0.db.team.svc.zone\tdb-0\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_HostNetwork_KeepsTheMachinesEntries() =>
        Assert.Contains("192.0.2.1 gateway", HostsFile.Build(TestPods.Pod("""{"hostNetwork":true}"""), "192.0.2.9", "zone", "192.0.2.1 gateway\n"), StringComparison.Ordinal);

    [Fact]
    public void IsManagedFor_ContainerWithItsOwnFile_IsNot()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"a"},{"name":"b","volumeMounts":[{"name":"v","mountPath":"/etc/hosts"}]}]}""");

        Assert.Equal([true, false], pod.Containers.Select(HostsFile.IsManagedFor));
    }
}
