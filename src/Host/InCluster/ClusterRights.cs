using System.Text.Json.Nodes;

namespace Sealos.Host.InCluster;

/// <summary>
/// What the services' own account may do in a cluster. Whoever makes users gives rights, so <c>escalate</c> and <c>bind</c> are among them
/// and the account is to be guarded like the operator's: who has its token can become anybody. By its own rules it touches what is named
/// here alone: no pods' shells, no volumes, no nodes.
/// </summary>
internal static class ClusterRights
{
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["get", "list", "watch", "create", "update", "patch", "delete"];

    public static JsonArray Rules() =>
    [
        // Workspaces with their walls, accounts and credentials.
        Rule("", ["namespaces", "serviceaccounts", "secrets", "resourcequotas", "limitranges"], Write),
        Rule("", ["serviceaccounts/token"], "create"),
        Rule("networking.k8s.io", ["networkpolicies"], Write),

        // Roles of workspaces, which hold more than this account has, and the operator's own.
        Rule("rbac.authorization.k8s.io", ["roles", "clusterroles"], [.. Write, "escalate", "bind"]),
        Rule("rbac.authorization.k8s.io", ["rolebindings", "clusterrolebindings"], Write),

        // The services' own kinds, and the finalizers of what they own.
        Rule("apiextensions.k8s.io", ["customresourcedefinitions"], "get", "list", "watch", "create", "update", "patch"),
        Rule("user.sealos.io", ["*"], Write),
        Rule("notification.sealos.io", ["*"], Write),
        Rule("network.sealos.io", ["*"], Write),

        // The webhook keeps its own configurations; others' it may read, as creating cannot be narrowed to a name.
        Rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"], "get", "list", "watch", "create"),
        Named("admissionregistration.k8s.io", ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"], "sealos-tenancy", "update", "patch", "delete"),

        // What is stopped and started again where a workspace is suspended.
        Rule("", ["replicationcontrollers"], "get", "list", "patch"),
        Rule("apps", ["deployments", "statefulsets", "replicasets", "daemonsets"], "get", "list", "patch"),
        Rule("batch", ["jobs", "cronjobs"], "get", "list", "patch"),
        Rule("", ["pods"], "create", "delete"),

        // What walls and rules ask about.
        Rule("", ["nodes", "persistentvolumes", "services", "endpoints", "pods"], Read),
        Rule("scheduling.k8s.io", ["priorityclasses"], [.. Read, "create"]),
        Rule("storage.k8s.io", ["storageclasses"], Read),
        Rule("node.k8s.io", ["runtimeclasses"], Read),

        // The gateway's.
        Rule("discovery.k8s.io", ["endpointslices"], Read),
        Rule("networking.k8s.io", ["ingresses", "ingressclasses"], Read),
        Rule("networking.k8s.io", ["ingresses/status"], "patch", "update"),
        Rule("", ["events"], "list", "watch", "create", "patch"),

        // Who calls the services' API.
        Rule("authentication.k8s.io", ["tokenreviews"], "create"),
    ];

    /// <summary>What it may do in its own namespace alone: settings, who leads, and the label that says so.</summary>
    public static JsonArray OwnRules() =>
    [
        Rule("", ["configmaps"], Write),
        Rule("coordination.k8s.io", ["leases"], "get", "list", "watch", "create", "update", "patch"),
        Rule("", ["pods"], "get", "patch"),
    ];

    private static JsonObject Rule(string group, string[] resources, params string[] verbs) =>
        new() { ["apiGroups"] = new JsonArray(group), ["resources"] = Array(resources), ["verbs"] = Array(verbs) };

    private static JsonObject Named(string group, string[] resources, string name, params string[] verbs)
    {
        var rule = Rule(group, resources, verbs);
        rule["resourceNames"] = new JsonArray(name);
        return rule;
    }

    private static JsonArray Array(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)v)];
}
