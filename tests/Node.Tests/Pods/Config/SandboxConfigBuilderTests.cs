using System.Net;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class SandboxConfigBuilderTests
{
    private static readonly SandboxConfigBuilder Builder = new(
        new NodeOptions { Instance = "cloud", LogRoot = "/log", ClusterDns = IPAddress.Parse("10.9.0.10"), ClusterDomain = "zone" }, new ResolverConfig([], [], []));

    [Fact]
    public void Build_Pod_CarriesWhatAdoptionNeeds()
    {
        var pod = TestPods.Pod("""{"terminationGracePeriodSeconds":7,"securityContext":{"sysctls":[{"name":"net/ipv4/tcp_syncookies","value":"0"}]},"containers":[{"name":"c"}]}""");
        pod.Metadata.Labels = new() { ["app"] = "shop" };
        pod.Metadata.Annotations = new() { ["note"] = "n" };

        var config = Builder.Build(pod, 3);

        Assert.Equal(("web", "team", TestPods.Uid, 3u), (config.Metadata.Name, config.Metadata.Namespace, config.Metadata.Uid, config.Metadata.Attempt));
        Assert.Equal($"/log/pods/team_web_{TestPods.Uid}", config.LogDirectory);
        Assert.Equal(("shop", "web", "team", TestPods.Uid), (config.Labels["app"], config.Labels[Keys.PodName], config.Labels[Keys.PodNamespace], config.Labels[Keys.PodUid]));
        Assert.Equal(("n", "7"), (config.Annotations["note"], config.Annotations[Keys.PodTerminationGrace]));
        Assert.Equal("/cloud/kubepods/besteffort/pod" + TestPods.Uid, config.Linux.CgroupParent);
        Assert.Equal("0", config.Linux.Sysctls["net.ipv4.tcp_syncookies"]);
        Assert.Equal("web", config.Hostname);
    }

    [Fact]
    public void Build_Pod_SharesItsShimWithItsNamespaceAlone_WhateverItSays()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"c"}]}""");
        pod.Metadata.Annotations = new() { [Keys.ShimGroup] = "others/0" };

        var group = Builder.Build(pod, 0).Annotations[Keys.ShimGroup];

        Assert.Matches("^team/[0-9]+$", group);
        Assert.Equal(group, Builder.Build(pod, 1).Annotations[Keys.ShimGroup]);
    }

    [Theory]
    [InlineData("""{"hostNetwork":true}""", "")]
    [InlineData("""{"hostname":"db-0","subdomain":"db"}""", "db-0")]
    [InlineData("""{"hostname":"db-0","subdomain":"db","setHostnameAsFQDN":true}""", "db-0.db.team.svc.zone")]
    public void Build_Hostname_IsThePodsOwn(string spec, string expected) => Assert.Equal(expected, Builder.Build(TestPods.Pod(spec), 0).Hostname);

    [Fact]
    public void Build_LongName_IsCutToAHostname()
    {
        var pod = TestPods.Pod("{}");
        pod.Metadata.Name = new string('a', 62) + "-bcd";

        Assert.Equal(new string('a', 62), Builder.Build(pod, 0).Hostname);
    }

    [Fact]
    public void Build_FullNameTooLongForTheKernel_IsRefused()
    {
        var pod = TestPods.Pod("""{"subdomain":"some-quite-long-subdomain-name-here","setHostnameAsFQDN":true}""");
        pod.Metadata.Name = new string('a', 40);

        Assert.Throws<ContainerStartException>(() => Builder.Build(pod, 0));
    }
}
