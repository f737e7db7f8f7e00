namespace Sealos.KubeControllers.Jobs;

/// <summary>The words by which jobs, their pods and their statuses are known.</summary>
internal static class JobNames
{
    /// <summary>Keeps an ended pod until it was counted.</summary>
    public const string Finalizer = "batch.kubernetes.io/job-tracking";

    /// <summary>Annotation and label: which of the job's indexes a pod has.</summary>
    public const string Index = "batch.kubernetes.io/job-completion-index";

    /// <summary>Annotation: how often the index failed before this pod.</summary>
    public const string IndexFailures = "batch.kubernetes.io/job-index-failure-count";

    /// <summary>Annotation: how often it failed in ways that do not count.</summary>
    public const string IndexIgnoredFailures = "batch.kubernetes.io/job-index-ignored-failure-count";

    public const string IndexVariable = "JOB_COMPLETION_INDEX";

    public const string Manager = "kubernetes.io/job-controller";

    public const string Complete = "Complete";

    public const string Failed = "Failed";

    public const string FailureTarget = "FailureTarget";

    public const string SuccessCriteriaMet = "SuccessCriteriaMet";

    public const string Suspended = "Suspended";
}
