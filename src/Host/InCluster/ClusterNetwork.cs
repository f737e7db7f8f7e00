using System.Net;
using Sealos.ControllerKit.Caching;

namespace Sealos.Host.InCluster;

/// <summary>
/// The addresses of pods, Services and nodes, as nodes come. What once was one of them stays closed while this process runs, as a node
/// that is gone may come back.
/// </summary>
internal sealed class ClusterNetwork(ClusterOptions options)
{
    private readonly Lock _lock = new();

    /// <summary>Where pods are.</summary>
    public LiveRanges Pods { get; } = new(options.PodRanges.Select(r => IPNetwork.Parse(r)));

    /// <summary>Where pods and Services are.</summary>
    public LiveRanges Inside { get; } = new(options.PodRanges.Concat(options.ServiceRanges).Select(r => IPNetwork.Parse(r)));

    /// <summary>The same, with the nodes that lie elsewhere.</summary>
    public LiveRanges Closed { get; } = new(options.PodRanges.Concat(options.ServiceRanges).Select(r => IPNetwork.Parse(r)));

    /// <summary>How often the ranges of pods have changed.</summary>
    public int Changes { get; private set; }

    /// <summary>Takes in every node as it comes and changes.</summary>
    public IDisposable Follow(Informer<Kinds.Core.Node> nodes) => nodes.OnChange((_, now) =>
    {
        if (now is not null)
        {
            Take(now);
        }
    });

    internal void Take(Kinds.Core.Node node)
    {
        lock (_lock)
        {
            // Where the operator named the ranges, what nodes say of theirs is not what pods have.
            var ranges = options.FollowsNodes ? node.Spec?.PodCIDRs ?? (node.Spec?.PodCIDR is { } one ? [one] : []) : [];
            foreach (var range in ranges)
            {
                if (IPNetwork.TryParse(range, out var network) && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && Pods.Add(network))
                {
                    Inside.Add(network);
                    Closed.Add(network);
                    Changes++;
                }
            }

            foreach (var address in node.Status?.Addresses ?? [])
            {
                if (IPAddress.TryParse(address.Address, out var ip))
                {
                    Closed.Add(new IPNetwork(ip, ip.GetAddressBytes().Length * 8));
                }
            }
        }
    }
}
