using System.Net;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Admission;

/// <summary>What workspaces may do with their own right, and how the API server reaches who judges it.</summary>
public sealed record AdmissionOptions
{
    /// <summary>The cloud's domain; workspaces take sub-domains of it, first come, first served.</summary>
    public required string Domain { get; init; }

    /// <summary>Addresses that belong to no workspace: pods, services, the node, cloud metadata. Nobody may open a way to them or send visitors there.</summary>
    public IReadOnlyList<IPNetwork> ClosedRanges { get; init; } = [];

    /// <summary>Networks that are not the internet, and clouds' metadata; the walls of workspaces close them, too.</summary>
    public IReadOnlyList<IPNetwork> PrivateRanges { get; init; } = [.. PrivateNetworks.V4, IPNetwork.Parse("fc00::/7")];

    /// <summary>Everything that is closed.</summary>
    internal IReadOnlyList<IPNetwork> AllClosed
    {
        get
        {
            IPNetwork[] ranges = [.. ClosedRanges, .. PrivateRanges];
            return [.. ranges, .. MachineAddresses().Where(a => !ranges.Any(r => r.Contains(a))).Select(a => new IPNetwork(a, a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128))];
        }
    }

    /// <summary>Addresses of this machine at the moment, closed like the others.</summary>
    public Func<IEnumerable<IPAddress>> MachineAddresses { get; init; } = () => [];

    /// <summary>The zone of cluster DNS.</summary>
    public string ClusterZone { get; init; } = "cluster.local";

    /// <summary>The Service by which the API server reaches this one; null where both share a machine, and loopback is used.</summary>
    public AdmissionService? Service { get; init; }

    /// <summary>The port to listen on; 0 takes one that is free, which the configurations then name.</summary>
    public int Port { get; init; }

    /// <summary>Whether workspaces may have node ports; their quota counts them.</summary>
    public bool AllowsNodePorts { get; init; } = true;

    /// <summary>Whether workspaces may have load balancers.</summary>
    public bool AllowsLoadBalancers { get; init; }

    /// <summary>Whether workspaces may claim addresses for Services.</summary>
    public bool AllowsExternalAddresses { get; init; }

    /// <summary>Whether workspaces may name hosts outside the cluster as Services.</summary>
    public bool AllowsExternalNames { get; init; } = true;

    /// <summary>Whether workspaces may use domains of their own, once they have proven that they are theirs.</summary>
    public bool AllowsOwnDomains { get; init; } = true;

    /// <summary>How many public hosts a workspace may have.</summary>
    public int HostsPerWorkspace { get; init; } = 50;

    /// <summary>Priority classes that pods of workspaces may name, besides the cluster's default.</summary>
    public IReadOnlyList<string> PriorityClasses { get; init; } = [];

    /// <summary>Storage classes that claims of workspaces may name.</summary>
    public IReadOnlyList<string> StorageClasses { get; init; } = ["standard", "openebs-backup"];

    /// <summary>Runtime classes that pods may name instead of the one that the operator has chosen.</summary>
    public IReadOnlyList<string> OtherRuntimeClasses { get; init; } = [];

    /// <summary>Whether the cloud is one person's, so that nobody in it is a stranger.</summary>
    public bool IsSingleUser { get; init; }

    /// <summary>How many teams a user may own.</summary>
    public int TeamsPerUser { get; init; } = 50;
}

/// <summary>A Service in the cluster.</summary>
public sealed record AdmissionService(string Namespace, string Name, int Port = 443);
