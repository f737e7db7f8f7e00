using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.KubeControllers_Tests.Jobs;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.CronJobs;

public sealed class CronJobReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CronJob_Due_StartsAJobAndSaysSo()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(CronJob(ns, "@every 1s"), Ct);

        await EventuallyAsync(async () =>
        {
            var cron = await GetAsync(ns);
            var active = Assert.Single(cron.Status?.Active ?? []);
            var job = Assert.Single(await cloud.ListAsync<Job>(ns));
            Assert.Equal(job.Metadata.Uid, active.Uid);
            Assert.Equal(("batch/v1", "Job", job.Metadata.Name), (active.ApiVersion, active.Kind, active.Name));
            Assert.Equal(("CronJob", "cron", true), (job.Metadata.OwnerReferences![0].Kind, job.Metadata.OwnerReferences[0].Name, job.Metadata.OwnerReferences[0].Controller));
            Assert.Equal($"cron-{cron.Status!.LastScheduleTime!.Value.ToUnixTimeSeconds() / 60}", job.Metadata.Name);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == "SuccessfulCreate" && e.Message == $"Created job {job.Metadata.Name}");
        });
        await SuspendAsync(ns);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task CronJob_DueEverySecond_StartsOneJobAMinuteAndThenRests()
    {
        await AwayFromTheNextMinuteAsync();

        // Of one nothing is left once it has run; the other's last job is in the way of its own name.
        var (gone, kept) = (await EverySecondAsync(0), await EverySecondAsync(3));
        await EventuallyAsync(async () => Assert.Empty(await cloud.ListAsync<Job>(gone)));
        await EventuallyAsync(async () => Assert.NotNull(Assert.Single(await cloud.ListAsync<Job>(kept)).Status?.CompletionTime));
        await cloud.AssertQuietAsync();
        var before = ((await GetAsync(gone)).Metadata.ResourceVersion, (await GetAsync(kept)).Metadata.ResourceVersion);

        await Task.Delay(2200, Ct);

        Assert.Equal(before, ((await GetAsync(gone)).Metadata.ResourceVersion, (await GetAsync(kept)).Metadata.ResourceVersion));
        foreach (var ns in new[] { gone, kept })
        {
            Assert.Single(await cloud.ListAsync<Event>(ns), e => e.Reason == "SuccessfulCreate" && e.InvolvedObject!.Kind == "CronJob");
            await SuspendAsync(ns);
        }
    }

    [Fact]
    public async Task CronJob_Suspended_StartsNothing()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = CronJob(ns, "@every 1s");
        wanted.Spec!.Suspend = true;
        await cloud.Client.CreateAsync(wanted, Ct);

        await Task.Delay(1300, Ct);

        Assert.Empty(await cloud.ListAsync<Job>(ns));
    }

    [Fact]
    public async Task CronJob_JobEnds_IsTakenOffTheListAndRemembered()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(CronJob(ns, "0 0 1 1 *"), Ct);
        var job = await StartedAsync(ns, "once");

        await cloud.EndAsync(Assert.Single(await cloud.AwaitActiveAsync(ns, 1)), 0);

        await EventuallyAsync(async () =>
        {
            var done = await cloud.Client.GetAsync<Job>(ns, job.Metadata.Name!, Ct);
            var cron = await GetAsync(ns);
            Assert.Null(cron.Status!.Active);
            Assert.NotNull(done.Status!.CompletionTime);
            Assert.Equal(done.Status.CompletionTime, cron.Status.LastSuccessfulTime);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "SawCompletedJob", Message: "Saw completed job: once, condition: Complete" });
        });
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task CronJob_JobGoesMissing_IsTakenOffTheList()
    {
        var ns = await cloud.NamespaceAsync();
        await cloud.Client.CreateAsync(CronJob(ns, "0 0 1 1 *"), Ct);
        await StartedAsync(ns, "once");

        await cloud.Client.DeleteAsync<Job>(ns, "once", new Sealos.ControllerKit.Client.DeleteOptions { PropagationPolicy = "Background" }, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Null((await GetAsync(ns)).Status!.Active);
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e is { Reason: "MissingJob", Message: "Active job went missing: once" });
        });
        await cloud.AssertQuietAsync();
    }

    [Theory]
    [InlineData("Forbid", "JobAlreadyActive", true)]
    [InlineData("Replace", "SuccessfulDelete", false)]
    [InlineData("Allow", "SuccessfulCreate", true)]
    public async Task CronJob_DueWhileOneRuns_FollowsItsPolicy(string policy, string reason, bool isKept)
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = CronJob(ns, "0 0 1 1 *");
        wanted.Spec!.ConcurrencyPolicy = policy;
        await cloud.Client.CreateAsync(wanted, Ct);
        await StartedAsync(ns, "running");

        await cloud.Client.PatchAsync<CronJob>(ns, "cron", new JsonObject { ["spec"] = new JsonObject { ["schedule"] = "@every 1s" } }, null, Ct);

        await EventuallyAsync(async () =>
        {
            Assert.Contains(await cloud.ListAsync<Event>(ns), e => e.Reason == reason && e.InvolvedObject!.Kind == "CronJob");
            Assert.Equal(isKept, await cloud.Client.FindAsync<Job>(ns, "running", Ct) is not null);
        });
        await SuspendAsync(ns);
    }

    [Fact]
    public async Task CronJob_ManyEndedJobs_KeepsTheLast()
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = CronJob(ns, "0 0 1 1 *");
        wanted.Spec!.SuccessfulJobsHistoryLimit = 1;
        wanted.Spec.FailedJobsHistoryLimit = 0;
        var owner = await cloud.Client.CreateAsync(wanted, Ct);

        foreach (var (name, exitCode) in new[] { ("a", 0), ("b", 0), ("c", 1) })
        {
            await cloud.Client.CreateAsync(Run(owner, name), Ct);
            await EventuallyAsync(async () => Assert.Contains(await cloud.ActiveAsync(ns), p => p.Metadata.Labels!["job-name"] == name));
            await cloud.EndAsync((await cloud.ActiveAsync(ns)).Find(p => p.Metadata.Labels!["job-name"] == name)!, exitCode);
            await EventuallyAsync(async () => Assert.Empty(await cloud.ActiveAsync(ns)));
        }

        await EventuallyAsync(async () => Assert.True((await cloud.ListAsync<Job>(ns)) is [{ Metadata.Name: "a" or "b" }]));
        await EventuallyAsync(async () => Assert.Single(await cloud.ListAsync<Pod>(ns)));
        await cloud.AssertQuietAsync();
    }

    private async Task<string> EverySecondAsync(int kept)
    {
        var ns = await cloud.NamespaceAsync();
        var wanted = CronJob(ns, "@every 1s");
        wanted.Spec!.SuccessfulJobsHistoryLimit = kept;
        await cloud.Client.CreateAsync(wanted, Ct);
        await cloud.EndAsync(Assert.Single(await cloud.AwaitActiveAsync(ns, 1)), 0);
        return ns;
    }

    private static Task AwayFromTheNextMinuteAsync() => DateTimeOffset.UtcNow.Second > 30 ? Task.Delay(TimeSpan.FromSeconds(60 - DateTimeOffset.UtcNow.Second), Ct) : Task.CompletedTask;

    private async Task<Job> StartedAsync(string ns, string name)
    {
        var owner = await GetAsync(ns);
        var job = await cloud.Client.CreateAsync(Run(owner, name), Ct);
        await EventuallyAsync(async () =>
        {
            var cron = KubeJson.Clone(await GetAsync(ns));
            cron.Status ??= new CronJobStatus();
            cron.Status.Active = [new ObjectReference { ApiVersion = "batch/v1", Kind = "Job", Namespace = ns, Name = name, Uid = job.Metadata.Uid }];
            await cloud.Client.UpdateStatusAsync(cron, Ct);
        });
        return job;
    }

    private static Job Run(CronJob owner, string name)
    {
        var job = Workload.Job(owner.Metadata.Namespace!);
        job.Metadata.Name = name;
        job.Spec!.BackoffLimit = 0;
        job.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = "batch/v1", Kind = "CronJob", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, Controller = true }];
        return job;
    }

    private async Task<CronJob> GetAsync(string ns) => await cloud.Client.GetAsync<CronJob>(ns, "cron", Ct);

    private Task SuspendAsync(string ns) =>
        cloud.Client.PatchAsync<CronJob>(ns, "cron", new JsonObject { ["spec"] = new JsonObject { ["suspend"] = true } }, null, Ct);

    private static CronJob CronJob(string ns, string schedule) => new()
    {
        Metadata = new ObjectMeta { Name = "cron", Namespace = ns },
        Spec = new CronJobSpec { Schedule = schedule, JobTemplate = new JobTemplateSpec { Spec = Workload.Job(ns).Spec } },
    };
}
