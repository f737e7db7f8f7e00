using System.Text.Json.Nodes;
using Sealos.Objects.CustomKinds;

namespace Sealos.Objects.Validation;

/// <summary>What holds for one kind beyond its schema.</summary>
/// <param name="Name">The rule for its names.</param>
/// <param name="Check">What must hold whenever it is written.</param>
/// <param name="Change">What must hold between the new object and the old one.</param>
/// <param name="CheckNew">What must hold when it is created only.</param>
internal sealed record KindRules(
    Func<string, IEnumerable<string>> Name,
    Action<JsonObject, ErrorList>? Check = null,
    Action<JsonObject, JsonObject, ErrorList>? Change = null,
    Action<JsonObject, ErrorList>? CheckNew = null)
{
    /// <summary>What must hold of an update by way of the named subresource, for kinds whose parts have rules of their own.</summary>
    public Action<JsonObject, JsonObject, string, ErrorList>? Part { get; init; }

    private static readonly KindRules Other = new(NameRules.DnsSubdomain);

    private static readonly Dictionary<(string Group, string Kind), KindRules> Table = new()
    {
        [("", "Namespace")] = new(NameRules.DnsLabel, CoreRules.Namespace),
        [("", "Node")] = new(NameRules.DnsSubdomain, CoreRules.Node, CoreRules.NodeChange),
        [("", "Pod")] = new(NameRules.DnsSubdomain, PodRules.Check, PodUpdateRules.Change, PodRules.CheckNew),
        [("", "PodTemplate")] = new(NameRules.DnsSubdomain, (obj, errors) => PodRules.Template(obj["template"] as JsonObject, "template", errors)),
        [("", "ReplicationController")] = new(NameRules.DnsSubdomain, WorkloadRules.ReplicationController),
        [("", "Service")] = new(NameRules.ServiceName, ServiceRules.Check, ServiceRules.Change),
        [("", "Endpoints")] = new(NameRules.DnsSubdomain, EndpointRules.Endpoints),
        [("", "ConfigMap")] = new(NameRules.DnsSubdomain, ConfigRules.ConfigMap, ConfigRules.ConfigMapChange),
        [("", "Secret")] = new(NameRules.DnsSubdomain, ConfigRules.Secret, ConfigRules.SecretChange),
        [("", "Event")] = new(NameRules.DnsSubdomain, CoreRules.Event),
        [("", "PersistentVolumeClaim")] = new(NameRules.DnsSubdomain, StorageRules.Claim, StorageRules.ClaimChange),
        [("", "PersistentVolume")] = new(NameRules.DnsSubdomain, StorageRules.Volume, StorageRules.VolumeChange),
        [("", "ResourceQuota")] = new(NameRules.DnsSubdomain, QuotaRules.Check, QuotaRules.Change),
        [("", "LimitRange")] = new(NameRules.DnsSubdomain, LimitRangeRules.Check),
        [("admissionregistration.k8s.io", "MutatingWebhookConfiguration")] = new(NameRules.DnsSubdomain, WebhookRules.Check),
        [("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")] = new(NameRules.DnsSubdomain, WebhookRules.Check),
        [("apps", "Deployment")] = new(NameRules.DnsSubdomain, WorkloadRules.Deployment, WorkloadRules.SelectorIsImmutable),
        [("apps", "ReplicaSet")] = new(NameRules.DnsSubdomain, WorkloadRules.ReplicaSet, WorkloadRules.SelectorIsImmutable),
        [("apps", "StatefulSet")] = new(NameRules.DnsSubdomain, WorkloadRules.StatefulSet, WorkloadRules.StatefulSetChange),
        [("apps", "DaemonSet")] = new(NameRules.DnsSubdomain, WorkloadRules.DaemonSet, WorkloadRules.SelectorIsImmutable),
        [("apps", "ControllerRevision")] = new(NameRules.DnsSubdomain, WorkloadRules.Revision, WorkloadRules.RevisionChange, WorkloadRules.NewRevision),
        [("batch", "Job")] = new(NameRules.DnsSubdomain, JobRules.Check, JobRules.Change) { Part = JobStatusRules.Part },
        [("batch", "CronJob")] = new(NameRules.DnsSubdomain, CronJobRules.Check, CronJobRules.Change, CronJobRules.CheckNew),
        [("events.k8s.io", "Event")] = new(NameRules.DnsSubdomain, CoreRules.NewEvent),
        [("networking.k8s.io", "Ingress")] = new(NameRules.DnsSubdomain, IngressRules.Check, CheckNew: IngressRules.CheckNew),
        [("networking.k8s.io", "IngressClass")] = new(NameRules.DnsSubdomain, IngressRules.Class, IngressRules.ClassChange),
        [("networking.k8s.io", "NetworkPolicy")] = new(NameRules.DnsSubdomain, NetworkPolicyRules.Check),
        [("discovery.k8s.io", "EndpointSlice")] = new(NameRules.DnsSubdomain, EndpointRules.Slice, EndpointRules.SliceChange),
        [("rbac.authorization.k8s.io", "Role")] = new(NameRules.PathSegment, RbacRules.Role),
        [("rbac.authorization.k8s.io", "ClusterRole")] = new(NameRules.PathSegment, RbacRules.ClusterRole),
        [("rbac.authorization.k8s.io", "RoleBinding")] = new(NameRules.PathSegment, RbacRules.RoleBinding, RbacRules.BindingChange),
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = new(NameRules.PathSegment, RbacRules.ClusterRoleBinding, RbacRules.BindingChange),
        [("certificates.k8s.io", "CertificateSigningRequest")] = new(NameRules.PathSegment, CheckNew: CertificateRules.New) { Part = CertificateRules.Part },
        [("coordination.k8s.io", "Lease")] = new(NameRules.DnsSubdomain, CoreRules.Lease),
        [("policy", "PodDisruptionBudget")] = new(NameRules.DnsSubdomain, PolicyRules.DisruptionBudget) { Part = PolicyRules.DisruptionBudgetPart },
        [("autoscaling", "HorizontalPodAutoscaler")] = new(NameRules.DnsSubdomain, AutoscalerRules.Check) { Part = AutoscalerRules.Part },
        [("autoscaling", "Scale")] = new(NameRules.DnsSubdomain, CoreRules.Scale),
        [("storage.k8s.io", "CSIDriver")] = new(NameRules.DnsSubdomain, CsiRules.Driver, CsiRules.DriverChange),
        [("storage.k8s.io", "CSINode")] = new(NameRules.DnsSubdomain, CsiRules.Node, CsiRules.NodeChange),
        [("storage.k8s.io", "CSIStorageCapacity")] = new(NameRules.DnsSubdomain, CsiRules.Capacity, CsiRules.CapacityChange),
        [("storage.k8s.io", "VolumeAttachment")] = new(NameRules.DnsSubdomain, CsiRules.Attachment, CsiRules.AttachmentChange),
        [("storage.k8s.io", "StorageClass")] = new(NameRules.DnsSubdomain, StorageRules.Class, StorageRules.ClassChange),
        [("node.k8s.io", "RuntimeClass")] = new(NameRules.DnsSubdomain, RuntimeClassRules.Check, RuntimeClassRules.Change),
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = new(NameRules.DnsSubdomain, DefinitionRules.Check, DefinitionRules.Change, DefinitionRules.CheckNew) { Part = DefinitionRules.Part },
        [("scheduling.k8s.io", "PriorityClass")] = new(NameRules.DnsSubdomain, PolicyRules.PriorityClass, PolicyRules.PriorityClassChange),
    };

    public static KindRules For(string group, string kind) => Table.GetValueOrDefault((group, kind)) ?? Other;
}
