using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class NameRulesTests
{
    private static readonly Dictionary<string, Func<string, IEnumerable<string>>> Rules = new()
    {
        ["label"] = NameRules.DnsLabel,
        ["subdomain"] = NameRules.DnsSubdomain,
        ["service"] = NameRules.ServiceName,
        ["wildcard"] = NameRules.WildcardSubdomain,
        ["qualified"] = NameRules.QualifiedName,
        ["prefixed"] = NameRules.DomainPrefixedName,
        ["value"] = NameRules.LabelValue,
        ["key"] = NameRules.ConfigKey,
        ["port"] = NameRules.PortName,
        ["env"] = NameRules.EnvName,
        ["header"] = NameRules.HeaderName,
        ["segment"] = NameRules.PathSegment,
        ["ip"] = NameRules.IpAddress,
        ["cidr"] = NameRules.Cidr,
    };

    [Theory]
    [InlineData("label", "a")]
    [InlineData("label", "a-1")]
    [InlineData("label", "123")]
    [InlineData("subdomain", "a.b-c.d")]
    [InlineData("service", "my-svc")]
    [InlineData("wildcard", "*.example.com")]
    [InlineData("qualified", "app")]
    [InlineData("qualified", "example.com/App_1.x")]
    [InlineData("prefixed", "example.com/x")]
    [InlineData("value", "")]
    [InlineData("value", "A.b_c-1")]
    [InlineData("key", "tls.crt")]
    [InlineData("key", ".hidden")]
    [InlineData("key", "A_B")]
    [InlineData("port", "http-2")]
    [InlineData("env", "A.b-C 1")]
    [InlineData("header", "X-Any-Thing")]
    [InlineData("segment", "system:node")]
    [InlineData("ip", "10.0.0.1")]
    [InlineData("ip", "fd00::1")]
    [InlineData("cidr", "10.0.0.0/8")]
    [InlineData("cidr", "fd00::/8")]
    public void Rule_GoodName_IsAccepted(string rule, string value) => Assert.Empty(Rules[rule](value));

    [Theory]
    [InlineData("label", "")]
    [InlineData("label", "A")]
    [InlineData("label", "-a")]
    [InlineData("label", "a-")]
    [InlineData("label", "a.b")]
    [InlineData("label", "a\n")]
    [InlineData("label", "ä")]
    [InlineData("subdomain", "a..b")]
    [InlineData("subdomain", ".a")]
    [InlineData("subdomain", "a;rm -rf")]
    [InlineData("service", "1a")]
    [InlineData("service", "a.b")]
    [InlineData("wildcard", "*.*.com")]
    [InlineData("wildcard", "a.*.com")]
    [InlineData("qualified", "")]
    [InlineData("qualified", "/x")]
    [InlineData("qualified", "a/")]
    [InlineData("qualified", "a/b/c")]
    [InlineData("qualified", "A/b")]
    [InlineData("prefixed", "x")]
    [InlineData("value", "a b")]
    [InlineData("value", "-")]
    [InlineData("key", "")]
    [InlineData("key", "..")]
    [InlineData("key", ".")]
    [InlineData("key", "..x")]
    [InlineData("key", "a/b")]
    [InlineData("port", "")]
    [InlineData("port", "80")]
    [InlineData("port", "a--b")]
    [InlineData("port", "-a")]
    [InlineData("port", "a_b")]
    [InlineData("port", "a2345678901234567")]
    [InlineData("env", "")]
    [InlineData("env", "A=B")]
    [InlineData("env", "A\n")]
    [InlineData("header", "a b")]
    [InlineData("segment", "..")]
    [InlineData("segment", "a/b")]
    [InlineData("segment", "a%b")]
    [InlineData("ip", "10.0.0")]
    [InlineData("ip", "010.0.0.1")]
    [InlineData("ip", "1.2.3.4 ")]
    [InlineData("ip", "0x7f.1")]
    [InlineData("ip", "[::1]")]
    [InlineData("ip", "fe80::1%eth0")]
    [InlineData("cidr", "10.0.0.0")]
    [InlineData("cidr", "10.0.0.0/33")]
    [InlineData("cidr", "10.0.0.0/08")]
    [InlineData("cidr", "10.0.0.0/-1")]
    public void Rule_BadName_IsRefused(string rule, string value) => Assert.NotEmpty(Rules[rule](value));

    [Theory]
    [InlineData("label", 63)]
    [InlineData("subdomain", 253)]
    [InlineData("service", 63)]
    [InlineData("value", 63)]
    [InlineData("qualified", 63)]
    [InlineData("key", 253)]
    public void Rule_Length_IsBounded(string rule, int max)
    {
        Assert.Empty(Rules[rule](new string('a', max)));
        Assert.Contains(Rules[rule](new string('a', max + 1)), d => d.EndsWith($"must be no more than {max} characters", StringComparison.Ordinal));
    }

    [Fact]
    public void DnsLabel_Detail_IsKubernetesText() => Assert.Equal(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        NameRules.DnsLabel("A").Single());
}
