using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Http;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Strategies;

/// <summary>Which strategy each kind has. A kind that is not listed behaves like most.</summary>
internal sealed class StrategySet(ServiceStrategy services, NamespaceStrategy namespaces, DefinitionStrategy definitions, TimeProvider time)
{
    private static readonly Strategy Plain = new PlainStrategy();

    private readonly FrozenDictionary<(string Group, string Kind), Strategy> _byKind = new Dictionary<(string, string), Strategy>
    {
        [("", "Endpoints")] = new PlainStrategy { CreatesOnPut = true },
        [("", "Event")] = new PlainStrategy { CreatesOnPut = true },
        [("", "LimitRange")] = new PlainStrategy { CreatesOnPut = true },
        [("", "Namespace")] = namespaces,
        [("", "PersistentVolume")] = new VolumeStrategy(time),
        [("", "PersistentVolumeClaim")] = new ClaimStrategy(),
        [("", "Pod")] = new PodStrategy(),
        [("", "PodTemplate")] = new PlainStrategy { CountsGenerations = true, AnswersDeleted = true },

        // Its pods outlived it before there was a garbage collector, and clients still count on that.
        [("", "ReplicationController")] = new PlainStrategy { CountsGenerations = true, ByDefault = Propagation.Orphan },
        [("", "Secret")] = new SecretStrategy(),
        [("", "Service")] = services,
        [("", "ServiceAccount")] = new PlainStrategy { AnswersDeleted = true },
        [("admissionregistration.k8s.io", "MutatingWebhookConfiguration")] = new PlainStrategy { CountsGenerations = true, NeedsRevision = true },
        [("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")] = new PlainStrategy { CountsGenerations = true, NeedsRevision = true },
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = definitions,
        [("apps", "DaemonSet")] = new DaemonSetStrategy(),
        [("apps", "Deployment")] = new PlainStrategy { CountsGenerations = true },
        [("apps", "ReplicaSet")] = new PlainStrategy { CountsGenerations = true },
        [("apps", "StatefulSet")] = new PlainStrategy { CountsGenerations = true },
        [("autoscaling", "HorizontalPodAutoscaler")] = new AutoscalerStrategy(),
        [("batch", "CronJob")] = new PlainStrategy { CountsGenerations = true, WarnsOfNames = true },
        [("batch", "Job")] = new JobStrategy(),
        [("certificates.k8s.io", "CertificateSigningRequest")] = new SigningRequestStrategy(time),
        [("coordination.k8s.io", "Lease")] = new PlainStrategy { CreatesOnPut = true, NeedsRevision = true },
        [("discovery.k8s.io", "EndpointSlice")] = new PlainStrategy { CountsGenerations = true },
        [("events.k8s.io", "Event")] = new PlainStrategy { CreatesOnPut = true },
        [("networking.k8s.io", "Ingress")] = new PlainStrategy { CountsGenerations = true },
        [("networking.k8s.io", "IngressClass")] = new PlainStrategy { CountsGenerations = true },
        [("networking.k8s.io", "NetworkPolicy")] = new PlainStrategy { CountsGenerations = true },
        [("node.k8s.io", "RuntimeClass")] = new PlainStrategy { CreatesOnPut = true, NeedsRevision = true },
        [("policy", "PodDisruptionBudget")] = new PlainStrategy { CountsGenerations = true, NeedsRevision = true },
        [("rbac.authorization.k8s.io", "ClusterRole")] = new PlainStrategy { CreatesOnPut = true },
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = new PlainStrategy { CreatesOnPut = true },
        [("rbac.authorization.k8s.io", "Role")] = new PlainStrategy { CreatesOnPut = true },
        [("rbac.authorization.k8s.io", "RoleBinding")] = new PlainStrategy { CreatesOnPut = true },
        [("storage.k8s.io", "CSIDriver")] = new PlainStrategy { CountsGenerations = true, NeedsRevision = true, AnswersDeleted = true },
        [("storage.k8s.io", "CSINode")] = new PlainStrategy { NeedsRevision = true, AnswersDeleted = true },
        [("storage.k8s.io", "CSIStorageCapacity")] = new PlainStrategy { NeedsRevision = true },
        [("storage.k8s.io", "VolumeAttachment")] = new PlainStrategy { NeedsRevision = true, AnswersDeleted = true },
        [("scheduling.k8s.io", "PriorityClass")] = new PlainStrategy { CountsGenerations = true },
    }.ToFrozenDictionary();

    public Strategy For(KindSchema kind) => _byKind.GetValueOrDefault((kind.Group, kind.Kind), Plain);

    /// <summary>A kind that differs only in these switches.</summary>
    private sealed class PlainStrategy : Strategy
    {
        public bool CountsGenerations { get; init; }

        public bool CreatesOnPut { get; init; }

        public bool NeedsRevision { get; init; }

        public bool AnswersDeleted { get; init; }

        public bool WarnsOfNames { get; init; }

        public Propagation ByDefault { get; init; } = Propagation.Background;

        public override Propagation DefaultPropagation => ByDefault;

        public override bool HasGeneration => CountsGenerations;

        public override bool CreatesOnUpdate => CreatesOnPut;

        public override bool RequiresRevision => NeedsRevision;

        public override bool ReturnsDeleted => AnswersDeleted;

        public override IEnumerable<string> WarningsOnCreate(JsonObject obj) => WarnsOfNames ? JobStrategy.NameWarnings(obj) : [];
    }
}
