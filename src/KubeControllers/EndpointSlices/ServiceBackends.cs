using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;
using EndpointPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Endpoints that offer the same ports; pods that give a named port different numbers fall into different groups.</summary>
internal sealed record EndpointGroup(List<EndpointPort> Ports, List<Endpoint> Endpoints);

/// <summary>Which pods stand behind a Service, on which ports and in which state.</summary>
internal static class ServiceBackends
{
    public const int Ipv4Parts = 4;

    /// <summary>Only Services with a selector have their endpoints looked after; a name elsewhere has none.</summary>
    public static bool IsManaged(Service service) => service.Spec?.Selector is { Count: > 0 } && service.Spec.Type != "ExternalName";

    public static bool IsHeadless(Service service) => service.Spec?.ClusterIP == "None";

    /// <summary>The endpoints in groups of equal ports, in a stable order.</summary>
    public static List<EndpointGroup> Group(Service service, IEnumerable<Pod> pods, Func<string, string?> zoneOf)
    {
        var groups = new Dictionary<string, EndpointGroup>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => !PodState.IsTerminal(p) && AddressOf(p) is not null).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal))
        {
            var ports = Ports(service, pod);
            var key = Key(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new EndpointGroup(ports, []);
            }

            group.Endpoints.Add(ToEndpoint(service, pod, zoneOf));
        }

        return [.. groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)];
    }

    /// <summary>One text for each set of ports.</summary>
    public static string Key(IEnumerable<EndpointPort>? ports) =>
        string.Join(',', (ports ?? []).Select(p => $"{p.Name}/{p.Protocol}/{p.Port}/{p.AppProtocol}").Order(StringComparer.Ordinal));

    /// <summary>The pod's IPv4 address, or null.</summary>
    public static string? AddressOf(Pod pod) =>
        pod.Status?.PodIP is { Length: > 0 } ip && ip.Split('.').Length == Ipv4Parts ? ip : pod.Status?.PodIPs?.Select(i => i.Ip).FirstOrDefault(i => i?.Split('.').Length == Ipv4Parts);

    /// <summary>The name under which DNS knows the pod in this Service, or null.</summary>
    public static string? HostnameOf(Service service, Pod pod) =>
        pod.Spec?.Hostname is { Length: > 0 } hostname && pod.Spec.Subdomain == service.Metadata.Name && pod.Metadata.Namespace == service.Metadata.Namespace ? hostname : null;

    public static ObjectReference Reference(Pod pod) => new() { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };

    /// <summary>When the newest change was that the endpoints tell of.</summary>
    public static DateTimeOffset? LastChange(Service service, IEnumerable<Pod> pods)
    {
        var last = service.Metadata.CreationTimestamp;
        foreach (var pod in pods)
        {
            var ready = PodState.Condition(pod, "Ready")?.LastTransitionTime;
            last = ready > last ? ready : last;
        }

        return last;
    }

    private static Endpoint ToEndpoint(Service service, Pod pod, Func<string, string?> zoneOf)
    {
        var isReady = PodState.IsReady(pod);
        var isTerminating = pod.Metadata.DeletionTimestamp is not null;
        var node = PodState.NodeName(pod);
        return new Endpoint
        {
            Addresses = [AddressOf(pod)!],
            Conditions = new EndpointConditions
            {
                Ready = service.Spec!.PublishNotReadyAddresses == true || (isReady && !isTerminating),
                Serving = isReady,
                Terminating = isTerminating,
            },
            Hostname = HostnameOf(service, pod),
            TargetRef = Reference(pod),
            NodeName = node,
            Zone = node is null ? null : zoneOf(node),
        };
    }

    private static List<EndpointPort> Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointPort>();
        foreach (var port in service.Spec!.Ports ?? [])
        {
            if (PortNumber(port, pod) is { } number)
            {
                ports.Add(new EndpointPort { Name = port.Name ?? "", Protocol = port.Protocol ?? "TCP", Port = number, AppProtocol = port.AppProtocol });
            }
        }

        return ports;
    }

    private static int? PortNumber(ServicePort port, Pod pod)
    {
        if (port.TargetPort is not { } target)
        {
            return port.Port;
        }

        if (target.Text is null)
        {
            return target.Number == 0 ? port.Port : target.Number;
        }

        var containers = (pod.Spec?.Containers ?? []).Concat((pod.Spec?.InitContainers ?? []).Where(c => c.RestartPolicy == "Always"));
        return containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == target.Text && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.ContainerPortValue;
    }
}
