using System.Net;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>The walls of a workspace, as pure values.</summary>
internal static class WallObjects
{
    /// <summary>The network policy that closes a workspace.</summary>
    public const string PolicyName = "sealos-walls";

    private const string NamespaceNameLabel = "kubernetes.io/metadata.name";
    private const int DnsPort = 53;

    public static string QuotaNameOf(string ns) => $"quota-{ns}";

    /// <param name="user">Whose workspace it is.</param>
    /// <param name="options">What every workspace may take.</param>
    /// <param name="changes">What this one may take instead.</param>
    public static ResourceQuota Quota(string user, WallOptions options, IReadOnlyDictionary<string, Quantity> changes)
    {
        var hard = new Dictionary<string, Quantity>(options.Quota, StringComparer.Ordinal);
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

    /// <summary>
    /// Lets in what comes from the workspace itself, from the gateway, and from outside the cluster (a node port is meant for that);
    /// lets out to the workspace itself, DNS, the doors and the internet.
    /// </summary>
    /// <param name="user">Whose workspace it is.</param>
    /// <param name="options">What is open and what is closed.</param>
    /// <param name="nodes">Addresses of nodes.</param>
    public static NetworkPolicy Policy(string user, WallOptions options, IEnumerable<IPAddress> nodes)
    {
        var own = new NetworkPolicyPeer { PodSelector = new LabelSelector() };
        List<NetworkPolicyPeer> from = [own, Block("0.0.0.0/0", options.PodRanges)];
        if (options.GatewayNamespace is { } gateway)
        {
            from.Add(new NetworkPolicyPeer { NamespaceSelector = Named(gateway) });
        }

        var closed = options.ClosedRanges.Concat(options.PodRanges).ToList();
        closed.AddRange(nodes.Where(n => !closed.Exists(c => c.Contains(n))).OrderBy(n => n.ToString(), StringComparer.Ordinal).Select(n => new IPNetwork(n, 32)));
        return new NetworkPolicy
        {
            Metadata = Metadata(user, PolicyName),
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector(),
                PolicyTypes = ["Ingress", "Egress"],
                Ingress = [new NetworkPolicyIngressRule { From = from }],
                Egress =
                [
                    new NetworkPolicyEgressRule { To = [own] },
                    new NetworkPolicyEgressRule { To = [Dns()], Ports = [Port("UDP", DnsPort), Port("TCP", DnsPort)] },
                    .. options.Doors.Select(d => new NetworkPolicyEgressRule { To = [Block(d.Range.ToString(), [])], Ports = [.. d.Ports.Select(p => Port("TCP", p))] }),
                    new NetworkPolicyEgressRule { To = [Block("0.0.0.0/0", closed)] },
                ],
            },
        };
    }

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
