using System.Globalization;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Jobs;

/// <summary>What a job's rules make of one failed pod.</summary>
/// <param name="Action">The action of the rule that matched, or null.</param>
/// <param name="FailsJob">Why the whole job fails, or null.</param>
internal readonly record struct FailureVerdict(string? Action, string? FailsJob)
{
    /// <summary>Whether the failure counts towards the limits.</summary>
    public bool Counts => Action != "Ignore";
}

/// <summary>A job's rules about failed pods: the first that matches decides.</summary>
internal static class FailurePolicy
{
    public static FailureVerdict Judge(PodFailurePolicy? policy, Pod pod)
    {
        var index = 0;
        foreach (var rule in policy?.Rules ?? [])
        {
            var match = rule.OnExitCodes is { } codes ? Container(pod, codes) is { } container ? OfContainer(pod, container) : null
                : Condition(pod, rule.OnPodConditions ?? []) is { } condition ? $"Pod {pod.Metadata.Namespace}/{pod.Metadata.Name} has condition {condition.Type}"
                : null;
            if (match is not null)
            {
                var why = rule.Action == "FailJob" ? string.Create(CultureInfo.InvariantCulture, $"{match} matching {rule.Action} rule at index {index}") : null;
                return new FailureVerdict(rule.Action, why);
            }

            index++;
        }

        return default;
    }

    private static string OfContainer(Pod pod, ContainerStatus container) =>
        string.Create(CultureInfo.InvariantCulture, $"Container {container.Name} for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} failed with exit code {container.State!.Terminated!.ExitCode}");

    private static ContainerStatus? Container(Pod pod, PodFailurePolicyOnExitCodesRequirement wanted) =>
        (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []).FirstOrDefault(status =>
            status.State?.Terminated?.ExitCode is { } code and not 0
            && (wanted.ContainerName is null || wanted.ContainerName == status.Name)
            && (wanted.Operator == "In") == (wanted.Values ?? []).Contains(code));

    private static PodCondition? Condition(Pod pod, List<PodFailurePolicyOnPodConditionsPattern> patterns) =>
        pod.Status?.Conditions?.Find(c => patterns.Exists(p => p.Type == c.Type && p.Status == c.Status));
}
