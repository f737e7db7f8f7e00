using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class DnsSettingsTests
{
    private static readonly ResolverConfig Host = ResolverConfig.Parse("# comment\nnameserver 192.0.2.53\nnameserver\t192.0.2.54\nsearch example.com lan\noptions timeout:2 rotate\n");

    [Theory]
    [InlineData("{}", "10.9.0.10", "team.svc.zone svc.zone zone example.com lan", "ndots:5")]
    [InlineData("""{"dnsPolicy":"Default"}""", "192.0.2.53 192.0.2.54", "example.com lan", "timeout:2 rotate")]
    [InlineData("""{"hostNetwork":true}""", "192.0.2.53 192.0.2.54", "example.com lan", "timeout:2 rotate")]
    [InlineData("""{"hostNetwork":true,"dnsPolicy":"ClusterFirstWithHostNet"}""", "10.9.0.10", "team.svc.zone svc.zone zone example.com lan", "ndots:5")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"searches":["a.b"],"options":[{"name":"edns0"}]}}""", "1.1.1.1", "a.b", "edns0")]
    [InlineData("""{"dnsConfig":{"nameservers":["1.1.1.1"],"searches":["zone"],"options":[{"name":"ndots","value":"2"}]}}""", "10.9.0.10 1.1.1.1", "team.svc.zone svc.zone zone example.com lan", "ndots:2")]
    public void Build_Policy_ChoosesServersSearchesAndOptions(string spec, string servers, string searches, string options)
    {
        var result = DnsSettings.Build(TestPods.Pod(spec), "10.9.0.10", "zone", Host);

        Assert.Equal((servers, searches, options), (string.Join(' ', result.Servers), string.Join(' ', result.Searches), string.Join(' ', result.Options)));
    }

    [Fact]
    public void Build_NoClusterDns_FallsBackToTheMachine() =>
        Assert.Equal(["192.0.2.53", "192.0.2.54"], DnsSettings.Build(TestPods.Pod("{}"), null, "zone", Host).Servers);

    [Fact]
    public void Build_MoreThanAResolverTakes_IsCut()
    {
        var searches = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"d{i}\""));
        var pod = TestPods.Pod($$$"""{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1","2.2.2.2","3.3.3.3","4.4.4.4"],"searches":[{{{searches}}}]}}""");

        var result = DnsSettings.Build(pod, null, "zone", Host);

        Assert.Equal((3, 32), (result.Servers.Count, result.Searches.Count));
    }
}
