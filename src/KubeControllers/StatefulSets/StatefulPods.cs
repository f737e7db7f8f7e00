using System.Globalization;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Pods of a StatefulSet: their names, ordinals and revisions.</summary>
internal static class StatefulPods
{
    public const string RevisionLabel = "controller-revision-hash";
    private const string NameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    public static int FirstOrdinal(StatefulSet set) => set.Spec!.Ordinals?.Start ?? 0;

    public static int Replicas(StatefulSet set) => set.Spec!.Replicas ?? 1;

    public static string NameOf(StatefulSet set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");

    /// <summary>The ordinal in a pod's name, or null when the name is not one the set gives.</summary>
    public static int? OrdinalOf(StatefulSet set, Pod pod)
    {
        var name = pod.Metadata.Name!;
        return name.LastIndexOf('-') is var dash and > 0 && name[..dash] == set.Metadata.Name
            && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) && name == NameOf(set, ordinal) ? ordinal : null;
    }

    public static string? RevisionOf(Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(RevisionLabel);

    /// <summary>The pod of an ordinal, from the template of a revision.</summary>
    public static Pod Build(StatefulSet set, PodTemplateSpec template, string revision, int ordinal)
    {
        var name = NameOf(set, ordinal);
        var spec = template.Spec is null ? new PodSpec() : KubeJson.Clone(template.Spec);
        spec.Hostname = name;
        spec.Subdomain = set.Spec!.ServiceName;
        StatefulClaims.AddTo(spec, set, ordinal);
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                GenerateName = set.Metadata.Name + "-",
                Namespace = set.Metadata.Namespace,
                Annotations = template.Metadata?.Annotations,
                Finalizers = template.Metadata?.Finalizers,
                OwnerReferences = [Owners.ControllerReference(set)],
                Labels = new(template.Metadata?.Labels ?? [])
                {
                    [NameLabel] = name,
                    [IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture),
                    [RevisionLabel] = revision,
                },
            },
            Spec = spec,
        };
    }
}
