using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Builds the Endpoints object, the older form of the slices that some clients still read.</summary>
internal static class EndpointsBuilder
{
    public const string OverCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

    /// <summary>The most addresses it may hold.</summary>
    public const int Capacity = 1000;

    public static Endpoints Build(Service service, IReadOnlyList<Pod> pods, Endpoints? known)
    {
        var subsets = Subsets(service, pods.Where(p => p.Metadata.DeletionTimestamp is null));
        var annotations = SliceBuilder.Annotations(known?.Metadata.Annotations, ServiceBackends.LastChange(service, pods));
        annotations.Remove(OverCapacityAnnotation);
        if (subsets.Sum(Count) > Capacity)
        {
            subsets = Truncate(subsets);
            annotations[OverCapacityAnnotation] = "truncated";
        }

        return new Endpoints
        {
            Metadata = new ObjectMeta
            {
                Name = service.Metadata.Name,
                Namespace = service.Metadata.Namespace,
                ResourceVersion = known?.Metadata.ResourceVersion,
                Uid = known?.Metadata.Uid,
                OwnerReferences = known?.Metadata.OwnerReferences,
                Labels = Labels(service),
                Annotations = annotations,
            },
            Subsets = subsets.Count == 0 ? null : subsets,
        };
    }

    /// <summary>Whether two say the same of the Service; when the last change was is not compared.</summary>
    public static bool AreSame(Endpoints wanted, Endpoints known) =>
        JsonSame.As(wanted.Subsets, known.Subsets is { Count: > 0 } ? known.Subsets : null)
        && (wanted.Metadata.Labels?.Count ?? 0) == (known.Metadata.Labels?.Count ?? 0) && LabelSelectors.Matches(wanted.Metadata.Labels, known.Metadata.Labels)
        && (wanted.Metadata.Annotations?.ContainsKey(OverCapacityAnnotation) ?? false) == (known.Metadata.Annotations?.ContainsKey(OverCapacityAnnotation) ?? false);

    private static Dictionary<string, string>? Labels(Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? []);
        if (ServiceBackends.IsHeadless(service))
        {
            labels[SliceBuilder.HeadlessLabel] = "";
        }

        return labels.Count == 0 ? null : labels;
    }

    private static List<EndpointSubset> Subsets(Service service, IEnumerable<Pod> pods)
    {
        var byUid = pods.ToDictionary(p => p.Metadata.Uid ?? "", StringComparer.Ordinal);
        var subsets = new List<EndpointSubset>();
        foreach (var group in ServiceBackends.Group(service, byUid.Values, _ => null))
        {
            // Without any port the pods are only of use where the Service is a name and not an address.
            if (group.Ports.Count == 0 && !(ServiceBackends.IsHeadless(service) && (service.Spec!.Ports?.Count ?? 0) == 0))
            {
                continue;
            }

            var ready = group.Endpoints.Where(e => e.Conditions!.Ready == true).Select(Address).OrderBy(a => a.Ip, StringComparer.Ordinal).ToList();
            var notReady = group.Endpoints.Where(e => e.Conditions!.Ready != true).Select(Address).OrderBy(a => a.Ip, StringComparer.Ordinal).ToList();
            subsets.Add(new EndpointSubset
            {
                Addresses = ready.Count == 0 ? null : ready,
                NotReadyAddresses = notReady.Count == 0 ? null : notReady,
                Ports = group.Ports.Count == 0 ? null : [.. group.Ports.Select(Port)],
            });
        }

        return subsets;
    }

    private static EndpointAddress Address(Sealos.Kinds.Discovery.Endpoint endpoint) => new()
    {
        Ip = endpoint.Addresses![0],
        Hostname = endpoint.Hostname,
        NodeName = endpoint.NodeName,
        TargetRef = endpoint.TargetRef,
    };

    private static EndpointPort Port(Sealos.Kinds.Discovery.EndpointPort port) => new()
    {
        Name = port.Name is { Length: > 0 } name ? name : null,
        Port = port.Port,
        Protocol = port.Protocol,
        AppProtocol = port.AppProtocol,
    };

    private static int Count(EndpointSubset subset) => (subset.Addresses?.Count ?? 0) + (subset.NotReadyAddresses?.Count ?? 0);

    // Ready addresses are kept before those that are not.
    private static List<EndpointSubset> Truncate(List<EndpointSubset> subsets)
    {
        var room = Capacity;
        foreach (var subset in subsets)
        {
            subset.Addresses = Take(subset.Addresses, ref room);
        }

        foreach (var subset in subsets)
        {
            subset.NotReadyAddresses = Take(subset.NotReadyAddresses, ref room);
        }

        return subsets.FindAll(s => Count(s) > 0);
    }

    private static List<EndpointAddress>? Take(List<EndpointAddress>? addresses, ref int room)
    {
        var taken = addresses?.Take(room).ToList();
        room -= taken?.Count ?? 0;
        return taken is { Count: > 0 } ? taken : null;
    }
}
