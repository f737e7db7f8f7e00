using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Printing;

/// <summary>How one kind prints: its columns, and its cells in their order.</summary>
internal sealed record KindPrinter(IReadOnlyList<TableColumn> Columns, Func<JsonObject, DateTimeOffset, JsonNode?[]> Cells);

/// <summary>The printers of all kinds that have their own.</summary>
internal static class KindPrinters
{
    private static readonly KindPrinter Default = new(
        TableColumn.Parse("Name:name|Created At:date"),
        (obj, _) => [Cell.Name(obj), (obj["metadata"] as JsonObject)?["creationTimestamp"]?.DeepClone()]);

    private static readonly Dictionary<(string Group, string Kind), KindPrinter> Table = Build();

    public static KindPrinter For(string group, string kind) => Table.GetValueOrDefault((group, kind), Default);

    private static Dictionary<(string Group, string Kind), KindPrinter> Build()
    {
        var table = new Dictionary<(string, string), KindPrinter>();
        AddCore(table);
        AddWorkloads(table);
        AddNetwork(table);
        AddOthers(table);
        return table;

        static void AddCore(Dictionary<(string, string), KindPrinter> table)
        {
            Add(table, "", "Pod", "Name:name|Ready|Status|Restarts|Age|*IP|*Node|*Nominated Node|*Readiness Gates", PodPrinter.Cells);
            Add(table, "", "Node", "Name:name|Status|Roles|Age|Version|*Internal-IP|*External-IP|*OS-Image|*Kernel-Version|*Container-Runtime", CorePrinters.Node);
            Add(table, "", "Namespace", "Name:name|Status|Age", CorePrinters.Namespace);
            Add(table, "", "Secret", "Name:name|Type|Data|Age", CorePrinters.Secret);
            Add(table, "", "ConfigMap", "Name:name|Data|Age", CorePrinters.ConfigMap);
            Add(table, "", "ServiceAccount", "Name:name|Secrets|Age", CorePrinters.ServiceAccount);
            Add(table, "", "ComponentStatus", "Name:name|Status|Message|Error", CorePrinters.ComponentStatus);
            const string Event = "Last Seen|Type|Reason|Object|*Subobject|*Source|Message|*First Seen|*Count|*Name:name";
            Add(table, "", "Event", Event, CorePrinters.Event);
            Add(table, "events.k8s.io", "Event", Event, CorePrinters.Event);
            Add(table, "", "PersistentVolume", "Name:name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|*VolumeMode", StoragePrinters.Volume);
            Add(table, "", "PersistentVolumeClaim", "Name:name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|*VolumeMode", StoragePrinters.Claim);
            Add(table, "", "ResourceQuota", "Name:name|Age|Request|Limit", PolicyPrinters.Quota);
        }

        static void AddWorkloads(Dictionary<(string, string), KindPrinter> table)
        {
            const string Replicas = "Name:name|Desired:int|Current:int|Ready:int|Age|*Containers|*Images|*Selector";
            Add(table, "apps", "Deployment", "Name:name|Ready|Up-to-date|Available|Age|*Containers|*Images|*Selector", WorkloadPrinters.Deployment);
            Add(table, "apps", "ReplicaSet", Replicas, WorkloadPrinters.ReplicaSet);
            Add(table, "", "ReplicationController", Replicas, WorkloadPrinters.ReplicationController);
            Add(table, "apps", "StatefulSet", "Name:name|Ready|Age|*Containers|*Images", WorkloadPrinters.StatefulSet);
            Add(table, "apps", "DaemonSet", "Name:name|Desired:int|Current:int|Ready:int|Up-to-date:int|Available:int|Node Selector|Age|*Containers|*Images|*Selector", WorkloadPrinters.DaemonSet);
            Add(table, "apps", "ControllerRevision", "Name:name|Controller|Revision|Age", WorkloadPrinters.ControllerRevision);
            Add(table, "batch", "Job", "Name:name|Status|Completions|Duration|Age|*Containers|*Images|*Selector", WorkloadPrinters.Job);
            Add(table, "batch", "CronJob", "Name:name|Schedule|Timezone|Suspend:bool|Active:int|Last Schedule|Age|*Containers|*Images|*Selector", WorkloadPrinters.CronJob);
            Add(table, "", "PodTemplate", "Name:name|Containers|Images|Pod Labels", WorkloadPrinters.PodTemplate);
        }

        static void AddNetwork(Dictionary<(string, string), KindPrinter> table)
        {
            Add(table, "", "Service", "Name:name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector", NetworkPrinters.Service);
            Add(table, "", "Endpoints", "Name:name|Endpoints|Age", NetworkPrinters.Endpoints);
            Add(table, "discovery.k8s.io", "EndpointSlice", "Name:name|AddressType|Ports|Endpoints|Age", NetworkPrinters.EndpointSlice);
            Add(table, "networking.k8s.io", "Ingress", "Name:name|Class|Hosts|Address|Ports|Age", NetworkPrinters.Ingress);
            Add(table, "networking.k8s.io", "IngressClass", "Name:name|Controller|Parameters|Age", NetworkPrinters.IngressClass);
            Add(table, "networking.k8s.io", "NetworkPolicy", "Name:name|Pod-Selector|Age", NetworkPrinters.NetworkPolicy);
        }

        static void AddOthers(Dictionary<(string, string), KindPrinter> table)
        {
            const string Binding = "Name:name|Role|Age|*Users|*Groups|*ServiceAccounts";
            const string Rbac = "rbac.authorization.k8s.io";
            const string Admission = "admissionregistration.k8s.io";
            Add(table, Rbac, "RoleBinding", Binding, PolicyPrinters.Binding);
            Add(table, Rbac, "ClusterRoleBinding", Binding, PolicyPrinters.Binding);
            Add(table, "storage.k8s.io", "StorageClass", "Name:name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age", StoragePrinters.Class);
            Add(table, "storage.k8s.io", "CSIDriver", "Name:name|AttachRequired:bool|PodInfoOnMount:bool|StorageCapacity:bool|TokenRequests|RequiresRepublish:bool|Modes|Age", StoragePrinters.Driver);
            Add(table, "storage.k8s.io", "CSINode", "Name:name|Drivers:int|Age", StoragePrinters.NodeDrivers);
            Add(table, "storage.k8s.io", "VolumeAttachment", "Name:name|Attacher|PV|Node|Attached:bool|Age", StoragePrinters.Attachment);
            Add(table, "autoscaling", "HorizontalPodAutoscaler", "Name:name|Reference|Targets|MinPods|MaxPods|Replicas|Age", AutoscalerPrinter.Cells);
            Add(table, "policy", "PodDisruptionBudget", "Name:name|Min Available|Max Unavailable|Allowed Disruptions:int|Age", PolicyPrinters.DisruptionBudget);
            Add(table, "coordination.k8s.io", "Lease", "Name:name|Holder|Age", PolicyPrinters.Lease);
            Add(table, "scheduling.k8s.io", "PriorityClass", "Name:name|Value:int|Global-Default:bool|Age|PreemptionPolicy", PolicyPrinters.PriorityClass);
            Add(table, "certificates.k8s.io", "CertificateSigningRequest", "Name:name|Age|SignerName|Requestor|RequestedDuration|Condition", PolicyPrinters.SigningRequest);
            Add(table, "node.k8s.io", "RuntimeClass", "Name:name|Handler|Age", PolicyPrinters.RuntimeClass);
            Add(table, Admission, "ValidatingWebhookConfiguration", "Name:name|Webhooks:int|Age", PolicyPrinters.Webhooks);
            Add(table, Admission, "MutatingWebhookConfiguration", "Name:name|Webhooks:int|Age", PolicyPrinters.Webhooks);
            Add(table, Admission, "ValidatingAdmissionPolicy", "Name:name|Validations:int|ParamKind|Age", PolicyPrinters.AdmissionPolicy);
            Add(table, Admission, "ValidatingAdmissionPolicyBinding", "Name:name|PolicyName|ParamRef|Age", PolicyPrinters.AdmissionBinding);
            Add(table, "apiregistration.k8s.io", "APIService", "Name:name|Service|Available|Age", PolicyPrinters.ApiService);
            Add(table, "flowcontrol.apiserver.k8s.io", "FlowSchema", "Name:name|PriorityLevel|MatchingPrecedence|DistinguisherMethod|Age|MissingPL", PolicyPrinters.FlowSchema);
            Add(table, "flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", "Name:name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age", PolicyPrinters.PriorityLevel);
        }
    }

    private static void Add(Dictionary<(string, string), KindPrinter> table, string group, string kind, string columns, Func<JsonObject, DateTimeOffset, JsonNode?[]> cells) =>
        table.Add((group, kind), new KindPrinter(TableColumn.Parse(columns), cells));
}
