using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Which volume suits which claim. Pure.</summary>
internal static class VolumeMatch
{
    private const string Storage = "storage";

    /// <summary>Whether the volume names the claim as its owner, with its uid or without one.</summary>
    public static bool IsBoundTo(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec?.ClaimRef is { } reference && reference.Name == claim.Metadata.Name && reference.Namespace == claim.Metadata.Namespace
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    /// <summary>Why a volume that a claim asks for by name does not suit it, or null.</summary>
    public static string? Mismatch(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Metadata.DeletionTimestamp is not null ? $"the volume is marked for deletion \"{volume.Metadata.Name}\""
            : SizeOf(volume).CompareTo(RequestOf(claim)) < 0 ? "requested PV is too small"
            : StorageNames.ClassOf(volume) != StorageNames.ClassOf(claim) ? "storageClassName does not match"
            : !HasSameMode(volume, claim) ? "incompatible volumeMode"
            : !OffersModes(volume, claim) ? "incompatible accessMode"
            : null;

    /// <summary>
    /// The volume that suits a claim best: the one that is kept for it, else of those that are free the one with the fewest access
    /// modes and then the least room. A claim that waits for its first consumer gets only what is kept for it, unless a node is given.
    /// </summary>
    public static PersistentVolume? FindBest(PersistentVolumeClaim claim, IEnumerable<PersistentVolume> volumes, bool isDelayed, Node? node = null)
    {
        var request = RequestOf(claim);
        PersistentVolume? best = null;
        foreach (var volume in volumes)
        {
            var isKept = IsBoundTo(volume, claim);
            var isOthers = volume.Spec?.ClaimRef is not null && !isKept;
            if (isOthers || volume.Metadata.DeletionTimestamp is not null || SizeOf(volume).CompareTo(request) < 0 || !HasSameMode(volume, claim) || !OffersModes(volume, claim))
            {
                continue;
            }

            if (isKept)
            {
                return node is null || IsReachable(volume, node) ? volume : null;
            }

            if ((node is not null || !isDelayed) && IsFree(volume, claim) && (node is null || IsReachable(volume, node)) && (best is null || Compare(volume, best) < 0))
            {
                best = volume;
            }
        }

        return best;
    }

    /// <summary>Whether a volume can be used on a node.</summary>
    public static bool IsReachable(PersistentVolume volume, Node node) => volume.Spec?.NodeAffinity?.Required is not { } required || NodeAffinities.Matches(required, node);

    public static Quantity SizeOf(PersistentVolume volume) => volume.Spec?.Capacity?.GetValueOrDefault(Storage) ?? default;

    public static Quantity RequestOf(PersistentVolumeClaim claim) => claim.Spec?.Resources?.Requests?.GetValueOrDefault(Storage) ?? default;

    private static bool IsFree(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Status?.Phase == "Available"
        && (claim.Spec?.Selector is not { } selector || LabelSelectors.Matches(selector, volume.Metadata.Labels))
        && StorageNames.ClassOf(volume) == StorageNames.ClassOf(claim);

    private static bool HasSameMode(PersistentVolume volume, PersistentVolumeClaim claim) => (volume.Spec?.VolumeMode ?? "Filesystem") == (claim.Spec?.VolumeMode ?? "Filesystem");

    private static bool OffersModes(PersistentVolume volume, PersistentVolumeClaim claim) =>
        (claim.Spec?.AccessModes ?? []).TrueForAll(m => volume.Spec?.AccessModes?.Contains(m) == true);

    private static int Compare(PersistentVolume one, PersistentVolume other)
    {
        var modes = (one.Spec?.AccessModes?.Distinct().Count() ?? 0).CompareTo(other.Spec?.AccessModes?.Distinct().Count() ?? 0);
        var size = modes != 0 ? modes : SizeOf(one).CompareTo(SizeOf(other));
        return size != 0 ? size : string.CompareOrdinal(one.Metadata.Name, other.Metadata.Name);
    }
}
