using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Sealos.Network.Nft;

/// <summary>Every name on the host that belongs to one cloud, so that many clouds live on one host and each leaves no trace.</summary>
internal sealed partial record InstanceNames
{
    private const int LongestLinkName = 15;

    public InstanceNames(string instance)
    {
        if (!Valid().IsMatch(instance))
        {
            throw new ArgumentException($"instance name '{instance}' is not allowed: lower case letters, digits and '-', starting with a letter, at most 32", nameof(instance));
        }

        Instance = instance;
    }

    public string Instance { get; }

    /// <summary>Anti-spoofing and masquerade.</summary>
    public NftTable PodTable => new("ip", $"{Instance}-pods");

    /// <summary>What keeps pods from reaching the host by IPv6.</summary>
    public NftTable PodTable6 => new("ip6", $"{Instance}-pods");

    public NftTable ServiceTable => new("ip", $"{Instance}-services");

    /// <summary>Network policies.</summary>
    public NftTable PolicyTable => new("ip", $"{Instance}-policies");

    /// <summary>Holds packets up while <see cref="PolicyTable"/> is replaced.</summary>
    public NftTable PolicyGuardTable => new("ip", $"{Instance}-policies-guard");

    /// <summary>Counters of pods' bytes.</summary>
    public NftTable TrafficTable => new("ip", $"{Instance}-traffic");

    /// <summary>The device that carries the node's addresses in the pod and service ranges.</summary>
    public string Link => LinkName("svc");

    /// <summary>The other end of <see cref="Link"/>, which carries nothing.</summary>
    public string LinkPeer => LinkName("svp");

    private string LinkName(string suffix)
    {
        var whole = $"{Instance}-{suffix}";
        if (whole.Length <= LongestLinkName)
        {
            return whole;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Instance)))[..6];
        return $"{Instance[..4]}{hash}-{suffix}";
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,31}$")]
    private static partial Regex Valid();
}
