using System.Globalization;
using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Builds the pods of jobs, and reads what they say of themselves.</summary>
internal static class JobPods
{
    // The server adds five characters and takes no name longer than a label.
    private const int LongestGenerateName = 58;

    /// <summary>The pod's index, or null when it has none.</summary>
    public static int? IndexOf(Pod pod) => Number(pod, JobNames.Index);

    /// <summary>How often its index failed before it, in ways that count.</summary>
    public static int FailuresBefore(Pod pod) => Number(pod, JobNames.IndexFailures) ?? 0;

    /// <summary>How often its index failed before it, in whatever way.</summary>
    public static int AllFailuresBefore(Pod pod) => FailuresBefore(pod) + IgnoredBefore(pod);

    public static bool IsTracked(Pod pod) => pod.Metadata.Finalizers?.Contains(JobNames.Finalizer) == true;

    /// <summary>Whether a pod counts as failed: also one that goes before it ended, unless the job waits for that.</summary>
    public static bool IsFailed(Pod pod, JobSpec spec) =>
        pod.Status?.Phase == "Failed" || (!ReplacesOnlyFailed(spec) && pod.Metadata.DeletionTimestamp is not null && pod.Status?.Phase != "Succeeded");

    /// <summary>Whether pods are replaced only when they have ended, not while they are going.</summary>
    public static bool ReplacesOnlyFailed(JobSpec spec) => spec.PodReplacementPolicy == "Failed" || spec.PodFailurePolicy is not null;

    /// <summary>A pod of a job whose pods are all alike.</summary>
    public static Pod Build(Job job) => Build(job, job.Spec!.Template!, job.Metadata.Name + "-");

    /// <summary>The pod of an index; <paramref name="replaced"/> is the failed one whose place it takes.</summary>
    public static Pod Build(Job job, int index, Pod? replaced)
    {
        var template = KubeJson.Clone(job.Spec!.Template!);
        var text = index.ToString(CultureInfo.InvariantCulture);
        template.Metadata ??= new ObjectMeta();
        (template.Metadata.Annotations ??= [])[JobNames.Index] = text;
        (template.Metadata.Labels ??= [])[JobNames.Index] = text;
        template.Spec!.Hostname = $"{job.Metadata.Name}-{text}";
        foreach (var container in (template.Spec.InitContainers ?? []).Concat(template.Spec.Containers ?? []))
        {
            AddIndexVariable(container);
        }

        if (job.Spec.BackoffLimitPerIndex is not null)
        {
            AnnotateFailures(template.Metadata.Annotations, job.Spec, replaced);
        }

        return Build(job, template, GenerateName(job.Metadata.Name!, text));
    }

    private static Pod Build(Job job, PodTemplateSpec template, string generateName) => new()
    {
        Metadata = new ObjectMeta
        {
            GenerateName = generateName,
            Namespace = job.Metadata.Namespace,
            Labels = template.Metadata?.Labels,
            Annotations = template.Metadata?.Annotations,
            Finalizers = [.. (template.Metadata?.Finalizers ?? []).Where(f => f != JobNames.Finalizer), JobNames.Finalizer],
            OwnerReferences = [Owners.ControllerReference(job)],
        },
        Spec = template.Spec,
    };

    private static string GenerateName(string job, string index)
    {
        var suffix = $"-{index}-";
        return (job.Length + suffix.Length > LongestGenerateName ? job[..(LongestGenerateName - suffix.Length)] : job) + suffix;
    }

    private static void AddIndexVariable(Container container)
    {
        container.Env ??= [];
        if (!container.Env.Exists(v => v.Name == JobNames.IndexVariable))
        {
            container.Env.Add(new EnvVar { Name = JobNames.IndexVariable, ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = $"metadata.labels['{JobNames.Index}']" } } });
        }
    }

    private static void AnnotateFailures(Dictionary<string, string> annotations, JobSpec spec, Pod? replaced)
    {
        var (counted, ignored) = replaced is null ? (0, 0) : (FailuresBefore(replaced), IgnoredBefore(replaced));
        if (replaced is not null)
        {
            _ = FailurePolicy.Judge(spec.PodFailurePolicy, replaced).Counts ? counted++ : ignored++;
        }

        annotations[JobNames.IndexFailures] = counted.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0)
        {
            annotations[JobNames.IndexIgnoredFailures] = ignored.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static int IgnoredBefore(Pod pod) => Number(pod, JobNames.IndexIgnoredFailures) ?? 0;

    private static int? Number(Pod pod, string annotation) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(annotation, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
