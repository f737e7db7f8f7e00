namespace Sealos.OsServices.Admission.Rules;

/// <summary>The kinds that people make in workspaces. Not here: what the kernel writes all the time, such as leases, events and states.</summary>
internal static class WorkspaceKinds
{
    /// <summary>Created and changed by people, and by controllers in proportion to that.</summary>
    public static IReadOnlyList<RuleScope> Written { get; } =
    [
        Scope("", "pods", "pods/ephemeralcontainers", "pods/resize", "services", "configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims", "podtemplates", "replicationcontrollers", "replicationcontrollers/scale"),
        Scope("apps", "deployments", "deployments/scale", "statefulsets", "statefulsets/scale", "daemonsets", "replicasets", "replicasets/scale"),
        Scope("batch", "jobs", "cronjobs"),
        Scope("autoscaling", "horizontalpodautoscalers"),
        Scope("networking.k8s.io", "ingresses", "networkpolicies"),
        Scope("policy", "poddisruptionbudgets"),
        Scope("rbac.authorization.k8s.io", "roles", "rolebindings"),
        Scope("snapshot.storage.k8s.io", "volumesnapshots"),
        .. OwnGroups.Select(g => Scope(g, "*")),
    ];

    /// <summary>Groups of the cloud's own kinds, and of those that stand for services of it.</summary>
    private static IReadOnlyList<string> OwnGroups =>
        ["app.sealos.io", "devbox.sealos.io", "objectstorage.sealos.io", "terminal.sealos.io", "apps.kubeblocks.io", "dataprotection.kubeblocks.io", "cert-manager.io"];

    private static RuleScope Scope(string group, params string[] resources) => new(Place.Workspaces, "CU", group, resources);
}
