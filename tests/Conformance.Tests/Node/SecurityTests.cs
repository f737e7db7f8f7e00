using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>As whom programs run, and what they may do.</summary>
public sealed class SecurityTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Security Context When creating a container with runAsUser should run the container with uid 65534 [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]")]
    [Upstream("[sig-node] Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]")]
    public async Task Program_RunsAsTheUserAndGroup_OfItsContainerOrElseOfItsPod()
    {
        await StartAsync(
            new ShellPod("nobody", "id -u") { Container = ""","securityContext":{"runAsUser":65534}""" },
            new ShellPod("container", "id -u; id -g") { Container = ""","securityContext":{"runAsUser":1001,"runAsGroup":2001}""", Spec = ""","securityContext":{"runAsUser":1002,"runAsGroup":2002}""" },
            new ShellPod("pod", "id -u; id -g") { Spec = ""","securityContext":{"runAsUser":1002,"runAsGroup":2002}""" });
        Assert.Equal("65534\n", await OutputAsync("nobody"));
        Assert.Equal("1001\n2001\n", await OutputAsync("container"));
        Assert.Equal("1002\n2002\n", await OutputAsync("pod"));
    }

    [Fact]
    [Upstream("[sig-node] Security Context When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly] [NodeConformance] [Conformance]")]
    public async Task Program_ChangesItsNetworkOrItsRoot_OnlyWhereItMay()
    {
        const string AddLink = "busybox ip link add dummy9 type dummy 2>&1; echo $?";
        const string Write = "echo x > /file 2>&1; echo $?";
        await StartAsync(
            new ShellPod("unprivileged", AddLink) { Container = ""","securityContext":{"privileged":false}""" },
            new ShellPod("writable", Write) { Container = ""","securityContext":{"readOnlyRootFilesystem":false}""" },
            new ShellPod("readonly", Write) { Container = ""","securityContext":{"readOnlyRootFilesystem":true}""" });
        Assert.Contains("Operation not permitted", await OutputAsync("unprivileged"), StringComparison.Ordinal);
        Assert.Equal("0\n", await OutputAsync("writable"));
        Assert.Contains("Read-only file system", await OutputAsync("readonly"), StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-node] Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly] [NodeConformance] [Conformance]")]
    public async Task SetUidProgram_GainsNothing_WhenEscalationIsNotAllowed()
    {
        // ping opens a raw socket, which only root can, where nobody may ping without; it belongs to root and has the set-user-id bit.
        const string OnlyRaw = ""","securityContext":{"sysctls":[{"name":"net.ipv4.ping_group_range","value":"1 0"}]}""";
        const string Ping = "/suid/ping -c 1 127.0.0.1 2>&1; grep NoNewPrivs /proc/self/status";
        await StartAsync(
            new ShellPod("may", Ping) { Spec = OnlyRaw, Container = ""","securityContext":{"runAsUser":1000,"capabilities":{"add":["NET_RAW"]}}""" },
            new ShellPod("maynot", Ping) { Spec = OnlyRaw, Container = ""","securityContext":{"runAsUser":1000,"allowPrivilegeEscalation":false,"capabilities":{"add":["NET_RAW"]}}""" });
        var may = await OutputAsync("may");
        Assert.Contains("1 packets received", may, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t0", may, StringComparison.Ordinal);
        var maynot = await OutputAsync("maynot");
        Assert.Contains("permission denied", maynot, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", maynot, StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-node] Sysctls [LinuxOnly] [NodeConformance] should support sysctls [MinimumKubeletVersion:1.21] [Environment:NotInUserNS] [Conformance]")]
    [Upstream("[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [MinimumKubeletVersion:1.21] [Conformance]")]
    public async Task Sysctls_AreSet_UnlessTheirNamesAreNone()
    {
        await StartAsync(
            new ShellPod("set", "cat /proc/sys/kernel/shm_rmid_forced") { Spec = ""","securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"1"}]}""" },
            new ShellPod("forbidden", "true") { Spec = ""","securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"10000"}]}""" });
        Assert.Equal("1\n", await OutputAsync("set"));
        var forbidden = await EndAsync("forbidden");
        Assert.Equal(("Failed", "SysctlForbidden"), (forbidden.At("status.phase"), forbidden.At("status.reason")));

        var invalid = await Api.PostAsync($"{Core}/pods", new ShellPod("invalid", "true")
        {
            Spec = ""","securityContext":{"sysctls":[{"name":"foo-","value":"bar"},{"name":"kernel.shmmax","value":"100000000"},{"name":"safe-and-unsafe","value":"100000000"},{"name":"bar..","value":"42"}]}""",
        }.ToJson());
        Assert.Equal(422, invalid.Code);
        foreach (var (index, name) in new[] { (0, "foo-"), (3, "bar..") })
        {
            Assert.Contains($"spec.securityContext.sysctls[{index}].name: Invalid value: \\\"{name}\\\"", invalid.Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("kernel.shmmax", invalid.Message!, StringComparison.Ordinal);
    }
}
