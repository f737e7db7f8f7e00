using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class SysctlsTests
{
    [Theory]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"net/ipv4/tcp_syncookies","value":"1"}]}}""", null)]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]}}""", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    [InlineData("""{"hostNetwork":true,"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_syncookies","value":"1"}]}}""", "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host net enabled")]
    [InlineData("""{"hostIPC":true,"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"1"}]}}""", "forbidden sysctl: \"kernel.shm_rmid_forced\" not allowed with host ipc enabled")]
    public void FindForbidden_Sysctl_IsNamed(string spec, string? expected) => Assert.Equal(expected, Sysctls.FindForbidden(TestPods.Pod(spec), []));

    [Theory]
    [InlineData("kernel.msgmax", true)]
    [InlineData("kernel/msgmax", true)]
    [InlineData("net.core.somaxconn", true)]
    [InlineData("kernel.msgmnb", false)]
    public void FindForbidden_AllowedByTheOperator_IsLetThrough(string name, bool isAllowed) =>
        Assert.Equal(isAllowed, Sysctls.FindForbidden(TestPods.Pod($$$"""{"securityContext":{"sysctls":[{"name":"{{{name}}}","value":"1"}]} }"""), ["kernel.msgmax", "net.core.*"]) is null);
}
