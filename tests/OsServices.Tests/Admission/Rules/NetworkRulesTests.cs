using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

/// <summary>Rules about ways in and out.</summary>
public sealed class NetworkRulesTests
{
    private const string Closed = "\"10.208.0.0/16\",\"10.209.0.0/16\",\"192.0.2.10/32\",\"169.254.0.0/16\",\"100.100.100.200/32\"";

    [Theory]
    [InlineData("""[{"to":[{"podSelector":{}}]}]""", null)]
    [InlineData("""[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ns-mallory"}}}]}]""", null)]
    [InlineData("""[{"to":[{"namespaceSelector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"In","values":["ns-mallory"]}]}}]}]""", null)]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"203.0.113.0/24"}}]}]""", null)]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":[ALL]}}]}]""", null)]
    [InlineData("[{}]", "without 'to'")]
    [InlineData("""[{"to":[]}]""", "without 'to'")]
    [InlineData("""[{"ports":[{"port":53}]}]""", "without 'to'")]
    [InlineData("""[{"to":[{"namespaceSelector":{}}]}]""", "stay in this workspace")]
    [InlineData("""[{"to":[{"podSelector":{}},{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ns-alice"}}}]}]""", "stay in this workspace")]
    [InlineData("""[{"to":[{"namespaceSelector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"In","values":["ns-mallory","ns-alice"]}]}}]}]""", "stay in this workspace")]
    [InlineData("""[{"to":[{"namespaceSelector":{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"NotIn","values":["ns-mallory"]}]}}]}]""", "stay in this workspace")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}]""", "10.208.0.0/16")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"10.208.3.0/24"}}]}]""", "10.208.0.0/16")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"10.208.3.9/8","except":["10.208.0.0/16"]}}]}]""", "10.209.0.0/16")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"192.0.2.10/32"}}]}]""", "192.0.2.10/32")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"012.208.0.0/16"}}]}]""", "cannot be read")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"203.0.113.0/ 24"}}]}]""", "cannot be read")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"169.254.169.254/32"}}]}]""", "169.254.0.0/16")]
    [InlineData("""[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.208.0.0/17","10.208.128.0/17","10.209.0.0/16","192.0.2.10/32","169.254.0.0/16","100.100.100.200/32"]}}]}]""", "10.208.0.0/16")]
    public async Task Egress_OpensNothingThatIsClosed(string egress, string? expected)
    {
        var said = await AskAsync(new NetworkPolicyRule(Options), Create("networking.k8s.io/networkpolicies", $$$"""{"spec":{"egress":{{{egress.Replace("ALL", Closed, StringComparison.Ordinal)}}}}}"""));

        Assert.True(expected is null ? said is null : said?.Contains(expected, StringComparison.Ordinal) == true, said);
    }

    [Theory]
    [InlineData("192.168.1.0/24")]
    [InlineData("172.16.0.0/12")]
    [InlineData("100.64.0.0/10")]
    [InlineData("10.0.0.0/8")]
    public async Task Egress_ToNetworksThatAreNotTheInternet_IsClosedUnlessTheOperatorSaysOtherwise(string block)
    {
        var request = Create("networking.k8s.io/networkpolicies", $$$"""{"spec":{"egress":[{"to":[{"ipBlock":{"cidr":"{{{block}}}"}}]}]}}""");

        Assert.NotNull(await AskAsync(new NetworkPolicyRule(new() { Domain = "cloud.example.com" }), request));
    }

    [Theory]
    [InlineData("""{"type":"ClusterIP"}""", true)]
    [InlineData("""{"type":"NodePort"}""", true)]
    [InlineData("""{"type":"LoadBalancer"}""", false)]
    [InlineData("""{"externalIPs":["203.0.113.9"]}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"db.example.org"}""", true)]
    [InlineData("""{"type":"ExternalName","externalName":"db.example.org."}""", true)]
    [InlineData("""{"type":"ExternalName","externalName":"api.ns-alice.svc.cluster.local"}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"API.ns-alice.SVC.Cluster.Local."}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"api.ns-alice.svc"}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"localhost"}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"169.254.169.254"}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"metadata.google.internal"}""", false)]
    [InlineData("""{"type":"ExternalName","externalName":"10.1"}""", false)]
    public async Task Service_TakesNothingFromOthers(string spec, bool isAllowed) =>
        Assert.Equal(isAllowed, await AskAsync(new ServiceRule(Options), Create("/services", $$"""{"spec":{{spec}}}""")) is null);

    [Theory]
    [InlineData("10.208.1.1", false)]
    [InlineData("10.209.0.1", false)]
    [InlineData("192.0.2.10", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:10.208.1.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("a.host", false)]
    [InlineData("012.0.0.1", false)]
    [InlineData("203.0.113.09", false)]
    [InlineData("0xcb.0.113.9", false)]
    [InlineData("203.113.9", false)]
    [InlineData("::ffff:012.0.0.1", false)]
    [InlineData("[2001:db8::1]", false)]
    [InlineData("2001:db8::1%1", false)]
    [InlineData("2001:DB8::1", true)]
    [InlineData("::ffff:203.0.113.9", true)]
    [InlineData("203.0.113.9", true)]
    public async Task Endpoint_WrittenByHand_LeadsNowhereInside(string address, bool isAllowed)
    {
        var rule = new EndpointsRule(Options);

        Assert.Equal(isAllowed, await AskAsync(rule, Create("discovery.k8s.io/endpointslices", $$$"""{"endpoints":[{"addresses":["{{{address}}}"]}]}""")) is null);
        Assert.Equal(isAllowed, await AskAsync(rule, Create("/endpoints", $$$"""{"subsets":[{"notReadyAddresses":[{"ip":"{{{address}}}"}]}]}""")) is null);
    }

    [Fact]
    public async Task Endpoint_OfAController_LeadsToPods_UnlessItMirrorsWhatWasWrittenByHand()
    {
        const string Slice = """{"metadata":{"labels":{"endpointslice.kubernetes.io/managed-by":"BY"}},"endpoints":[{"addresses":["10.208.1.1"]}]}""";
        var rule = new EndpointsRule(Options);

        Assert.Null(await AskAsync(rule, Create("discovery.k8s.io/endpointslices", Slice.Replace("BY", "endpointslice-controller.k8s.io", StringComparison.Ordinal)) with { Caller = Controller }));
        Assert.NotNull(await AskAsync(rule, Create("discovery.k8s.io/endpointslices", Slice.Replace("BY", "endpointslicemirroring-controller.k8s.io", StringComparison.Ordinal)) with { Caller = Controller }));
    }
}
