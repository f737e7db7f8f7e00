using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Jobs;

/// <summary>Jobs to start from, and what their pods come to.</summary>
internal static class Workload
{
    public static Job Job(string ns, int? completions = 1, int parallelism = 1, bool isIndexed = false) => new()
    {
        Metadata = new ObjectMeta { Name = "work", Namespace = ns },
        Spec = new JobSpec { Completions = completions, Parallelism = parallelism, CompletionMode = isIndexed ? "Indexed" : null, Template = Template() },
    };

    public static PodTemplateSpec Template()
    {
        var spec = Make.PodSpec();
        spec.RestartPolicy = "Never";
        return new PodTemplateSpec { Spec = spec };
    }

    /// <summary>Ends a pod as a node agent would.</summary>
    public static async Task EndAsync(this TestCloud cloud, Pod pod, int exitCode, params PodCondition[] conditions)
    {
        var ct = TestContext.Current.CancellationToken;
        await TestCloud.EventuallyAsync(async () =>
        {
            var now = await cloud.Client.GetAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, ct);
            var status = KubeJson.Clone(now.Status!);
            status.Phase = exitCode == 0 ? "Succeeded" : "Failed";
            status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != "Ready"), .. conditions];
            status.ContainerStatuses = [Ended("main", exitCode)];
            await cloud.Client.UpdateStatusAsync(new Pod { Metadata = now.Metadata, Spec = now.Spec, Status = status }, ct);
        });
    }

    public static ContainerStatus Ended(string name, int exitCode, DateTimeOffset? at = null) => new()
    {
        Name = name,
        State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = exitCode, FinishedAt = at ?? DateTimeOffset.UtcNow } },
    };

    public static async Task<Job> GetAsync(this TestCloud cloud, string ns) =>
        await cloud.Client.GetAsync<Job>(ns, "work", TestContext.Current.CancellationToken);

    /// <summary>The job's pods that have neither ended nor been told to.</summary>
    public static async Task<List<Pod>> ActiveAsync(this TestCloud cloud, string ns) =>
        (await cloud.ListAsync<Pod>(ns)).FindAll(p => p.Metadata.DeletionTimestamp is null && p.Status?.Phase is "Running");

    public static async Task<List<Pod>> AwaitActiveAsync(this TestCloud cloud, string ns, int count)
    {
        List<Pod> pods = [];
        await TestCloud.EventuallyAsync(async () => Assert.Equal(count, (pods = await cloud.ActiveAsync(ns)).Count));
        return pods;
    }

    public static bool Has(this Job job, string condition, string? reason = null) =>
        job.Status?.Conditions?.Exists(c => c.Type == condition && c.Status == "True" && (reason is null || c.Reason == reason)) == true;
}
