using System.Net;

namespace Sealos.Network.Policies;

/// <summary>How policies are put in force on this host.</summary>
public sealed record PolicyOptions
{
    /// <summary>The cloud's name on this host; prefixes the table.</summary>
    public string Instance { get; init; } = "sealos";

    /// <summary>Addresses of pods. One that no pod is known to hold reaches nobody and is reached by nobody but the node.</summary>
    public IPNetwork PodRange { get; init; } = IPNetwork.Parse("10.208.0.0/16");

    /// <summary>
    /// The address cluster DNS answers on. Elsewhere DNS is pods of <c>kube-system</c> labelled <c>k8s-app=kube-dns</c>, and policies
    /// are written for that; so it is a peer of that description here.
    /// </summary>
    public IPAddress DnsAddress { get; init; } = IPAddress.Parse("10.209.0.10");

    /// <summary>How long changes are gathered before they go to the kernel together.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How often the tables are looked at: somebody reloading the host's own firewall flushes ours with it. Costs two short processes.</summary>
    internal TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);
}
