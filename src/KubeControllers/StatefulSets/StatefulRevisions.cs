using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Deployments;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>The revision that pods come from and the one they go to, the same when no update is under way.</summary>
internal sealed record StatefulRevisions(ControllerRevision Current, ControllerRevision Update, int? Collisions)
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    /// <summary>The template as a revision keeps it: a patch that puts it back.</summary>
    public static JsonObject DataOf(PodTemplateSpec template)
    {
        var node = JsonSerializer.SerializeToNode(template, KubeJson.Options)!.AsObject();
        node["$patch"] = "replace";
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = node } };
    }

    public static PodTemplateSpec TemplateOf(ControllerRevision revision)
    {
        var template = revision.Data?["spec"]?["template"]?.DeepClone() as JsonObject ?? [];
        template.Remove("$patch");
        return template.Deserialize<PodTemplateSpec>(KubeJson.Options)!;
    }

    /// <summary>The revision of the set's template as it should be written.</summary>
    public static ControllerRevision Build(StatefulSet set, long number, int? collisions)
    {
        var hash = TemplateHash.Of(set.Spec!.Template!, collisions);
        return new ControllerRevision
        {
            Metadata = new ObjectMeta
            {
                Name = $"{set.Metadata.Name}-{hash}",
                Namespace = set.Metadata.Namespace,
                Labels = new(set.Spec.Selector?.MatchLabels ?? []) { [HashLabel] = hash },
                OwnerReferences = [Owners.ControllerReference(set)],
            },
            Data = DataOf(set.Spec.Template!),
            Revision = number,
        };
    }

    /// <summary>The known revision of the set's template, the newest if several.</summary>
    public static ControllerRevision? Find(StatefulSet set, IEnumerable<ControllerRevision> known)
    {
        var data = DataOf(set.Spec!.Template!);
        return known.Where(r => JsonNode.DeepEquals(r.Data, data)).MaxBy(r => r.Revision ?? 0);
    }

    /// <summary>Revisions that no pod and no status names, beyond the limit, oldest first.</summary>
    public IReadOnlyList<ControllerRevision> Outdated(StatefulSet set, IEnumerable<ControllerRevision> known, IEnumerable<Pod> pods)
    {
        var used = pods.Select(StatefulPods.RevisionOf).Append(Current.Metadata.Name).Append(Update.Metadata.Name).ToHashSet();
        var unused = known.Where(r => !used.Contains(r.Metadata.Name)).OrderBy(r => r.Revision ?? 0).ToList();
        return [.. unused.Take(Math.Max(0, unused.Count - (set.Spec!.RevisionHistoryLimit ?? 10)))];
    }
}
