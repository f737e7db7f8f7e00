using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>The revision that pods come from and the one they go to, the same when no update is under way.</summary>
internal sealed record StatefulRevisions(ControllerRevision Current, ControllerRevision Update, int? Collisions)
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    public static RevisedTemplate<StatefulSet> Revised(StatefulSet set) => new(set, set.Spec!.Selector!, set.Spec.Template!, HashLabel, set.Status?.CollisionCount);

    public static StatefulRevisions Of(StatefulSet set, KnownRevisions known) =>
        new(known.All.FirstOrDefault(r => r.Metadata.Name == set.Status?.CurrentRevision) ?? known.Update, known.Update, known.Collisions);

    /// <summary>Revisions that no pod and no status names, beyond the limit, oldest first.</summary>
    public IReadOnlyList<ControllerRevision> Outdated(StatefulSet set, IEnumerable<ControllerRevision> known, IEnumerable<Pod> pods)
    {
        var used = pods.Select(StatefulPods.RevisionOf).Append(Current.Metadata.Name).Append(Update.Metadata.Name).ToHashSet();
        return TemplateRevisions.Outdated(known.Where(r => !used.Contains(r.Metadata.Name)), set.Spec!.RevisionHistoryLimit ?? 10);
    }
}
