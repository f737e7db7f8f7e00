using Sealos.ControllerKit.Certificates;

namespace Sealos.KubeControllers;

/// <summary>What the controllers need to know about the cloud they run in.</summary>
public sealed record KubeControllersOptions
{
    /// <summary>PEM of the authority that signed the API server's certificate; published to every namespace as <c>kube-root-ca.crt</c>.</summary>
    public required string RootCertificatePem { get; init; }

    /// <summary>The range that nodes' pod ranges are cut from.</summary>
    public string PodRange { get; init; } = "10.208.0.0/16";

    /// <summary>Prefix length of each node's pod range. The default leaves room for 4,094 pods a node and 16 nodes.</summary>
    public int NodeRangePrefix { get; init; } = 20;

    /// <summary>How long a node may be silent before it counts as unreachable.</summary>
    public TimeSpan NodeGracePeriod { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How long pods bound to a node that does not exist are kept.</summary>
    public TimeSpan MissingNodeQuarantine { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How often each autoscaler looks at what its target uses.</summary>
    public TimeSpan AutoscalerPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many ended pods are kept.</summary>
    public int EndedPodsKept { get; init; } = 12500;

    /// <summary>Signs approved certificate requests with the cluster's key, which stays with its owner; null leaves them unsigned.</summary>
    public Func<SigningOrder, string>? Sign { get; init; }
}
