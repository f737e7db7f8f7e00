using System.Net;
using Sealos.Network.Services;
using Xunit;

namespace Sealos.Network_Tests.Services;

public sealed class ConntrackTests
{
    [Fact]
    public void Listing_GivesTheFlowsThroughAService_ToWhatIsNoEndpointOfIts()
    {
        const string Listing = """
            udp      17 28 src=10.208.0.4 dst=10.209.1.1 sport=40000 dport=53 src=10.208.0.5 dst=10.208.0.4 sport=1053 dport=40000 mark=0 use=1
            udp      17 12 src=10.208.0.4 dst=10.209.1.1 sport=40001 dport=53 [UNREPLIED] src=10.208.0.6 dst=10.208.0.4 sport=1053 dport=40001 mark=0 use=1
            udp      17 12 src=10.208.0.7 dst=10.209.1.1 sport=40001 dport=53 src=10.208.0.6 dst=10.208.0.7 sport=1053 dport=40001 [ASSURED] mark=0 use=1
            udp      17 12 src=10.208.0.7 dst=10.209.1.1 sport=40001 dport=54 src=10.208.0.9 dst=10.208.0.7 sport=1053 dport=40001 [ASSURED] mark=0 use=1
            tcp      6 12 src=10.208.0.7 dst=10.209.1.1 sport=40001 dport=53 src=10.208.0.9 dst=10.208.0.7 sport=1053 dport=40001 [ASSURED] mark=0 use=1
            garbage
            """;
        var address = IPAddress.Parse("10.209.1.1");
        var port = new UdpPort(address, 53, [IPAddress.Parse("10.208.0.5")]);
        var stale = Conntrack.Strangers(Listing, new Dictionary<(IPAddress, int), UdpPort> { [(address, 53)] = port });
        Assert.Equal([new StaleFlow(address, 53, IPAddress.Parse("10.208.0.6"))], stale);
    }
}
