namespace Sealos.Network.Traffic;

/// <summary>Bytes sent and received, with headers: to and from pods, services and the node; and with the world outside.</summary>
public readonly record struct PodTraffic(ulong SentInside, ulong SentOutside, ulong GotInside, ulong GotOutside)
{
    /// <summary>Both together.</summary>
    public static PodTraffic operator +(PodTraffic a, PodTraffic b) =>
        new(a.SentInside + b.SentInside, a.SentOutside + b.SentOutside, a.GotInside + b.GotInside, a.GotOutside + b.GotOutside);
}

/// <summary>The traffic of pods by their uids, and of namespaces with the pods that are gone since the server started.</summary>
public sealed record TrafficReport(IReadOnlyDictionary<string, PodTraffic> Pods, IReadOnlyDictionary<string, PodTraffic> Namespaces);
