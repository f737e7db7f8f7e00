using System.Globalization;
using Sealos.Kinds;
using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>The annotations by which a Deployment and its ReplicaSets know each other's revision and size.</summary>
internal static class Revisions
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const int MaxHistoryLength = 2000;

    private static readonly string[] NotCopied =
        ["kubectl.kubernetes.io/last-applied-configuration", Revision, History, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to"];

    public static long Of(IKubeObject obj) => Number(obj, Revision) ?? 0;

    public static long Newest(IEnumerable<ReplicaSet> sets) => sets.Select(Of).DefaultIfEmpty(0).Max();

    /// <summary>The number an annotation holds, or null.</summary>
    public static long? Number(IKubeObject obj, string annotation) =>
        obj.Metadata.Annotations is { } all && all.TryGetValue(annotation, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether an annotation of a Deployment is passed on to its ReplicaSets.</summary>
    public static bool IsCopied(string annotation) => !NotCopied.Contains(annotation);

    /// <summary>
    /// The annotations the new set should have: the Deployment's own, the revision after <paramref name="newestOld"/>, and,
    /// when a set of old becomes the new one again, its former revisions.
    /// </summary>
    public static Dictionary<string, string> ForNewSet(Deployment deployment, IReadOnlyDictionary<string, string>? known, long newestOld)
    {
        var annotations = known is null ? [] : new Dictionary<string, string>(known);
        foreach (var (key, value) in deployment.Metadata.Annotations ?? [])
        {
            if (IsCopied(key))
            {
                annotations[key] = value;
            }
        }

        var former = annotations.GetValueOrDefault(Revision);
        if (!long.TryParse(former, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) || revision <= newestOld)
        {
            annotations[Revision] = Text(newestOld + 1);
            if (!string.IsNullOrEmpty(former))
            {
                annotations[History] = Append(annotations.GetValueOrDefault(History), former);
            }
        }

        return annotations;
    }

    /// <summary>Sets what the Deployment's size was when a set was last scaled with it.</summary>
    public static void SetSizes(Dictionary<string, string> annotations, RolloutTarget target)
    {
        annotations[DesiredReplicas] = Text(target.Replicas);
        annotations[MaxReplicas] = Text(target.Replicas + target.MaxSurge);
    }

    private static string Append(string? history, string revision)
    {
        var all = string.IsNullOrEmpty(history) ? revision : $"{history},{revision}";
        while (all.Length > MaxHistoryLength && all.Contains(','))
        {
            all = all[(all.IndexOf(',') + 1)..];
        }

        return all;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
