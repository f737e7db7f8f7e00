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

    /// <summary>Whether the node gave the pod its address, which nobody knows better.</summary>
    public bool IsAdmitted { get; init; }

    public DateTimeOffset Created { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoLabels;

    /// <summary>name/protocol → number.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    /// <summary>Whether policies select it; an address of the node that stands for a pod is only ever a peer.</summary>
    public bool IsSelectable { get; init; } = true;

    public string Namespace => Key.Namespace ?? "";

    public static string PortKey(string name, string protocol) => $"{name}/{protocol}";

    /// <summary>One pod, and no other of its name: while one is still being stopped the next may run already.</summary>
    public static ObjectKey IdentityOf(Pod pod) => new(pod.Metadata.Namespace, $"{pod.Metadata.Name}\0{pod.Metadata.Uid}");

    /// <summary>The name of a pod whose <see cref="IdentityOf"/> this is.</summary>
    public static string NameOf(ObjectKey identity) => identity.Name[..identity.Name.IndexOf('\0', StringComparison.Ordinal)];

    /// <summary>
    /// Null for a pod that holds no address of its own, or no longer: its address may be another's already. An address that the node
    /// gave it is its own until the node takes it back.
    /// </summary>
    public static PodFacts? Of(Pod pod, string? address, bool isAdmitted = false)
    {
        if (pod.Spec?.HostNetwork == true || (!isAdmitted && pod.Status?.Phase is ("Succeeded" or "Failed"))
            || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        return new PodFacts
        {
            Key = IdentityOf(pod),
            Uid = pod.Metadata.Uid ?? "",
            Address = parsed,
            IsAdmitted = isAdmitted,
            Created = pod.Metadata.CreationTimestamp ?? default,
            Labels = pod.Metadata.Labels ?? NoLabels,
            Ports = PortsOf(pod.Spec),
        };
    }

    /// <summary>Whether policies would see any difference.</summary>
    public bool IsSameAs(PodFacts other) =>
        Uid == other.Uid && Address.Equals(other.Address) && IsAdmitted == other.IsAdmitted && IsSame(Labels, other.Labels) && IsSame(Ports, other.Ports);

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
