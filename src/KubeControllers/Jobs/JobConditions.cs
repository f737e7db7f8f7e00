using Sealos.Kinds.Batch;

namespace Sealos.KubeControllers.Jobs;

/// <summary>The conditions of jobs.</summary>
internal static class JobConditions
{
    public static JobCondition? Find(Job job, string type) => job.Status?.Conditions?.Find(c => c.Type == type);

    public static bool Is(Job job, string type) => Find(job, type)?.Status == "True";

    /// <summary>The condition with which a job has ended, or null.</summary>
    public static JobCondition? End(Job job) =>
        job.Status?.Conditions?.Find(c => c is { Type: JobNames.Complete or JobNames.Failed, Status: "True" });

    public static bool IsFinished(Job job) => End(job) is not null;

    public static JobCondition New(string type, string reason, string message, DateTimeOffset now, bool isTrue = true) => new()
    {
        Type = type,
        Status = isTrue ? "True" : "False",
        LastProbeTime = now,
        LastTransitionTime = now,
        Reason = reason,
        Message = message,
    };

    /// <summary>Puts a condition into a status; whether that changed anything. What never was is not said to be false.</summary>
    public static bool Set(JobStatus status, JobCondition condition)
    {
        var known = status.Conditions?.FindIndex(c => c.Type == condition.Type) ?? -1;
        if (known < 0)
        {
            if (condition.Status == "True")
            {
                (status.Conditions ??= []).Add(condition);
            }

            return condition.Status == "True";
        }

        var old = status.Conditions![known];
        if (old.Status == condition.Status && old.Reason == condition.Reason && old.Message == condition.Message)
        {
            return false;
        }

        status.Conditions[known] = condition;
        return true;
    }
}
