namespace Sealos.ApiServer.Authorization;

/// <summary>
/// Kubernetes' Node authorizer: a node may do what the role <c>system:node</c> says, but reads only its own Node and pods, and of
/// ConfigMaps, Secrets, volumes and accounts only what its pods refer to. What it may write, the NodeRestriction rule narrows.
/// </summary>
internal sealed class NodeAuthorizer(NodeReferences references, IReadOnlyList<PolicyRule> rules)
{
    private const string LeaseNamespace = "kube-node-lease";

    private static readonly AuthorizationDecision Allowed = new(true, "");
    private static readonly AuthorizationDecision Denied = new(false, "");

    public AuthorizationDecision Authorize(string node, AuthorizationAttributes wish)
    {
        if (node.Length == 0)
        {
            return No($"unknown node for user {GoText.Quote(wish.User.Name)}");
        }

        return (wish.Group, wish.Resource) switch
        {
            ("", "secrets" or "configmaps") => Read(node, wish),
            ("", "persistentvolumeclaims") when wish.Subresource == "status" =>
                wish.Verb is "update" or "patch" ? Related(node, wish) : No("can only get/update/patch this type"),
            ("", "persistentvolumeclaims" or "persistentvolumes") or ("storage.k8s.io", "volumeattachments") => Get(node, wish),
            ("", "serviceaccounts") => CreateToken(node, wish),
            ("coordination.k8s.io", "leases") => Lease(node, wish),
            ("storage.k8s.io", "csinodes") => CsiNode(node, wish),
            ("", "nodes") => Node(node, wish),
            ("", "pods") => Pod(node, wish),
            _ => rules.Any(r => r.Allows(wish)) ? Allowed : Denied,
        };
    }

    private AuthorizationDecision Read(string node, AuthorizationAttributes wish)
    {
        if (wish.Verb is not ("get" or "list" or "watch"))
        {
            return No("can only read resources of this type");
        }

        if (wish.Subresource is { Length: > 0 })
        {
            return No("cannot read subresource");
        }

        // Not so in Kubernetes, which refuses it: a watch of all shows a node those that its pods refer to, so that
        // one stream serves where a kubelet needs one an object.
        if (wish is { Verb: "watch", Namespace: null or "", Name: null or "" })
        {
            return Allowed;
        }

        return string.IsNullOrEmpty(wish.Namespace) ? No("can only read namespaced object of this type") : Related(node, wish);
    }

    private AuthorizationDecision Get(string node, AuthorizationAttributes wish) =>
        wish.Verb != "get" ? No("can only get individual resources of this type")
        : wish.Subresource is { Length: > 0 } ? No("cannot get subresource")
        : Related(node, wish);

    private AuthorizationDecision Related(string node, AuthorizationAttributes wish)
    {
        if (string.IsNullOrEmpty(wish.Name))
        {
            return No("No Object name found");
        }

        return references.IsRelated(node, wish.Resource!, wish.Namespace ?? "", wish.Name)
            ? Allowed
            : No($"no relationship found between node '{node}' and this object");
    }

    private AuthorizationDecision CreateToken(string node, AuthorizationAttributes wish) =>
        wish.Verb != "create" || string.IsNullOrEmpty(wish.Name) ? No("can only create tokens for individual service accounts")
        : wish.Subresource != "token" ? No("can only create token subresource of serviceaccount")
        : Related(node, wish);

    // The name of what is created is not known here; NodeRestriction looks at it.
    private static AuthorizationDecision Lease(string node, AuthorizationAttributes wish) =>
        !IsOwnersVerb(wish) ? No("can only get, create, update, patch, or delete a node lease")
        : wish.Namespace != LeaseNamespace ? No($"can only access leases in the {GoText.Quote(LeaseNamespace)} system namespace")
        : wish.Verb != "create" && wish.Name != node ? No("can only access node lease with the same name as the requesting node")
        : Allowed;

    private static AuthorizationDecision CsiNode(string node, AuthorizationAttributes wish) =>
        !IsOwnersVerb(wish) ? No("can only get, create, update, patch, or delete a CSINode")
        : wish.Subresource is { Length: > 0 } ? No("cannot authorize CSINode subresources")
        : wish.Verb != "create" && wish.Name != node ? No("can only access CSINode with the same name as the requesting node")
        : Allowed;

    private static bool IsOwnersVerb(AuthorizationAttributes wish) => wish.Verb is "get" or "create" or "update" or "patch" or "delete";

    private static AuthorizationDecision Node(string node, AuthorizationAttributes wish) => (wish.Subresource ?? "", wish.Verb) switch
    {
        ("", "create" or "update" or "patch") or ("status", "update" or "patch") => Allowed,
        ("", "get" or "list" or "watch") when wish.Name == node => Allowed,
        ("", "get" or "list" or "watch") => No(string.IsNullOrEmpty(wish.Name)
            ? $"node '{node}' cannot read all nodes, only its own Node object"
            : $"node '{node}' cannot read '{wish.Name}', only its own Node object"),
        _ => Denied,
    };

    private AuthorizationDecision Pod(string node, AuthorizationAttributes wish) => (wish.Subresource ?? "", wish.Verb) switch
    {
        // That a pod is gone is told to whoever asks for it: an agent would else wait for it without end.
        ("", "get") => references.NodeOf(wish.Namespace ?? "", wish.Name ?? "") is null ? Allowed : Related(node, wish),
        ("", "list" or "watch") => wish.Fields.RequiredValue("spec.nodeName") == node ? Allowed
            : wish.Name is { Length: > 0 } ? Related(node, wish)
            : No("can only list/watch pods with spec.nodeName field selector"),
        ("", "create" or "delete") or ("status", "update" or "patch") or ("eviction", "create") => Allowed,
        _ => Denied,
    };

    private static AuthorizationDecision No(string why) => new(false, why);
}
