using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>Cron jobs start jobs when they are due.</summary>
/// <remarks>
/// Nobody waits for a minute to pass here: a cron job that last ran long ago has a run due at once, and another schedule
/// makes another run due.
/// </remarks>
public sealed class CronJobTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private string Group => $"/apis/batch/v1/namespaces/{Namespace}";

    private string CronJobs => $"{Group}/cronjobs";

    [Fact]
    [Upstream("[sig-apps] CronJob should schedule multiple jobs concurrently [Conformance]")]
    public async Task Allow_StartsTheNextBesideTheLast()
    {
        await StartFirstAsync("Allow");

        await MakeDueAsync("c");

        await Eventually.TrueAsync("two jobs run", async () => (await ActiveAsync("c")).Count == 2, ct: Ct);
        Assert.Equal(2, (await JobsAsync()).Count);
    }

    [Fact]
    [Upstream("[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Slow] [Conformance]")]
    public async Task Forbid_SkipsTheNextWhileTheLastRuns()
    {
        var first = await StartFirstAsync("Forbid");

        await MakeDueAsync("c");

        await Eventually.TrueAsync("the run is skipped", async () =>
            (await Api.GetAsync($"{Core}/events")).Json["items"]!.AsArray().Any(e => (string?)e!["reason"] == "JobAlreadyActive"), ct: Ct);
        Assert.Equal([first], await JobsAsync());
        Assert.Equal([first], await ActiveAsync("c"));
    }

    [Fact]
    [Upstream("[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]")]
    public async Task Replace_EndsTheLastForTheNext()
    {
        var first = await StartFirstAsync("Replace");

        await MakeDueAsync("c");

        await GoneAsync($"{Group}/jobs/{first}");
        await Eventually.TrueAsync("another runs", async () => await ActiveAsync("c") is [var next] && next != first, ct: Ct);
        Assert.Single(await JobsAsync());
    }

    [Fact]
    [Upstream("[sig-apps] CronJob should not schedule jobs when suspended [Slow] [Conformance]")]
    public async Task Suspended_StartsNothingUntilItIsResumed()
    {
        await CreateAsync("suspended", "* * * * *", ",\"suspend\":true");
        await LastRanLongAgoAsync("suspended");
        await CreateAsync("other", "* * * * *");
        await LastRanLongAgoAsync("other");

        await Eventually.TrueAsync("the other starts a job", async () => (await ActiveAsync("other")).Count == 1, ct: Ct);
        Assert.Empty(await ActiveAsync("suspended"));
        Assert.DoesNotContain(await JobsAsync(), j => j.StartsWith("suspended", StringComparison.Ordinal));

        (await Api.PatchAsync($"{CronJobs}/suspended", """{"spec":{"suspend":false}}""")).Expect(200);
        await Eventually.TrueAsync("it starts a job", async () => (await ActiveAsync("suspended")).Count == 1, ct: Ct);
    }

    [Fact]
    [Upstream("[sig-apps] CronJob should support CronJob API operations [Conformance]")]
    public async Task CronJobs_AreCreatedReadChangedAndDeleted()
    {
        var created = await CreateAsync("c", "0 0 1 1 *", labels: ",\"labels\":{\"story\":\"api\"}");
        Assert.Equal(created.At("metadata.uid"), (await Api.GetAsync($"{CronJobs}/c")).Expect(200).At("metadata.uid"));
        foreach (var path in new[] { CronJobs, "/apis/batch/v1/cronjobs" })
        {
            Assert.Single((await Api.GetAsync($"{path}?labelSelector=story%3Dapi")).Expect(200).Json["items"]!.AsArray());
        }

        Assert.Equal("true", (await Api.PatchAsync($"{CronJobs}/c", """{"metadata":{"annotations":{"patched":"true"}}}""")).Expect(200).At("metadata.annotations.patched"));
        var read = (await Api.GetAsync($"{CronJobs}/c")).Json;
        read["metadata"]!["annotations"]!["updated"] = "true";
        Assert.Equal("true", (await Api.PutAsync($"{CronJobs}/c", read.ToJsonString())).Expect(200).At("metadata.annotations.updated"));
        var seen = await Api.GetAsync($"{CronJobs}?watch=true&timeoutSeconds=1&resourceVersion={created.At("metadata.resourceVersion")}");
        Assert.Contains("\"patched\":\"true\"", seen.Expect(200).Text, StringComparison.Ordinal);

        var patched = (await Api.PatchAsync($"{CronJobs}/c/status", """{"metadata":{"annotations":{"status":"patched"}},"status":{"lastScheduleTime":"2030-01-01T00:00:00Z"}}""")).Expect(200);
        Assert.Equal(("patched", "2030-01-01T00:00:00Z"), (patched.At("metadata.annotations.status"), patched.At("status.lastScheduleTime")));
        read = (await Api.GetAsync($"{CronJobs}/c/status")).Json;
        read["status"]!["lastScheduleTime"] = "2031-01-01T00:00:00Z";
        Assert.Equal("2031-01-01T00:00:00Z", (await Api.PutAsync($"{CronJobs}/c/status", read.ToJsonString())).Expect(200).At("status.lastScheduleTime"));

        (await Api.DeleteAsync($"{CronJobs}/c")).Expect(200);
        Assert.Equal(404, (await Api.GetAsync($"{CronJobs}/c")).Code);
        await CreateAsync("d", "0 0 1 1 *", labels: ",\"labels\":{\"story\":\"api\"}");
        (await Api.DeleteAsync($"{CronJobs}?labelSelector=story%3Dapi")).Expect(200);
        Assert.Empty((await Api.GetAsync(CronJobs)).Json["items"]!.AsArray());
    }

    [Fact]
    public async Task TimeZone_SaysWhenARunIsDue()
    {
        // Five and a half hours ahead of UTC, all year.
        var due = DateTimeOffset.UtcNow.AddMinutes(-3).AddHours(5.5);
        await CreateAsync("c", string.Create(CultureInfo.InvariantCulture, $"{due.Minute} {due.Hour} * * *"), ",\"timeZone\":\"Asia/Kolkata\"");
        await LastRanLongAgoAsync("c");

        await Eventually.TrueAsync("a job runs", async () => (await ActiveAsync("c")).Count == 1, ct: Ct);

        var job = (await Api.GetAsync($"{Group}/jobs/{(await JobsAsync())[0]}")).Json;
        Assert.Equal(due.ToString("yyyy-MM-dd'T'HH:mm':00+05:30'", CultureInfo.InvariantCulture), (string?)job["metadata"]!["annotations"]!["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
    }

    private async Task<string> StartFirstAsync(string policy)
    {
        var minute = DateTimeOffset.UtcNow.AddMinutes(-3).Minute;
        await CreateAsync("c", string.Create(CultureInfo.InvariantCulture, $"{minute} * * * *"), $",\"concurrencyPolicy\":\"{policy}\"");
        await LastRanLongAgoAsync("c");
        await Eventually.TrueAsync("a job runs", async () => (await ActiveAsync("c")).Count == 1, ct: Ct);
        return Assert.Single(await JobsAsync());
    }

    private async Task MakeDueAsync(string name) => (await Api.PatchAsync($"{CronJobs}/{name}", """{"spec":{"schedule":"* * * * *"}}""")).Expect(200);

    private async Task LastRanLongAgoAsync(string name)
    {
        var ago = DateTimeOffset.UtcNow.AddHours(-30).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        (await Api.PatchAsync($"{CronJobs}/{name}/status", $$"""{"status":{"lastScheduleTime":"{{ago}}"} }""")).Expect(200);
    }

    private async Task<ApiAnswer> CreateAsync(string name, string schedule, string more = "", string labels = "") => (await Api.PostAsync(CronJobs, $$"""
        {"metadata":{"name":"{{name}}"{{labels}}},"spec":{"schedule":"{{schedule}}"{{more}},
         "jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"}]} } } } } }
        """)).Expect(201);

    private async Task<List<string>> ActiveAsync(string name) =>
        [.. ((await Api.GetAsync($"{CronJobs}/{name}")).Expect(200).Json["status"]?["active"] as JsonArray ?? []).Select(a => (string)a!["name"]!)];

    private async Task<List<string>> JobsAsync() =>
        [.. (await Api.GetAsync($"{Group}/jobs")).Expect(200).Json["items"]!.AsArray().Select(j => (string)j!["metadata"]!["name"]!)];
}
