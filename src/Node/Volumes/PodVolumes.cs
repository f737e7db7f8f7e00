using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>What is known of one pod's volumes.</summary>
internal sealed class PodVolumes(Pod pod)
{
    /// <summary>Held while the volumes are being made or taken away.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>The pod as the volumes show it.</summary>
    public Pod Pod { get; set; } = pod;

    /// <summary>Where each volume lies; null until all are made.</summary>
    public IReadOnlyDictionary<string, string>? Paths { get; set; }

    /// <summary>When the volumes must be looked at again, however quiet their objects are.</summary>
    public DateTimeOffset? RefreshAt { get; set; }

    /// <summary>Brings the next look forward.</summary>
    public void RefreshBy(DateTimeOffset? moment)
    {
        if (moment is { } m && (RefreshAt is not { } known || m < known))
        {
            RefreshAt = m;
        }
    }

    /// <summary>Whether a newer state of the pod looks the same in its volumes.</summary>
    public bool ShowsSame(Pod newer) =>
        !(Pod.Spec?.Volumes ?? []).Exists(ObjectVolumes.ShowsPod)
        || (IsEqual(Pod.Metadata.Labels, newer.Metadata.Labels) && IsEqual(Pod.Metadata.Annotations, newer.Metadata.Annotations));

    private static bool IsEqual(Dictionary<string, string>? one, Dictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one ?? []).All(p => other!.TryGetValue(p.Key, out var value) && value == p.Value);
}
