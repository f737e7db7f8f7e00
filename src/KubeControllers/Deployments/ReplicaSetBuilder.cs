using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Deployments;

/// <summary>Builds the ReplicaSet of a Deployment's template, and the patches that change one.</summary>
internal static class ReplicaSetBuilder
{
    public static ReplicaSet Build(Rollout rollout)
    {
        var deployment = rollout.Deployment;
        var hash = TemplateHash.Of(deployment.Spec!.Template!, deployment.Status?.CollisionCount);
        var template = KubeJson.Clone(deployment.Spec.Template!);
        template.Metadata ??= new ObjectMeta();
        template.Metadata.Labels = With(template.Metadata.Labels, hash);
        var annotations = Revisions.ForNewSet(deployment, null, Revisions.Newest(rollout.Old));
        Revisions.SetSizes(annotations, rollout.Target);
        var others = rollout.Old.Sum(Rollout.Size);
        return new ReplicaSet
        {
            Metadata = new ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                Namespace = deployment.Metadata.Namespace,
                Labels = template.Metadata.Labels,
                Annotations = annotations,
                OwnerReferences = [Owners.ControllerReference(deployment)],
            },
            Spec = new ReplicaSetSpec
            {
                Replicas = rollout.IsRecreate ? rollout.Target.Replicas : RollingMath.NewSize(rollout.Target, 0, others),
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = new LabelSelector
                {
                    MatchLabels = With(deployment.Spec.Selector?.MatchLabels, hash),
                    MatchExpressions = deployment.Spec.Selector?.MatchExpressions,
                },
                Template = template,
            },
        };
    }

    /// <summary>The patch that gives a set a size and the annotations that go with it; null when it has them.</summary>
    public static JsonObject? ScalePatch(ReplicaSet set, int size, RolloutTarget target)
    {
        var annotations = new Dictionary<string, string>();
        Revisions.SetSizes(annotations, target);
        var isCurrent = Rollout.Size(set) == size && LabelSelectors.Matches(annotations, set.Metadata.Annotations);
        return isCurrent ? null : Patch(set, annotations, new JsonObject { ["replicas"] = size });
    }

    /// <summary>The patch that brings the new set's annotations and minReadySeconds up to date; null when they are.</summary>
    public static JsonObject? RefreshPatch(Rollout rollout)
    {
        var set = rollout.New!;
        var annotations = Revisions.ForNewSet(rollout.Deployment, set.Metadata.Annotations, Revisions.Newest(rollout.Old));
        var minReady = rollout.Deployment.Spec!.MinReadySeconds ?? 0;
        var isCurrent = (set.Spec!.MinReadySeconds ?? 0) == minReady && LabelSelectors.Matches(annotations, set.Metadata.Annotations);
        return isCurrent ? null : Patch(set, annotations, new JsonObject { ["minReadySeconds"] = minReady });
    }

    private static JsonObject Patch(ReplicaSet set, Dictionary<string, string> annotations, JsonObject spec) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["resourceVersion"] = set.Metadata.ResourceVersion,
            ["annotations"] = new JsonObject(annotations.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        },
        ["spec"] = spec,
    };

    private static Dictionary<string, string> With(Dictionary<string, string>? labels, string hash) =>
        new(labels ?? []) { [TemplateHash.Label] = hash };
}
