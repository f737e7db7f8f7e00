using System.Globalization;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.CronJobs;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.CronJobs;

public sealed class CronTimesTests
{
    [Theory]
    [InlineData("0 * * * *", "10:15", "10:59", null, 0)]
    [InlineData("0 * * * *", "10:15", "11:00", "11:00", 1)]
    [InlineData("0 * * * *", "13:00", "11:00", null, 0)]
    [InlineData("0 * * * *", "10:15", "13:30", "13:00", 3)]
    [InlineData("30 6-16/4 * * 1-5", "06:00", "23:00", "14:30", 5)]
    [InlineData("@every 20m", "10:05", "11:59", "11:45", 5)]
    public void Last_RunsMissed_IsTheLatest(string schedule, string since, string now, string? due, int missed)
    {
        var last = Times(schedule).Last(Job(schedule, At(since)), At(now), withDeadline: true);

        Assert.Equal((due is null ? null : At(due), missed), (last?.Due, last!.Value.Missed));
    }

    [Fact]
    public void Last_Deadline_ForgetsWhatIsTooLongAgo()
    {
        var job = Job("0 * * * *", At("10:15"));
        job.Spec!.StartingDeadlineSeconds = 60;

        Assert.Null(Times("0 * * * *").Last(job, At("13:30"), withDeadline: true)!.Value.Due);
        Assert.Equal(At("13:00"), Times("0 * * * *").Last(job, At("13:00").AddSeconds(59), withDeadline: true)!.Value.Due);
    }

    [Fact]
    public void Last_YearsMissed_IsFoundAtOnce()
    {
        var last = Times("* * * * *").Last(Job("* * * * *", At("10:00").AddYears(-30)), At("10:00").AddSeconds(30), withDeadline: true);

        Assert.Equal(At("10:00"), last?.Due);
        Assert.True(last!.Value.Missed > CronTimes.ManyMissed);
    }

    [Fact]
    public void Last_DayThatNeverComes_IsNone() => Assert.Null(Times("59 23 31 2 *").Last(Job("59 23 31 2 *", At("10:00")), At("12:00"), withDeadline: true));

    [Theory]
    [InlineData("0 * * * *", "10:15", "10:20", 40)]
    [InlineData("0 * * * *", "10:15", "13:30", 30)]
    [InlineData("@every 20m", "10:05", "10:10", 15)]
    public void UntilNext_Schedule_IsAMomentAfterItIsDue(string schedule, string since, string now, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes) + TimeSpan.FromMilliseconds(100), Times(schedule).UntilNext(Job(schedule, At(since)), At(now)));

    [Fact]
    public void Build_JobOfARun_TellsWhenItWasDue()
    {
        var owner = Job("0 * * * *", At("10:00"));
        owner.Spec!.JobTemplate = new JobTemplateSpec { Metadata = new ObjectMeta { Labels = new() { ["a"] = "b" } }, Spec = new JobSpec { Parallelism = 2 } };
        Assert.True(TimeZones.TryFind("Asia/Kolkata", out var zone));

        var job = CronJobObjects.Build(owner, At("11:00"), zone);

        Assert.Equal(("cron-31558260", "2030-01-01T16:30:00+05:30", 2), (job.Metadata.Name, job.Metadata.Annotations!["batch.kubernetes.io/cronjob-scheduled-timestamp"], job.Spec!.Parallelism));
        Assert.Equal("2030-01-01T11:00:00Z", CronJobObjects.Build(owner, At("11:00"), TimeZoneInfo.Utc).Metadata.Annotations!["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
    }

    private static CronTimes Times(string text)
    {
        Assert.True(CronSchedule.TryParse(text, out var schedule, out _));
        return new CronTimes(schedule, TimeZoneInfo.Utc);
    }

    private static CronJob Job(string schedule, DateTimeOffset created) => new()
    {
        Metadata = new ObjectMeta { Name = "cron", Namespace = "ns", Uid = "u", CreationTimestamp = created },
        Spec = new CronJobSpec { Schedule = schedule },
    };

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2030-01-01T{time}:00Z", CultureInfo.InvariantCulture);
}
