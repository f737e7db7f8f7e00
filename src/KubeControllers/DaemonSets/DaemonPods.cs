using System.Globalization;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Nodes;
using Sealos.KubeControllers.ReplicaSets;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>Pods of a DaemonSet: which node each is for, of which revision it is, and what a new one looks like.</summary>
internal static class DaemonPods
{
    public const string HashLabel = "controller-revision-hash";
    private const string GenerationLabel = "pod-template-generation";
    private const string GenerationAnnotation = "deprecated.daemonset.template.generation";
    private const string NodeField = "metadata.name";

    // What is wrong with a node is no reason for a daemon to leave it or to stay away.
    private static readonly (string Key, string Effect)[] Tolerated =
    [
        (NodeTaints.NotReady, "NoExecute"), (NodeTaints.Unreachable, "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), (NodeTaints.Unschedulable, "NoSchedule"),
    ];

    /// <summary>The node a pod runs on or waits for; null when neither says.</summary>
    public static string? NodeOf(Pod pod) => PodState.NodeName(pod)
        ?? pod.Spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms?
            .SelectMany(t => t.MatchFields ?? []).FirstOrDefault(f => f is { Key: NodeField, Operator: "In", Values: [_] })?.Values![0];

    /// <summary>Whether a pod is of the set's template as it is now.</summary>
    public static bool IsUpdated(DaemonSet set, Pod pod, string hash) =>
        pod.Metadata.Labels is { } labels
        && (labels.GetValueOrDefault(HashLabel) == hash || (Generation(set) is { } generation && labels.GetValueOrDefault(GenerationLabel) == generation));

    /// <summary>The template's tolerations and those that every daemon has.</summary>
    public static List<Toleration> Tolerations(PodSpec template)
    {
        List<Toleration> all = [.. template.Tolerations ?? []];
        foreach (var (key, effect) in template.HostNetwork == true ? Tolerated.Append(("node.kubernetes.io/network-unavailable", "NoSchedule")) : Tolerated)
        {
            var at = all.FindIndex(t => t.Key == key && t.Effect == effect && t.Operator == "Exists" && string.IsNullOrEmpty(t.Value));
            var toleration = new Toleration { Key = key, Operator = "Exists", Effect = effect };
            if (at < 0)
            {
                all.Add(toleration);
            }
            else
            {
                all[at] = toleration;
            }
        }

        return all;
    }

    /// <summary>A new pod for a node, which the scheduler binds to it.</summary>
    public static Pod Build(DaemonSet set, string hash, string node)
    {
        var pod = ReplicaPods.Build(set, set.Spec!.Template!);
        pod.Metadata.Labels = new(pod.Metadata.Labels ?? []) { [HashLabel] = hash };
        if (Generation(set) is { } generation)
        {
            pod.Metadata.Labels[GenerationLabel] = generation;
        }

        pod.Spec = pod.Spec is null ? new PodSpec() : KubeJson.Clone(pod.Spec);
        pod.Spec.Tolerations = Tolerations(pod.Spec);
        pod.Spec.Affinity ??= new Affinity();
        pod.Spec.Affinity.NodeAffinity ??= new NodeAffinity();
        pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector
        {
            NodeSelectorTerms = [new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = NodeField, Operator = "In", Values = [node] }] }],
        };
        return pod;
    }

    private static string? Generation(DaemonSet set) =>
        set.Metadata.Annotations?.GetValueOrDefault(GenerationAnnotation) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;
}
