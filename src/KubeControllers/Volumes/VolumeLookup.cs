using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Finds volumes, claims, classes and the pods that use them, each without looking at all of its kind.</summary>
internal sealed class VolumeLookup
{
    private const string Free = "free";
    private const string Owner = "owner";
    private const string Waiting = "waiting";
    private const string Wanted = "wanted";
    private const string Claims = "claims";
    private static readonly string[] DefaultMarks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

    private readonly Informer<Pod> _pods;

    public VolumeLookup(ControllerContext context)
    {
        Volumes = context.Informer<PersistentVolume>()
            .AddIndex(Free, v => v.Spec?.ClaimRef is null ? [StorageNames.ClassOf(v)] : [])
            .AddIndex(Owner, v => v.Spec?.ClaimRef is { } claim ? [Key(claim.Namespace, claim.Name)] : []);
        AllClaims = context.Informer<PersistentVolumeClaim>()
            .AddIndex(Waiting, c => string.IsNullOrEmpty(c.Spec?.VolumeName) ? [WaitingKey(c)] : [])
            .AddIndex(Wanted, c => c.Spec?.VolumeName is { Length: > 0 } name ? [name] : []);
        Classes = context.Informer<StorageClass>();
        _pods = context.Informer<Pod>().AddIndex(Claims, p => ClaimsOf(p).Select(name => Key(p.Metadata.Namespace, name)));
    }

    public Informer<PersistentVolume> Volumes { get; }

    public Informer<PersistentVolumeClaim> AllClaims { get; }

    public Informer<StorageClass> Classes { get; }

    /// <summary>The names of the claims that a pod uses.</summary>
    public static IEnumerable<string> ClaimsOf(Pod pod) => (pod.Spec?.Volumes ?? []).Select(v => ClaimOf(pod, v)).OfType<string>().Distinct();

    /// <summary>The name of the claim behind a pod's volume, or null.</summary>
    public static string? ClaimOf(Pod pod, Volume volume) =>
        volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : $"{pod.Metadata.Name}-{volume.Name}");

    /// <summary>The volumes that name a claim as their owner.</summary>
    public IReadOnlyList<PersistentVolume> KeptFor(PersistentVolumeClaim claim) => Volumes.ByIndex(Owner, Key(claim.Metadata.Namespace, claim.Metadata.Name));

    /// <summary>The volumes that are kept for a claim, and those of its class that are free.</summary>
    public IEnumerable<PersistentVolume> CandidatesFor(PersistentVolumeClaim claim) =>
        KeptFor(claim).Concat(Volumes.ByIndex(Free, StorageNames.ClassOf(claim)));

    /// <summary>The claims without a volume that name a class.</summary>
    public IReadOnlyList<PersistentVolumeClaim> WaitingFor(string className) => AllClaims.ByIndex(Waiting, "class:" + className);

    /// <summary>The claims without a volume that say nothing of a class.</summary>
    public IReadOnlyList<PersistentVolumeClaim> WaitingForAny() => AllClaims.ByIndex(Waiting, "any");

    /// <summary>The claims that name a volume.</summary>
    public IReadOnlyList<PersistentVolumeClaim> Naming(string volume) => AllClaims.ByIndex(Wanted, volume);

    /// <summary>The pods that use a claim.</summary>
    public IReadOnlyList<Pod> UsersOf(string? ns, string? claim) => _pods.ByIndex(Claims, Key(ns, claim));

    /// <summary>Whether a claim is bound only when a pod that uses it is scheduled.</summary>
    public bool IsDelayed(PersistentVolumeClaim claim) =>
        StorageNames.ClassOf(claim) is { Length: > 0 } name && Classes.Get(null, name)?.VolumeBindingMode == "WaitForFirstConsumer";

    /// <summary>The default class, the newest if there are several, or null.</summary>
    public StorageClass? FindDefault() => Classes.List()
        .Where(c => Array.Exists(DefaultMarks, m => c.Metadata.Annotations?.GetValueOrDefault(m) == "true"))
        .OrderByDescending(c => c.Metadata.CreationTimestamp).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    private static string WaitingKey(PersistentVolumeClaim claim) => StorageNames.SaysClass(claim) ? "class:" + StorageNames.ClassOf(claim) : "any";

    private static string Key(string? ns, string? name) => new ObjectKey(ns, name ?? "").ToString();
}
