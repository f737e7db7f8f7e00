namespace Sealos.Host.InCluster;

/// <summary>What somebody wants installed.</summary>
public sealed record ClusterRequest
{
    /// <summary>Where people's addresses lie; null keeps what is installed.</summary>
    public string? Domain { get; init; }

    /// <summary>The image; null takes this build's.</summary>
    public string? Image { get; init; }

    /// <summary>How many copies run; one of them leads.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>How the gateway is reached: <c>LoadBalancer</c> or <c>NodePort</c>.</summary>
    public string Expose { get; init; } = "LoadBalancer";

    /// <summary>Addresses of pods, where the nodes do not say.</summary>
    public string? PodRange { get; init; }

    /// <summary>Addresses of Services, where the cluster does not say.</summary>
    public string? ServiceRange { get; init; }

    /// <summary>Whether the cloud is one person's.</summary>
    public bool SingleUser { get; init; }
}
