using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using SlicePort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Turns Endpoints that somebody wrote by hand into slices, which is what proxies and DNS read. Pure.</summary>
internal static class MirrorBuilder
{
    public const string ManagedBy = "endpointslicemirroring-controller.k8s.io";
    public const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";

    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private const string LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    // Of one subset, as many as Kubernetes mirrors; who writes Endpoints by hand has few.
    private const int Most = 1000;

    /// <summary>Whether these Endpoints are mirrored: written by hand, for a Service that has no selector.</summary>
    public static bool IsWanted(Endpoints? endpoints, Service? service) =>
        endpoints is { Metadata.DeletionTimestamp: null } && service is { Metadata.DeletionTimestamp: null, Spec.Type: not "ExternalName" } && service.Spec.Selector is not { Count: > 0 }
        && endpoints.Metadata.Labels?.GetValueOrDefault(SkipLabel) != "true"
        && endpoints.Metadata.Annotations?.ContainsKey(LeaderAnnotation) != true;

    /// <summary>The endpoints in groups of equal ports.</summary>
    public static List<EndpointGroup> Group(Endpoints endpoints)
    {
        var groups = new Dictionary<string, EndpointGroup>(StringComparer.Ordinal);
        foreach (var subset in endpoints.Subsets ?? [])
        {
            var ports = (subset.Ports ?? []).ConvertAll(p => new SlicePort { Name = p.Name ?? "", Protocol = p.Protocol ?? "TCP", Port = p.Port, AppProtocol = p.AppProtocol });
            var key = ServiceBackends.Key(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new EndpointGroup(ports, []);
            }

            Add(group, (subset.Addresses ?? []).Take(Most), isReady: true);
            Add(group, (subset.NotReadyAddresses ?? []).Take(Most), isReady: false);
        }

        return [.. groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)];
    }

    /// <summary>The slice as it is written.</summary>
    public static EndpointSlice Build(Endpoints endpoints, SliceContent content) =>
        SliceBuilder.Build(endpoints, content, Labels(endpoints), Annotations(endpoints));

    /// <summary>Whether a slice says of itself what it should.</summary>
    public static bool IsCurrent(EndpointSlice slice, Endpoints endpoints) =>
        SliceBuilder.AreSame(Labels(endpoints), slice.Metadata.Labels) && SliceBuilder.AreSame(Annotations(endpoints), slice.Metadata.Annotations);

    private static void Add(EndpointGroup group, IEnumerable<EndpointAddress> addresses, bool isReady)
    {
        foreach (var address in addresses.Where(a => a.Ip?.Split('.').Length == ServiceBackends.Ipv4Parts))
        {
            group.Endpoints.Add(new Endpoint
            {
                Addresses = [address.Ip!],
                Conditions = new EndpointConditions { Ready = isReady },
                Hostname = address.Hostname is { Length: > 0 } name ? name : null,
                NodeName = address.NodeName,
                TargetRef = address.TargetRef,
            });
        }
    }

    private static Dictionary<string, string> Labels(Endpoints endpoints) => new(endpoints.Metadata.Labels ?? [])
    {
        [SliceBuilder.ServiceLabel] = endpoints.Metadata.Name!,
        [SliceBuilder.ManagedByLabel] = ManagedBy,
    };

    private static Dictionary<string, string> Annotations(Endpoints endpoints) =>
        new((endpoints.Metadata.Annotations ?? []).Where(a => a.Key is not (LastAppliedAnnotation or SliceBuilder.LastChangeAnnotation)));
}
