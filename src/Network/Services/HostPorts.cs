using System.Net;
using System.Net.Sockets;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;

namespace Sealos.Network.Services;

/// <summary>Ports of the node that pods ask for: a plan like a service's, with the pod as its only endpoint. Pure.</summary>
internal sealed class HostPorts(ServiceProxyOptions options)
{
    private const string Prefix = "pod/";

    /// <summary>Whether a pod may have any.</summary>
    public static bool Has(Pod? pod) => pod?.Spec is { HostNetwork: not true } spec && Ports(spec).Any();

    /// <summary>The key of a pod's plan; no service has a name like it.</summary>
    public static ObjectKey KeyOf(Pod pod) => new(pod.Metadata.Namespace, Prefix + pod.Metadata.Name);

    /// <summary>The name of the pod whose plan has this key, or null.</summary>
    public static string? PodName(ObjectKey key) => key.Name.StartsWith(Prefix, StringComparison.Ordinal) ? key.Name[Prefix.Length..] : null;

    public ServicePlan Translate(Pod pod)
    {
        var key = KeyOf(pod);
        if (!Has(pod) || pod.Status?.Phase is "Succeeded" or "Failed" || !TryParse(pod.Status?.PodIP, out var address))
        {
            return ServicePlan.Nothing(key);
        }

        var draft = new PlanDraft(key, options.PodRange);
        foreach (var port in Ports(pod.Spec!))
        {
            Add(draft, port, address);
        }

        return draft.ToPlan(pod.Metadata.CreationTimestamp ?? default);
    }

    private static IEnumerable<ContainerPort> Ports(PodSpec spec) => (spec.Containers ?? [])
        .Concat((spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always"))
        .SelectMany(c => c.Ports ?? [])
        .Where(p => p is { HostPort: > 0 and <= 65535, ContainerPortValue: > 0 and <= 65535 });

    private void Add(PlanDraft draft, ContainerPort port, IPAddress pod)
    {
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        if (!ServiceTable.Carries(protocol))
        {
            draft.Refuse($"hostPort {port.HostPort}: protocol {port.Protocol} is not supported yet");
        }
        else if (options.ReservedPorts.Contains(port.HostPort!.Value))
        {
            // Whoever may create a pod must not get what people and pods send to the cloud itself.
            draft.Refuse($"hostPort {port.HostPort} is the cloud's own");
        }
        else if (port.HostIP is null or "" or "0.0.0.0" or "::")
        {
            draft.AddNodePort(port.HostPort.Value, Target(protocol, pod, port));
        }
        else if (TryParse(port.HostIP, out var host))
        {
            draft.AddAddress(host, port.HostPort.Value, Target(protocol, pod, port));
        }
        else
        {
            draft.Refuse($"hostIP {port.HostIP}: IPv6 is not supported yet");
        }
    }

    private static PortTarget Target(string protocol, IPAddress pod, ContainerPort port) =>
        new(protocol, [new EndpointAddress(pod, port.ContainerPortValue!.Value, IsLocal: true)], IsEmptyByPolicy: false, null, "");

    private static bool TryParse(string? text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!) && address.AddressFamily == AddressFamily.InterNetwork;
}
