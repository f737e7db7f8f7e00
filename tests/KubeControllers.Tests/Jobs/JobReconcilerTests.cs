using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class JobReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private const string Finalizer = "batch.kubernetes.io/job-tracking";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Job_PodsSucceed_IsCompleteAndCountedOnce()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns, completions: 3, parallelism: 2), Ct);

        foreach (var pod in await cloud.AwaitActiveAsync(ns, 2))
        {
            Assert.Contains(Finalizer, pod.Metadata.Finalizers!);
            await cloud.EndAsync(pod, 0);
        }

        await cloud.EndAsync(Assert.Single(await cloud.AwaitActiveAsync(ns, 1)), 0);

        await EventuallyAsync(async () =>
        {
            var job = await cloud.GetAsync(ns);
            Assert.True(job.Has("Complete", "CompletionsReached"));
            Assert.True(job.Has("SuccessCriteriaMet", "CompletionsReached"));
            Assert.Equal((3, null, null, 0, 0), (job.Status!.Succeeded, job.Status.Failed, job.Status.Active, job.Status.Ready, job.Status.Terminating));
            Assert.NotNull(job.Status.CompletionTime);
        });
        Assert.All(await cloud.ListAsync<Pod>(ns), p => Assert.Null(p.Metadata.Finalizers));
        await EventuallyAsync(async () => Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "Completed", Message: "Job completed", InvolvedObject.Kind: "Job" }));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_Indexed_GivesEachPodItsPlace()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns, completions: 3, parallelism: 2, isIndexed: true), Ct);

        var first = (await cloud.AwaitActiveAsync(ns, 2)).OrderBy(p => p.Metadata.Name).ToList();
        Assert.Equal(["0", "1"], first.Select(p => p.Metadata.Annotations!["batch.kubernetes.io/job-completion-index"]));
        Assert.Equal(["0", "1"], first.Select(p => p.Metadata.Labels!["batch.kubernetes.io/job-completion-index"]));
        Assert.Equal(["work-0", "work-1"], first.Select(p => p.Spec!.Hostname));
        Assert.StartsWith("work-0-", first[0].Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("metadata.labels['batch.kubernetes.io/job-completion-index']", Assert.Single(first[0].Spec!.Containers![0].Env!).ValueFrom!.FieldRef!.FieldPath);
        await cloud.EndAsync(first[1], 0);

        await EventuallyAsync(async () => Assert.Equal(("1", 1), ((await cloud.GetAsync(ns)).Status!.CompletedIndexes, (await cloud.GetAsync(ns)).Status!.Succeeded)));
        foreach (var pod in await cloud.AwaitActiveAsync(ns, 2))
        {
            await cloud.EndAsync(pod, 0);
        }

        await EventuallyAsync(async () => Assert.True((await cloud.GetAsync(ns)).Has("Complete")));
        Assert.Equal("0-2", (await cloud.GetAsync(ns)).Status!.CompletedIndexes);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_PodFailsBeyondItsLimit_FailsAndEndsTheOthers()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns, completions: 4, parallelism: 2);
        wanted.Spec!.BackoffLimit = 0;
        await cloud.Client.CreateAsync(wanted, Ct);

        await cloud.EndAsync((await cloud.AwaitActiveAsync(ns, 2))[0], 1);

        await EventuallyAsync(async () =>
        {
            var job = await cloud.GetAsync(ns);
            Assert.True(job.Has("FailureTarget", "BackoffLimitExceeded"));
            Assert.True(job.Has("Failed", "BackoffLimitExceeded"));
            Assert.Equal((2, null, null), (job.Status!.Failed, job.Status.Active, job.Status.CompletionTime));
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Type: "Warning", Reason: "BackoffLimitExceeded", Message: "Job has reached the specified backoff limit" });
        });
        Assert.Single(await cloud.ListAsync<Pod>(ns));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_RuleSaysFailJob_FailsAndTellsWhichPod()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns);
        wanted.Spec!.PodFailurePolicy = new PodFailurePolicy { Rules = [new PodFailurePolicyRule { Action = "FailJob", OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "In", Values = [42] } }] };
        await cloud.Client.CreateAsync(wanted, Ct);
        var pod = Assert.Single(await cloud.AwaitActiveAsync(ns, 1));

        await cloud.EndAsync(pod, 42);

        await EventuallyAsync(async () => Assert.Equal(
            $"Container main for pod {ns}/{pod.Metadata.Name} failed with exit code 42 matching FailJob rule at index 0",
            (await cloud.GetAsync(ns)).Status?.Conditions?.Find(c => c.Type == "Failed")?.Message));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_IndexFailsForGood_LetsTheOthersFinish()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns, completions: 2, parallelism: 2, isIndexed: true);
        wanted.Spec!.BackoffLimitPerIndex = 0;
        await cloud.Client.CreateAsync(wanted, Ct);
        var pods = (await cloud.AwaitActiveAsync(ns, 2)).OrderBy(p => p.Metadata.Name).ToList();
        Assert.Equal("0", pods[0].Metadata.Annotations!["batch.kubernetes.io/job-index-failure-count"]);

        await cloud.EndAsync(pods[0], 1);
        await EventuallyAsync(async () => Assert.Equal("0", (await cloud.GetAsync(ns)).Status!.FailedIndexes));
        await cloud.EndAsync(pods[1], 0);

        await EventuallyAsync(async () =>
        {
            var job = await cloud.GetAsync(ns);
            Assert.True(job.Has("Failed", "FailedIndexes"));
            Assert.Equal(("1", "0", 1, 1), (job.Status!.CompletedIndexes, job.Status.FailedIndexes, job.Status.Succeeded, job.Status.Failed));
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_SuccessRuleMet_EndsTheOtherPods()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns, completions: 3, parallelism: 3, isIndexed: true);
        wanted.Spec!.SuccessPolicy = new SuccessPolicy { Rules = [new SuccessPolicyRule { SucceededIndexes = "1" }] };
        await cloud.Client.CreateAsync(wanted, Ct);
        var pods = await cloud.AwaitActiveAsync(ns, 3);

        await cloud.EndAsync(pods.Find(p => p.Spec!.Hostname == "work-1")!, 0);

        await EventuallyAsync(async () =>
        {
            var job = await cloud.GetAsync(ns);
            Assert.True(job.Has("SuccessCriteriaMet", "SuccessPolicy"));
            Assert.True(job.Has("Complete", "SuccessPolicy"));
            Assert.Equal((1, null), (job.Status!.Succeeded, job.Status.Failed));
        });
        Assert.Single(await cloud.ListAsync<Pod>(ns));
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_SuspendedAndResumed_StopsAndStartsAgain()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns, completions: 2, parallelism: 2), Ct);
        await cloud.AwaitActiveAsync(ns, 2);

        await SuspendAsync(ns, true);
        await EventuallyAsync(async () =>
        {
            var job = await cloud.GetAsync(ns);
            Assert.True(job.Has("Suspended", "JobSuspended"));
            Assert.Equal((null, null), (job.Status!.Active, job.Status.Failed));
            Assert.Empty(await cloud.ListAsync<Pod>(ns));
        });
        await SuspendAsync(ns, false);

        await cloud.AwaitActiveAsync(ns, 2);
        await EventuallyAsync(async () =>
        {
            Assert.Contains((await cloud.GetAsync(ns)).Status!.Conditions!, c => c is { Type: "Suspended", Status: "False", Reason: "JobResumed" });
            Assert.Equal(["Resumed", "Suspended"], (await cloud.ListAsync<Event>(ns)).Select(e => e.Reason!).Where(r => r is "Suspended" or "Resumed").Order());
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_DeadlinePasses_Fails()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns);
        wanted.Spec!.ActiveDeadlineSeconds = 1;
        await cloud.Client.CreateAsync(wanted, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.True((await cloud.GetAsync(ns)).Has("Failed", "DeadlineExceeded"));
            Assert.Empty(await cloud.ListAsync<Pod>(ns));
        });
    }

    [Fact]
    public async Task Job_KeptForNoTime_IsDeletedWithItsPodsWhenItEnds()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns);
        wanted.Spec!.TtlSecondsAfterFinished = 0;
        await cloud.Client.CreateAsync(wanted, Ct);

        await cloud.EndAsync(Assert.Single(await cloud.AwaitActiveAsync(ns, 1)), 0);

        await EventuallyAsync(async () =>
        {
            Assert.Null(await cloud.Client.FindAsync<Job>(ns, "work", Ct));
            Assert.Empty(await cloud.ListAsync<Pod>(ns));
        });
    }

    [Theory]
    [InlineData("Background", 0)]
    [InlineData("Foreground", 0)]
    [InlineData("Orphan", 2)]
    [InlineData(null, 2)]
    public async Task Job_Deleted_LetsGoOfItsPods(string? propagation, int left)
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns, completions: 2, parallelism: 2), Ct);
        await cloud.AwaitActiveAsync(ns, 2);

        await cloud.Client.DeleteAsync<Job>(ns, "work", propagation is null ? null : new DeleteOptions { PropagationPolicy = propagation }, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Null(await cloud.Client.FindAsync<Job>(ns, "work", Ct));
            var pods = await cloud.ListAsync<Pod>(ns);
            Assert.Equal(left, pods.Count);
            Assert.All(pods, p => Assert.Equal((null, null), (p.Metadata.Finalizers, p.Metadata.OwnerReferences)));
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_OrphanThatMatches_IsAdoptedAndOneThatDoesNotIsReleased()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns), Ct);
        var pod = Assert.Single(await cloud.AwaitActiveAsync(ns, 1));
        var labels = pod.Metadata.Labels!;

        await RelabelAsync(pod, labels.ToDictionary(l => l.Key, _ => (string?)null));
        await EventuallyAsync(async () =>
        {
            var released = await cloud.Client.GetAsync<Pod>(ns, pod.Metadata.Name!, Ct);
            Assert.Equal((null, null), (released.Metadata.OwnerReferences, released.Metadata.Finalizers));
        });
        await RelabelAsync(pod, labels.ToDictionary(l => l.Key, l => (string?)l.Value));

        await EventuallyAsync(async () =>
        {
            var adopted = await cloud.Client.FindAsync<Pod>(ns, pod.Metadata.Name!, Ct);
            Assert.True(adopted is null || adopted.Metadata.OwnerReferences is [{ Kind: "Job", Controller: true }] || adopted.Metadata.DeletionTimestamp is not null);
            Assert.Single(await cloud.ActiveAsync(ns));
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task Job_ManagedByOthers_IsLeftAlone()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = Workload.Job(ns);
        wanted.Spec!.ManagedBy = "example.com/queue";
        await cloud.Client.CreateAsync(wanted, Ct);

        await cloud.AssertQuietAsync();
        Assert.Empty(await cloud.ListAsync<Pod>(ns));
        Assert.Null((await cloud.GetAsync(ns)).Status?.StartTime);
    }

    [Fact]
    public async Task Job_ManyPods_AreEachCountedOnce()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(Workload.Job(ns, completions: 60, parallelism: 60), Ct);

        await Parallel.ForEachAsync(await cloud.AwaitActiveAsync(ns, 60), Ct, async (pod, _) => await cloud.EndAsync(pod, 0));

        await EventuallyAsync(async () => Assert.True((await cloud.GetAsync(ns)).Has("Complete")));
        Assert.Equal(60, (await cloud.GetAsync(ns)).Status!.Succeeded);
        await cloud.AssertQuietAsync();
        Assert.Equal(60, (await cloud.ListAsync<Pod>(ns)).Count);
    }

    private Task SuspendAsync(string ns, bool suspend) =>
        cloud.Client.PatchAsync<Job>(ns, "work", new JsonObject { ["spec"] = new JsonObject { ["suspend"] = suspend } }, null, Ct);

    private async Task RelabelAsync(Pod pod, Dictionary<string, string?> labels)
    {
        var patch = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        await cloud.Client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = patch } }, null, Ct);
    }
}
