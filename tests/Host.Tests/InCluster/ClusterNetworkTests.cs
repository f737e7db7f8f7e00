using System.Net;
using Sealos.Host.InCluster;
using Sealos.Kinds.Core;
using Xunit;

namespace Sealos.Host_Tests.InCluster;

public sealed class ClusterNetworkTests
{
    private static readonly ClusterOptions Options = new()
    {
        Domain = "cloud.test",
        ApiServer = new Uri("https://192.0.2.1:6443"),
        FollowsNodes = true,
        PodRanges = ["10.1.0.0/24"],
        ServiceRanges = ["10.2.0.0/16"],
    };

    [Fact]
    public void Node_ThatComesLater_IsClosed_AndSoAreItsPods()
    {
        var network = new ClusterNetwork(Options);
        var (closed, inside, backends) = (Options.Admission(network).ClosedRanges, Options.Users(network, []).Walls.PodRanges, Options.Gateway(network).BackendRanges);
        var pod = IPAddress.Parse("10.1.7.9");

        network.Take(NodeAt("192.0.2.7", "10.1.7.0/24"));
        network.Take(NodeAt("192.0.2.7", "10.1.7.0/24"));
        network.Take(NodeAt("192.0.2.1", "10.1.0.0/24"));

        Assert.All([closed, inside, backends], ranges => Assert.Single(ranges, r => r.Contains(pod)));
        Assert.Single(closed, r => r.Contains(IPAddress.Parse("192.0.2.7")));
        Assert.DoesNotContain(inside, r => r.Contains(IPAddress.Parse("192.0.2.7")));
        Assert.Equal(1, network.Changes);
    }

    [Fact]
    public void Ranges_ThatTheOperatorNamed_AreNotTheNodesToSay()
    {
        var network = new ClusterNetwork(Options with { FollowsNodes = false });

        network.Take(NodeAt("192.0.2.7", "10.1.7.0/24"));

        Assert.Equal(0, network.Changes);
        Assert.DoesNotContain(network.Pods, r => r.Contains(IPAddress.Parse("10.1.7.9")));
        Assert.Contains(network.Closed, r => r.Contains(IPAddress.Parse("192.0.2.7")));
    }

    private static Kinds.Core.Node NodeAt(string address, string range) => new()
    {
        Spec = new NodeSpec { PodCIDR = range, PodCIDRs = [range] },
        Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }, new NodeAddress { Type = "Hostname", Address = "seven" }] },
    };
}
