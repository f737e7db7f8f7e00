using System.Text.Json.Nodes;
using Sealos.Host.InCluster;
using Xunit;

namespace Sealos.Host_Tests.InCluster;

public sealed class ClusterObjectsTests
{
    private static readonly ClusterOptions Options = new()
    {
        Domain = "cloud.test",
        ApiServer = new Uri("https://192.0.2.1:6443"),
        PodRanges = ["10.1.0.0/16"],
        ServiceRanges = ["10.2.0.0/16"],
        IsInPod = true,
    };

    [Fact]
    public void Objects_Written_AreAtThePathOfTheirName()
    {
        var all = ClusterObjects.First(new ClusterRequest { Expose = "NodePort" }).Concat(ClusterObjects.Rest(Options, new ClusterRequest { Image = "image:1" }, "7")).ToList();

        Assert.All(all, o => Assert.EndsWith("/" + (string)o.Document["metadata"]!["name"]!, o.Path, StringComparison.Ordinal));
        Assert.All(all, o => Assert.Equal(o.Path.Contains("/namespaces/sealos-system/", StringComparison.Ordinal), o.Document["metadata"]!["namespace"] is not null));
    }

    [Fact]
    public void Deployment_OfOtherSettings_RollsOut()
    {
        Assert.NotEqual(StampOf(Options), StampOf(Options with { Domain = "other.test" }));
        Assert.Equal(StampOf(Options), StampOf(Options with { }));
    }

    [Fact]
    public void Rights_OfTheServer_AreNotEverything_AndReachNoShell()
    {
        var rules = ClusterRights.Rules().Concat(ClusterRights.OwnRules()).ToList();

        Assert.DoesNotContain(rules, r => Has(r, "verbs", "*") || Has(r, "apiGroups", "*"));
        Assert.DoesNotContain(rules, r => Has(r, "resources", "pods/exec") || Has(r, "resources", "nodes/proxy") || Has(r, "verbs", "impersonate"));
    }

    [Theory]
    [InlineData("Cloud.test")]
    [InlineData("cloud")]
    [InlineData("cloud.test\n")]
    public void Domain_ThatIsNone_IsNamed(string domain) =>
        Assert.StartsWith("--domain:", Assert.Single((Options with { Domain = domain }).Validate()), StringComparison.Ordinal);

    private static bool Has(JsonNode? rule, string part, string value) => rule![part]!.AsArray().Any(v => (string?)v == value);

    private static string? StampOf(ClusterOptions options) =>
        (string?)ClusterObjects.Rest(options, new ClusterRequest { Image = "image:1" }, "7").Single(o => o.Path == ClusterObjects.DeploymentPath).Document["spec"]!["template"]!["metadata"]!["annotations"]!["sealos.io/settings"];
}
