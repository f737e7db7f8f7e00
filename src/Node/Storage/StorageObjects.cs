using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Storage;

namespace Sealos.Node.Storage;

/// <summary>The objects by which the API speaks of this node's storage. Pure.</summary>
internal static class StorageObjects
{
    /// <summary>The name of provisioner and driver.</summary>
    public const string DriverName = "volumes.sealos.io";

    /// <summary>The class of claims that name none.</summary>
    public const string DefaultClass = "standard";

    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string Finalizer = "external-provisioner.volume.kubernetes.io/finalizer";

    /// <summary>Marks objects that the storage has made for itself, and which go with it; the definitions of snapshots stay.</summary>
    public const string ComponentLabel = "system.sealos.io/component";
    public const string Component = "storage";

    /// <summary>What the handles of snapshots begin with.</summary>
    public const string SnapshotPrefix = "snapshot-";

    private const string DefaultMark = "storageclass.kubernetes.io/is-default-class";
    private const string Hostname = "kubernetes.io/hostname";

    /// <summary>The classes of every cloud; templates written for Sealos ask for the second by name.</summary>
    public static IReadOnlyList<StorageClass> Classes() => [Class(DefaultClass, isDefault: true), Class("openebs-backup", isDefault: false)];

    /// <summary>The labels of objects that the storage has made for itself.</summary>
    public static Dictionary<string, string> OwnLabels() => new() { [ComponentLabel] = Component };

    public static CSIDriver Driver() => new()
    {
        Metadata = new ObjectMeta { Name = DriverName, Labels = OwnLabels() },
        Spec = new CSIDriverSpec { AttachRequired = false, PodInfoOnMount = false, FsGroupPolicy = "File", VolumeLifecycleModes = ["Persistent"] },
    };

    /// <summary>The name of a claim's volume, and the handle that it has on disk.</summary>
    public static string NameFor(PersistentVolumeClaim claim) => $"pvc-{claim.Metadata.Uid}";

    /// <summary>Whether a volume is one of this driver's.</summary>
    public static bool IsOurs(PersistentVolume volume) => volume.Spec?.Csi?.Driver == DriverName;

    /// <summary>A claim's volume on a node.</summary>
    public static PersistentVolume Volume(PersistentVolumeClaim claim, StorageClass storageClass, string node) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = NameFor(claim),
            Annotations = new Dictionary<string, string> { [ProvisionedBy] = DriverName },
            Finalizers = storageClass.ReclaimPolicy == "Retain" ? null : [Finalizer],
        },
        Spec = new PersistentVolumeSpec
        {
            Capacity = new() { ["storage"] = claim.Spec!.Resources!.Requests!["storage"] },
            AccessModes = claim.Spec.AccessModes,
            VolumeMode = "Filesystem",
            PersistentVolumeReclaimPolicy = storageClass.ReclaimPolicy ?? "Delete",
            StorageClassName = storageClass.Metadata.Name,
            Csi = new CSIPersistentVolumeSource { Driver = DriverName, VolumeHandle = NameFor(claim) },
            ClaimRef = ObjectReferences.To(claim),
            NodeAffinity = new VolumeNodeAffinity
            {
                Required = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = Hostname, Operator = "In", Values = [node] }] }] },
            },
        },
    };

    private static StorageClass Class(string name, bool isDefault) => new()
    {
        Metadata = new ObjectMeta { Name = name, Labels = OwnLabels(), Annotations = isDefault ? new Dictionary<string, string> { [DefaultMark] = "true" } : null },
        Provisioner = DriverName,
        ReclaimPolicy = "Delete",
        AllowVolumeExpansion = true,

        // Made at once: there is one place where volumes can be, and whoever starts a pod need not wait for them.
        VolumeBindingMode = "Immediate",
    };
}
