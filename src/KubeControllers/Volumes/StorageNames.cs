using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Annotations and finalizers by which whoever binds, provisions and schedules storage speak with each other.</summary>
internal static class StorageNames
{
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";
    public const string OldProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
    public const string ClaimProtection = "kubernetes.io/pvc-protection";
    public const string VolumeProtection = "kubernetes.io/pv-protection";
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>The class a claim asks for; empty for none.</summary>
    public static string ClassOf(PersistentVolumeClaim claim) => claim.Metadata.Annotations?.GetValueOrDefault(OldClass) ?? claim.Spec?.StorageClassName ?? "";

    /// <summary>The class a volume belongs to; empty for none.</summary>
    public static string ClassOf(PersistentVolume volume) => volume.Metadata.Annotations?.GetValueOrDefault(OldClass) ?? volume.Spec?.StorageClassName ?? "";

    /// <summary>Whether a claim says anything of a class, be it that it wants none.</summary>
    public static bool SaysClass(PersistentVolumeClaim claim) => claim.Metadata.Annotations?.ContainsKey(OldClass) == true || claim.Spec?.StorageClassName is not null;

    public static bool Has(Dictionary<string, string>? annotations, string name) => annotations?.ContainsKey(name) == true;
}
