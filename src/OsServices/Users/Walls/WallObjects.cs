using System.Net;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>The walls of a workspace, as pure values.</summary>
internal static class WallObjects
{
    /// <summary>The network policy that closes a workspace, but for what every one needs.</summary>
    public const string PolicyName = "sealos-walls";

    /// <summary>The network policy that opens a workspace to itself; its people may delete it, to say more closely who may reach whom.</summary>
    public const string InsideName = "sealos-inside";

    /// <summary>The network policy that opens a workspace to the internet; its people may delete it.</summary>
    public const string OutsideName = "sealos-outside";

    /// <summary>Annotation of the first: the two others have been made, and stay away when somebody deletes them.</summary>
    public const string HasDefaults = "user.sealos.io/network-defaults";

    private const string NamespaceNameLabel = "kubernetes.io/metadata.name";
    private const int DnsPort = 53;

    public static string QuotaNameOf(string ns) => $"quota-{ns}";

    /// <param name="user">Whose workspace it is.</param>
    /// <param name="usual">What every workspace may take.</param>
    /// <param name="changes">What this one may take instead.</param>
    public static ResourceQuota Quota(string user, IReadOnlyDictionary<string, Quantity> usual, IReadOnlyDictionary<string, Quantity> changes)
    {
        var hard = new Dictionary<string, Quantity>(usual, StringComparer.Ordinal);
        foreach (var (name, quantity) in changes)
        {
            hard[name] = quantity;
        }

        return new ResourceQuota { Metadata = Metadata(user, QuotaNameOf(UsersObjects.WorkspaceOf(user))), Spec = new ResourceQuotaSpec { Hard = hard } };
    }

    public static LimitRange Limits(string user, WallOptions options) => new()
    {
        Metadata = Metadata(user, UsersObjects.WorkspaceOf(user)),
        Spec = new LimitRangeSpec
        {
            Limits = [new LimitRangeItem { Type = "Container", Default = new(options.ContainerDefaults), DefaultRequest = new(options.ContainerDefaults) }],
        },
    };

    /// <summary>Lets in what comes from the gateway, and out to DNS and the doors; nothing else, whatever other policies there are.</summary>
    public static NetworkPolicy Walls(string user, WallOptions options)
    {
        var walls = Policy(
            user,
            PolicyName,
            options.GatewayNamespace is { } gateway ? [new NetworkPolicyPeer { NamespaceSelector = Named(gateway) }] : [],
            [
                new NetworkPolicyEgressRule { To = [Dns()], Ports = [Port("UDP", DnsPort), Port("TCP", DnsPort)] },
                .. options.Doors.Select(d => new NetworkPolicyEgressRule { To = [Block(d.Range.ToString(), [])], Ports = [.. d.Ports.Select(p => Port("TCP", p))] }),
            ]);
        walls.Metadata.Annotations = new Dictionary<string, string> { [HasDefaults] = "made" };
        return walls;
    }

    /// <summary>Lets the workspace's pods reach each other.</summary>
    public static NetworkPolicy Inside(string user)
    {
        var own = new NetworkPolicyPeer { PodSelector = new LabelSelector() };
        return Policy(user, InsideName, [own], [new NetworkPolicyEgressRule { To = [own] }]);
    }

    /// <summary>Lets in what comes from outside the cluster (a node port is meant for that), and out to the internet.</summary>
    /// <param name="user">Whose workspace it is.</param>
    /// <param name="options">What is closed.</param>
    /// <param name="nodes">Addresses of nodes, which are closed, too.</param>
    public static NetworkPolicy Outside(string user, WallOptions options, IEnumerable<IPAddress> nodes)
    {
        var closed = options.ClosedRanges.Concat(options.PodRanges).ToList();
        closed.AddRange(nodes.Where(n => !closed.Exists(c => c.Contains(n))).OrderBy(n => n.ToString(), StringComparer.Ordinal).Select(n => new IPNetwork(n, 32)));
        return Policy(user, OutsideName, [Block("0.0.0.0/0", options.PodRanges)], [new NetworkPolicyEgressRule { To = [Block("0.0.0.0/0", closed)] }]);
    }

    private static NetworkPolicy Policy(string user, string name, List<NetworkPolicyPeer> from, List<NetworkPolicyEgressRule> egress) => new()
    {
        Metadata = Metadata(user, name),
        Spec = new NetworkPolicySpec
        {
            PodSelector = new LabelSelector(),
            PolicyTypes = ["Ingress", "Egress"],
            Ingress = from.Count == 0 ? null : [new NetworkPolicyIngressRule { From = from }],
            Egress = egress,
        },
    };

    private static NetworkPolicyPeer Dns() => new()
    {
        NamespaceSelector = Named("kube-system"),
        PodSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["k8s-app"] = "kube-dns" } },
    };

    private static LabelSelector Named(string ns) => new() { MatchLabels = new Dictionary<string, string> { [NamespaceNameLabel] = ns } };

    private static NetworkPolicyPeer Block(string range, IReadOnlyList<IPNetwork> except) =>
        new() { IpBlock = new IPBlock { Cidr = range, Except = except.Count == 0 ? null : [.. except.Select(e => e.ToString())] } };

    private static NetworkPolicyPort Port(string protocol, int port) => new() { Protocol = protocol, Port = port };

    private static ObjectMeta Metadata(string user, string name) => new() { Name = name, Namespace = UsersObjects.WorkspaceOf(user), Labels = UsersObjects.OwnedBy(user) };
}
