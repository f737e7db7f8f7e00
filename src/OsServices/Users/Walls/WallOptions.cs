using System.Net;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Users.Walls;

/// <summary>An address outside the workspace that every workspace may reach, at some TCP ports.</summary>
/// <param name="Range">Where it is.</param>
/// <param name="Ports">Its ports.</param>
public sealed record OpenDoor(IPNetwork Range, IReadOnlyList<int> Ports);

/// <summary>What keeps workspaces apart, and how much each may hold. Nothing of it binds the operator's own workspace.</summary>
public sealed record WallOptions
{
    /// <summary>The level of Pod Security that is enforced: <c>baseline</c> or <c>restricted</c>.</summary>
    public string PodSecurity { get; init; } = "baseline";

    /// <summary>What the pods and volumes of a workspace may take together, which is Sealos's, and how many objects it may hold: the store is one for all.</summary>
    public IReadOnlyDictionary<string, Quantity> Quota { get; init; } = Quantities(
        ("limits.cpu", "16"), ("limits.memory", "64Gi"), ("requests.storage", "100Gi"), ("limits.ephemeral-storage", "100Gi"),
        ("requests.nvidia.com/gpu", "8"), ("limits.nvidia.com/gpu", "8"), ("pods", "20"), ("services.nodeports", "10"),
        ("objectstorage/size", "20Gi"), ("objectstorage/bucket", "5"),
        ("count/configmaps", "200"), ("count/secrets", "200"), ("count/services", "100"), ("count/serviceaccounts", "50"), ("count/persistentvolumeclaims", "50"),
        ("count/deployments.apps", "100"), ("count/replicasets.apps", "1000"), ("count/statefulsets.apps", "50"), ("count/daemonsets.apps", "20"),
        ("count/jobs.batch", "200"), ("count/cronjobs.batch", "50"), ("count/ingresses.networking.k8s.io", "50"), ("count/networkpolicies.networking.k8s.io", "50"),
        ("count/roles.rbac.authorization.k8s.io", "50"), ("count/rolebindings.rbac.authorization.k8s.io", "200"), ("count/leases.coordination.k8s.io", "100"),
        ("count/pods", "1000"), ("count/endpoints", "200"), ("count/endpointslices.discovery.k8s.io", "500"), ("count/podtemplates", "50"), ("count/replicationcontrollers", "50"), ("count/controllerrevisions.apps", "1000"),
        ("count/poddisruptionbudgets.policy", "50"), ("count/horizontalpodautoscalers.autoscaling", "50"), ("count/volumesnapshots.snapshot.storage.k8s.io", "100"), ("count/csistoragecapacities.storage.k8s.io", "50"));

    /// <summary>What a container that does not say gets; Sealos's values.</summary>
    public IReadOnlyDictionary<string, Quantity> ContainerDefaults { get; init; } = Quantities(("cpu", "50m"), ("memory", "64Mi"), ("ephemeral-storage", "100Mi"));

    /// <summary>Addresses of pods, wherever they are.</summary>
    public IReadOnlyList<IPNetwork> PodRanges { get; init; } = [];

    /// <summary>What pods may not reach though it is outside: networks that are not the internet, and clouds' metadata. Nodes are closed besides.</summary>
    public IReadOnlyList<IPNetwork> ClosedRanges { get; init; } = PrivateNetworks.V4;

    /// <summary>Addresses of this machine, which may have more of them than its Node tells, and may get others; closed like nodes.</summary>
    public Func<IEnumerable<IPAddress>> MachineAddresses { get; init; } = () => [];

    /// <summary>What pods may reach in closed ranges all the same: the API server, and the gateway where it is on the node.</summary>
    public IReadOnlyList<OpenDoor> Doors { get; init; } = [];

    /// <summary>The namespace of the gateway's pods; null where the gateway is on the node, whose traffic no policy holds up.</summary>
    public string? GatewayNamespace { get; init; }

    private static Dictionary<string, Quantity> Quantities(params IEnumerable<(string Name, string Text)> all) => all.ToDictionary(q => q.Name, q => Quantity.Parse(q.Text));
}
