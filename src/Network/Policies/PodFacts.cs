using System.Net;
using System.Net.Sockets;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;

namespace Sealos.Network.Policies;

/// <summary>What policies need to know of a pod that holds an address.</summary>
internal sealed record PodFacts
{
    private static readonly Dictionary<string, string> NoLabels = [];

    public required ObjectKey Key { get; init; }

    public required string Uid { get; init; }

    public required IPAddress Address { get; init; }

    public DateTimeOffset Created { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;

    /// <summary>name/protocol → number.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    /// <summary>Whether policies select it; an address of the node that stands for a pod is only ever a peer.</summary>
    public bool IsSelectable { get; init; } = true;

    public string Namespace => Key.Namespace ?? "";

    public static string PortKey(string name, string protocol) => $"{name}/{protocol}";

    /// <summary>Null for a pod that holds no address of its own, or no longer: its address may be another's already.</summary>
    public static PodFacts? Of(Pod pod, string? address)
    {
        if (pod.Spec?.HostNetwork == true || pod.Status?.Phase is "Succeeded" or "Failed"
            || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        return new PodFacts
        {
            Key = ObjectKey.Of(pod),
            Uid = pod.Metadata.Uid ?? "",
            Address = parsed,
            Created = pod.Metadata.CreationTimestamp ?? default,
            Labels = pod.Metadata.Labels ?? NoLabels,
            Ports = PortsOf(pod.Spec),
        };
    }

    /// <summary>Whether policies would see any difference.</summary>
    public bool IsSameAs(PodFacts other) =>
        Uid == other.Uid && Address.Equals(other.Address) && IsSame(Labels, other.Labels) && IsSame(Ports, other.Ports);

    private static Dictionary<string, int> PortsOf(PodSpec? spec)
    {
        var ports = new Dictionary<string, int>(StringComparer.Ordinal);
        var containers = (spec?.Containers ?? []).Concat((spec?.InitContainers ?? []).Where(c => c.RestartPolicy == "Always"));
        foreach (var port in containers.SelectMany(c => c.Ports ?? []).Where(p => p.Name is { Length: > 0 } && p.ContainerPortValue is not null))
        {
            ports.TryAdd(PortKey(port.Name!, (port.Protocol ?? "TCP").ToLowerInvariant()), port.ContainerPortValue!.Value);
        }

        return ports;
    }

    private static bool IsSame<TValue>(IReadOnlyDictionary<string, TValue> a, IReadOnlyDictionary<string, TValue> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var value) && Equals(p.Value, value)));
}
