using Sealos.Network.Policies;
using Sealos.Node;
using Counted = Sealos.Network.Traffic.PodTraffic;

namespace Sealos.Host.Running;

/// <summary>What the node asks of the network, answered by the network: the two rooms do not know each other.</summary>
internal static class PodNetworkBridge
{
    public static PodNetworkSeam Between(PolicyComponent policies) => new()
    {
        AdmitAsync = policies.AdmitAsync,
        Release = policies.Release,
        ReadTrafficAsync = async ct =>
        {
            var report = await policies.ReadTrafficAsync(ct).ConfigureAwait(false);
            return new NodeTraffic(Translate(report.Pods), Translate(report.Namespaces));
        },
    };

    private static Dictionary<string, PodTraffic> Translate(IReadOnlyDictionary<string, Counted> counted) => counted.ToDictionary(
        c => c.Key, c => new PodTraffic(new TrafficBytes(c.Value.GotInside, c.Value.SentInside), new TrafficBytes(c.Value.GotOutside, c.Value.SentOutside)), StringComparer.Ordinal);
}
