namespace Sealos.Host.Components;

/// <summary>Every component that can be added and removed, each after those it needs. What is not here is the kernel: bare Kubernetes.</summary>
public static class ComponentCatalog
{
    /// <summary>Persistent volumes.</summary>
    public static ComponentInfo Storage { get; } = new("storage", ComponentInfo.Server,
        "Makes, grows, copies and deletes persistent volumes",
        "New claims wait, volumes of deleted claims and snapshots stay as they are. Volumes that exist go on in the pods that use them.")
    {
        IsOfKernel = true,
        UsedBy = [new() { ApiVersion = "v1", Resource = "persistentvolumeclaims", Effect = "keep their volumes; none grows, and new ones wait" }],
        Objects =
        [
            "/apis/storage.k8s.io/v1/storageclasses/standard",
            "/apis/storage.k8s.io/v1/storageclasses/openebs-backup",
            "/apis/storage.k8s.io/v1/csidrivers/volumes.sealos.io",
            "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses/standard",
        ],
    };

    /// <summary>What pods and nodes use.</summary>
    public static ComponentInfo Metrics { get; } = new("metrics", ComponentInfo.Server,
        "Says what pods and nodes use now (metrics.k8s.io)",
        "'kubectl top' and autoscalers know nothing; apps keep the instances they have.")
    {
        IsOfKernel = true,
        UsedBy = [new() { ApiVersion = "autoscaling/v2", Resource = "horizontalpodautoscalers", Effect = "leave their apps at the instances they have" }],
    };

    /// <summary>The rules that keep workspaces apart.</summary>
    public static ComponentInfo Admission { get; } = new("admission", ComponentInfo.Server,
        "Keeps workspaces apart: judges what is written in them",
        "Nothing can be created or changed in workspaces of users, by nobody; what runs goes on, and the operator's own workspace is not bound.");

    /// <summary>Users, their workspaces, and sign-in.</summary>
    public static ComponentInfo Users { get; } = new("users", ComponentInfo.Server,
        "Makes users and their workspaces, and signs people in",
        "Nobody can sign in with a password, and no user or workspace is made, changed or mended. Those there are stay; kubeconfigs go on.")
    {
        Needs = ["admission"],
    };

    /// <summary>Cluster DNS.</summary>
    public static ComponentInfo Dns { get; } = new("dns", ComponentInfo.Edge,
        "Answers names of services, pods, the cloud and the world for pods",
        "Pods resolve no names at all; what they reach by address goes on.")
    {
        IsOfKernel = true,
        UsedBy = [new() { ApiVersion = "v1", Resource = "services", Effect = "are reached by their address only" }],
        Objects = ["/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns", "/api/v1/namespaces/kube-system/services/kube-dns"],
    };

    /// <summary>The ingress gateway.</summary>
    public static ComponentInfo Gateway { get; } = new("gateway", ComponentInfo.Edge,
        "Serves apps under their public addresses over HTTP and HTTPS",
        "No public address answers. Inside the cloud and by node port apps are reached as before.")
    {
        UsedBy = [new() { ApiVersion = "networking.k8s.io/v1", Resource = "ingresses", Effect = "are not served" }],
        Objects = ["/apis/networking.k8s.io/v1/ingressclasses/sealos"],
    };

    /// <summary>The web desktop.</summary>
    public static ComponentInfo Desktop { get; } = new("desktop", ComponentInfo.Edge,
        "The web desktop at the cloud's own address",
        "The cloud is used by 'sealos', kubectl and the API only.")
    {
        Needs = ["gateway", "users"],
    };

    /// <summary>The App Launchpad.</summary>
    public static ComponentInfo Launchpad { get; } = new("launchpad", ComponentInfo.Edge,
        "The App Launchpad on the desktop",
        "Apps go on, and are launched by 'sealos app' and kubectl only.")
    {
        Needs = ["desktop"],
    };

    /// <summary>Pods with a kernel of their own.</summary>
    public static ComponentInfo Gvisor { get; } = new("gvisor", ComponentInfo.Server,
        "Lets pods ask for a kernel of their own (RuntimeClass gvisor); needs the program runsc",
        "Pods that ask for RuntimeClass gvisor are refused. What runs in gVisor goes on until it ends.")
    {
        IsOfKernel = true,
        IsOnByDefault = false,
        Objects = ["/apis/node.k8s.io/v1/runtimeclasses/gvisor"],
    };

    /// <summary>All of them, in the order in which they start.</summary>
    public static IReadOnlyList<ComponentInfo> All { get; } = [Storage, Metrics, Admission, Users, Dns, Gateway, Desktop, Launchpad, Gvisor];

    /// <summary>One of them, or null.</summary>
    public static ComponentInfo? Find(string name) => All.FirstOrDefault(c => c.Name == name);
}
