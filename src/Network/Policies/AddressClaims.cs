using System.Net;
using Sealos.ControllerKit;

namespace Sealos.Network.Policies;

/// <summary>Pods that are said to hold an address which is another's: they get it when that one is gone.</summary>
internal sealed class AddressClaims
{
    private readonly Dictionary<ObjectKey, PodFacts> _byPod = [];
    private readonly Dictionary<IPAddress, HashSet<ObjectKey>> _byAddress = [];

    /// <summary>Whether an address is rather the first one's: the node knows best, and of what the API tells the younger is true.</summary>
    public static bool IsBetter(PodFacts one, PodFacts other) =>
        one.IsAdmitted != other.IsAdmitted ? one.IsAdmitted : !one.IsAdmitted && one.Created > other.Created;

    public void Add(PodFacts facts)
    {
        Remove(facts.Key);
        _byPod[facts.Key] = facts;
        if (!_byAddress.TryGetValue(facts.Address, out var pods))
        {
            _byAddress[facts.Address] = pods = [];
        }

        pods.Add(facts.Key);
    }

    public void Remove(ObjectKey pod)
    {
        if (_byPod.Remove(pod, out var facts) && _byAddress.TryGetValue(facts.Address, out var pods) && pods.Remove(pod) && pods.Count == 0)
        {
            _byAddress.Remove(facts.Address);
        }
    }

    /// <summary>Takes out the one that is to have the address now, if anybody claims it.</summary>
    public PodFacts? TakeBest(IPAddress address)
    {
        if (!_byAddress.TryGetValue(address, out var pods))
        {
            return null;
        }

        var best = pods.Select(p => _byPod[p]).Aggregate((a, b) => IsBetter(b, a) ? b : a);
        Remove(best.Key);
        return best;
    }
}
