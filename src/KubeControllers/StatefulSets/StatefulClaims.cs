using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>The claims that a StatefulSet's pods have of their own, and who owns them when. Pure.</summary>
internal static class StatefulClaims
{
    private const string Delete = "Delete";

    public static IReadOnlyList<PersistentVolumeClaim> Templates(StatefulSet set) => set.Spec!.VolumeClaimTemplates ?? [];

    /// <summary>The claims of an ordinal as they should be made.</summary>
    public static IEnumerable<PersistentVolumeClaim> Build(StatefulSet set, int ordinal) => Templates(set).Select(template => new PersistentVolumeClaim
    {
        Metadata = new ObjectMeta
        {
            Name = NameOf(set, template, ordinal),
            Namespace = set.Metadata.Namespace,
            Annotations = template.Metadata.Annotations,
            Labels = Merged(template.Metadata.Labels, set.Spec!.Selector?.MatchLabels),
            OwnerReferences = DeletesWithSet(set) ? [Owners.ControllerReference(set)] : null,
        },
        Spec = template.Spec is null ? null : KubeJson.Clone(template.Spec),
    });

    /// <summary>Puts a pod's claims among its volumes, in place of those of the same names.</summary>
    public static void AddTo(PodSpec spec, StatefulSet set, int ordinal)
    {
        var templates = Templates(set);
        if (templates.Count == 0)
        {
            return;
        }

        var claims = templates.Select(t => new Volume { Name = t.Metadata.Name, PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = NameOf(set, t, ordinal) } });
        spec.Volumes = [.. claims, .. (spec.Volumes ?? []).Where(v => !templates.Any(t => t.Metadata.Name == v.Name))];
    }

    /// <summary>
    /// The owners a claim should have, or null when it has them: the set while it is to go with the set, the pod while it is to go
    /// with the pod, which is once that is surplus. A claim that somebody else controls is left to them.
    /// </summary>
    public static List<OwnerReference>? OwnersFor(PersistentVolumeClaim claim, StatefulSet set, Pod pod)
    {
        var known = claim.Metadata.OwnerReferences ?? [];
        if (known.Exists(r => IsStale<StatefulSet>(r, set) || IsStale<Pod>(r, pod)))
        {
            return null;
        }

        var others = known.Where(r => r.Uid != set.Metadata.Uid && r.Uid != pod.Metadata.Uid).ToList();
        var wanted = new List<OwnerReference>(others);
        if (!others.Exists(r => r.Controller == true))
        {
            var isSurplus = StatefulPods.OrdinalOf(set, pod) is { } ordinal && (ordinal < StatefulPods.FirstOrdinal(set) || ordinal >= StatefulPods.FirstOrdinal(set) + StatefulPods.Replicas(set));
            if (isSurplus && Policy(set)?.WhenScaled == Delete)
            {
                wanted.Add(Owners.ControllerReference(pod));
            }
            else if (DeletesWithSet(set))
            {
                wanted.Add(Owners.ControllerReference(set));
            }
        }

        return wanted.Count == known.Count && wanted.TrueForAll(w => known.Exists(k => k.Uid == w.Uid && k.Controller == w.Controller)) ? null : wanted;
    }

    /// <summary>The pod of a name, now gone, that a claim was to go with; null when there is none.</summary>
    public static OwnerReference? FormerPodOf(PersistentVolumeClaim claim, string pod) => claim.Metadata.OwnerReferences?.Find(r => Owners.IsKind<Pod>(r) && r.Name == pod);

    public static string NameOf(StatefulSet set, PersistentVolumeClaim template, int ordinal) => $"{template.Metadata.Name}-{StatefulPods.NameOf(set, ordinal)}";

    private static StatefulSetPersistentVolumeClaimRetentionPolicy? Policy(StatefulSet set) => set.Spec!.PersistentVolumeClaimRetentionPolicy;

    private static bool DeletesWithSet(StatefulSet set) => Policy(set)?.WhenDeleted == Delete;

    private static bool IsStale<T>(OwnerReference reference, T owner)
        where T : class, IKubeObject<T>, new() =>
        Owners.IsKind<T>(reference) && reference.Name == owner.Metadata.Name && reference.Uid != owner.Metadata.Uid;

    private static Dictionary<string, string>? Merged(Dictionary<string, string>? labels, Dictionary<string, string>? more)
    {
        var merged = new Dictionary<string, string>(labels ?? []);
        foreach (var (key, value) in more ?? [])
        {
            merged[key] = value;
        }

        return merged.Count == 0 ? null : merged;
    }
}
