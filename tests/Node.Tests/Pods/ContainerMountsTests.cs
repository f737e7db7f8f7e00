using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class ContainerMountsTests
{
    private static readonly KeyValuePair<string, string>[] Environment = [new("POD", "web-0")];

    [Theory]
    [InlineData(null, null, "")]
    [InlineData("a/b", null, "a/b")]
    [InlineData(null, "logs/$(POD)", "logs/web-0")]
    public void SubPath_Mount_IsExpanded(string? path, string? expression, string expected) =>
        Assert.Equal(expected, ContainerMounts.SubPath(new VolumeMount { SubPath = path, SubPathExpr = expression }, Environment));

    [Theory]
    [InlineData("/etc", null)]
    [InlineData("a/../../b", null)]
    [InlineData(null, "$(NOPE)")]
    public void SubPath_LeadsOutOrIsUnknown_IsRefused(string? path, string? expression) =>
        Assert.Throws<ContainerStartException>(() => ContainerMounts.SubPath(new VolumeMount { SubPath = path, SubPathExpr = expression }, Environment));
}
