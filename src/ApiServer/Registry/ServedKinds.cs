using System.Collections.Frozen;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Registry;

/// <summary>
/// What is served, and so what discovery announces. A kind is here only when something acts on its objects or storing
/// them is all there is to do: an API that takes what nobody ever acts on would be a lie.
/// </summary>
/// <param name="StoredAs">The store's folder as group and plural (core kinds: <c>core/…</c>), or null for kinds that are only asked.</param>
/// <param name="Subresources">The subresources that are built.</param>
internal sealed record ServedKinds(string? StoredAs, params string[] Subresources)
{
    private static readonly FrozenDictionary<(string, string), ServedKinds> Table = new Dictionary<(string, string), ServedKinds>
    {
        [("v1", "Binding")] = new((string?)null),
        [("v1", "ComponentStatus")] = new((string?)null),
        [("apiregistration.k8s.io/v1", "APIService")] = new((string?)null),
        [("v1", "ConfigMap")] = new("core/configmaps"),
        [("v1", "Endpoints")] = new("core/endpoints"),
        [("v1", "Event")] = new("core/events"),
        [("v1", "LimitRange")] = new("core/limitranges"),
        [("v1", "Namespace")] = new("core/namespaces", "finalize", "status"),
        [("v1", "Node")] = new("core/nodes", "proxy", "status"),
        [("v1", "PersistentVolume")] = new("core/persistentvolumes", "status"),
        [("v1", "PersistentVolumeClaim")] = new("core/persistentvolumeclaims", "status"),
        [("v1", "Pod")] = new("core/pods", "attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"),
        [("v1", "PodTemplate")] = new("core/podtemplates"),
        [("v1", "ReplicationController")] = new("core/replicationcontrollers", "scale", "status"),
        [("v1", "ResourceQuota")] = new("core/resourcequotas", "status"),
        [("v1", "Secret")] = new("core/secrets"),
        [("v1", "ServiceAccount")] = new("core/serviceaccounts", "token"),
        [("v1", "Service")] = new("core/services", "proxy", "status"),
        [("apps/v1", "ControllerRevision")] = new("apps/controllerrevisions"),
        [("apps/v1", "DaemonSet")] = new("apps/daemonsets", "status"),
        [("apps/v1", "Deployment")] = new("apps/deployments", "scale", "status"),
        [("apps/v1", "ReplicaSet")] = new("apps/replicasets", "scale", "status"),
        [("apps/v1", "StatefulSet")] = new("apps/statefulsets", "scale", "status"),
        [("autoscaling/v1", "HorizontalPodAutoscaler")] = new("autoscaling/horizontalpodautoscalers", "status"),
        [("autoscaling/v2", "HorizontalPodAutoscaler")] = new("autoscaling/horizontalpodautoscalers", "status"),
        [("batch/v1", "CronJob")] = new("batch/cronjobs", "status"),
        [("batch/v1", "Job")] = new("batch/jobs", "status"),
        [("events.k8s.io/v1", "Event")] = new("core/events"),
        [("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")] = new("admissionregistration.k8s.io/mutatingwebhookconfigurations"),
        [("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")] = new("admissionregistration.k8s.io/validatingwebhookconfigurations"),
        [("authentication.k8s.io/v1", "SelfSubjectReview")] = new((string?)null),
        [("authentication.k8s.io/v1", "TokenReview")] = new((string?)null),
        [("authorization.k8s.io/v1", "LocalSubjectAccessReview")] = new((string?)null),
        [("authorization.k8s.io/v1", "SelfSubjectAccessReview")] = new((string?)null),
        [("authorization.k8s.io/v1", "SelfSubjectRulesReview")] = new((string?)null),
        [("authorization.k8s.io/v1", "SubjectAccessReview")] = new((string?)null),
        [("certificates.k8s.io/v1", "CertificateSigningRequest")] = new("certificates.k8s.io/certificatesigningrequests", "approval", "status"),
        [("networking.k8s.io/v1", "IngressClass")] = new("networking.k8s.io/ingressclasses"),
        [("networking.k8s.io/v1", "Ingress")] = new("networking.k8s.io/ingresses", "status"),
        [("networking.k8s.io/v1", "NetworkPolicy")] = new("networking.k8s.io/networkpolicies"),
        [("metrics.k8s.io/v1beta1", "NodeMetrics")] = new((string?)null),
        [("metrics.k8s.io/v1beta1", "PodMetrics")] = new((string?)null),
        [("storage.k8s.io/v1", "CSIDriver")] = new("storage.k8s.io/csidrivers"),
        [("storage.k8s.io/v1", "CSINode")] = new("storage.k8s.io/csinodes"),
        [("storage.k8s.io/v1", "CSIStorageCapacity")] = new("storage.k8s.io/csistoragecapacities"),
        [("storage.k8s.io/v1", "VolumeAttachment")] = new("storage.k8s.io/volumeattachments", "status"),
        [("policy/v1", "PodDisruptionBudget")] = new("policy/poddisruptionbudgets", "status"),
        [("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")] = new("rbac.authorization.k8s.io/clusterrolebindings"),
        [("rbac.authorization.k8s.io/v1", "ClusterRole")] = new("rbac.authorization.k8s.io/clusterroles"),
        [("rbac.authorization.k8s.io/v1", "RoleBinding")] = new("rbac.authorization.k8s.io/rolebindings"),
        [("rbac.authorization.k8s.io/v1", "Role")] = new("rbac.authorization.k8s.io/roles"),
        [("node.k8s.io/v1", "RuntimeClass")] = new("node.k8s.io/runtimeclasses"),
        [("storage.k8s.io/v1", "StorageClass")] = new("storage.k8s.io/storageclasses"),
        [("apiextensions.k8s.io/v1", "CustomResourceDefinition")] = new("apiextensions.k8s.io/customresourcedefinitions", "status"),
        [("scheduling.k8s.io/v1", "PriorityClass")] = new("scheduling.k8s.io/priorityclasses"),
        [("coordination.k8s.io/v1", "Lease")] = new("coordination.k8s.io/leases"),
        [("discovery.k8s.io/v1", "EndpointSlice")] = new("discovery.k8s.io/endpointslices"),
    }.ToFrozenDictionary();

    /// <summary>How a kind is served, or null when it is not.</summary>
    public static ServedKinds? Find(KindSchema kind) => Table.GetValueOrDefault((kind.GroupVersion, kind.Kind));
}
