using Sealos.ControllerKit.Client;
using Xunit;

namespace Sealos.ControllerKit_Tests.Client;

public sealed class KubeConfigTests
{
    [Theory]
    [InlineData("10.96.0.1", "443", "https://10.96.0.1/")]
    [InlineData("fd00::1", "6443", "https://[fd00::1]:6443/")]
    [InlineData("[fd00::1]", "6443", "https://[fd00::1]:6443/")]
    [InlineData("api.example", "6443", "https://api.example:6443/")]
    public void ServerOf_HostAsAPodIsTold_IsAnAddress(string host, string port, string server) => Assert.Equal(server, KubeConfig.ServerOf(host, port).AbsoluteUri);
}
