using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Strategies;

/// <summary>Jobs and cron jobs: what the server makes of them when they are written.</summary>
public sealed class JobStrategyTests(ApiServerFixture server)
{
    private const string Template = """{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}""";

    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Job_Created_HasASelectorAndLabelsOfItsOwn()
    {
        var jobs = await JobsAsync();

        var job = (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"j"},"spec":{"template":{{{Template}}}},"status":{"active":4}}""")).Expect(201);

        var uid = job.At("metadata.uid");
        var labels = $$"""{"batch.kubernetes.io/controller-uid":"{{uid}}","batch.kubernetes.io/job-name":"j","controller-uid":"{{uid}}","job-name":"j"}""";
        Assert.Equal(labels, job.At("spec.template.metadata.labels"));
        Assert.Equal(labels, job.At("metadata.labels"));
        Assert.Equal($$$"""{"matchLabels":{"batch.kubernetes.io/controller-uid":"{{{uid}}}"}}""", job.At("spec.selector"));
        Assert.Equal(("1", "1", "1", "6", "NonIndexed", "{}"), (job.At("metadata.generation"), job.At("spec.completions"), job.At("spec.parallelism"), job.At("spec.backoffLimit"), job.At("spec.completionMode"), job.At("status")));
    }

    [Fact]
    public async Task Job_WithLabelsOfItsOwn_KeepsThose()
    {
        var job = (await _admin.PostAsync(await JobsAsync(), $$$"""{"metadata":{"name":"j","labels":{"a":"b"}},"spec":{"template":{{{Template}}}}}""")).Expect(201);

        Assert.Equal("""{"a":"b"}""", job.At("metadata.labels"));
    }

    [Fact]
    public async Task Job_ManualSelector_IsTakenAsItIs()
    {
        var jobs = await JobsAsync();
        const string Labelled = """{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}""";

        var job = (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"j"},"spec":{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},"template":{{{Labelled}}}}}""")).Expect(201);
        var refused = (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"k"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{{{Labelled}}}}}""")).Expect(422);

        Assert.Equal(("""{"a":"b"}""", """{"matchLabels":{"a":"b"}}"""), (job.At("spec.template.metadata.labels"), job.At("spec.selector")));
        Assert.Contains("`selector` not auto-generated", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_DeletedWithoutAWord_WarnsThatItsPodsStay()
    {
        var jobs = await JobsAsync();
        (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"j"},"spec":{"template":{{{Template}}}}}""")).Expect(201);
        (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"k"},"spec":{"template":{{{Template}}}}}""")).Expect(201);

        var deleted = (await _admin.DeleteAsync(jobs + "/j")).Expect(200);
        var told = (await _admin.DeleteAsync(jobs + "/k", """{"propagationPolicy":"Background"}""")).Expect(200);

        Assert.Equal(
            ["299 - \"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning\""],
            deleted.Warnings);
        Assert.Equal("""["orphan"]""", deleted.At("metadata.finalizers"));
        Assert.Empty(told.Warnings);
    }

    [Fact]
    public async Task Job_NameThatIsNoHostname_IsTakenWithAWarning()
    {
        var job = (await _admin.PostAsync(await JobsAsync(), $$$"""{"metadata":{"name":"a.b"},"spec":{"template":{{{Template}}}}}""")).Expect(201);

        Assert.Contains("a DNS label is recommended: [a lowercase RFC 1123 label must", Assert.Single(job.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_StatusWrittenThere_LeavesTheRestAndIsJudged()
    {
        var jobs = await JobsAsync();
        (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"j"},"spec":{"template":{{{Template}}}}}""")).Expect(201);

        var written = (await _admin.PatchAsync(jobs + "/j/status", """{"spec":{"parallelism":9},"status":{"active":1,"startTime":"2030-01-01T00:00:00Z"}}""")).Expect(200);
        var refused = (await _admin.PatchAsync(jobs + "/j/status", """{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""")).Expect(422);

        Assert.Equal(("1", "1", "1"), (written.At("status.active"), written.At("spec.parallelism"), written.At("metadata.generation")));
        Assert.Contains("status.active: Invalid value: 1: active>0 is invalid for finished job", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_Changed_CountsGenerationsAndKeepsItsTemplate()
    {
        var jobs = await JobsAsync();
        (await _admin.PostAsync(jobs, $$$"""{"metadata":{"name":"j"},"spec":{"template":{{{Template}}}}}""")).Expect(201);

        Assert.Equal("2", (await _admin.PatchAsync(jobs + "/j", """{"spec":{"parallelism":3}}""")).Expect(200).At("metadata.generation"));
        Assert.Contains("field is immutable", (await _admin.PatchAsync(jobs + "/j", """{"spec":{"template":{"spec":{"dnsPolicy":"Default"}}}}""")).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CronJob_Created_IsDefaultedAndPrinted()
    {
        var ns = await _admin.NewNamespaceAsync();
        var path = $"/apis/batch/v1/namespaces/{ns}/cronjobs";

        var job = (await _admin.PostAsync(path, """{"metadata":{"name":"c"},"spec":{"schedule":"@hourly","timeZone":"Europe/Berlin","jobTemplate":{"spec":{"template":TEMPLATE}}}}""".Replace("TEMPLATE", Template, StringComparison.Ordinal))).Expect(201);

        Assert.Equal(("Allow", "3", "1", "false"), (job.At("spec.concurrencyPolicy"), job.At("spec.successfulJobsHistoryLimit"), job.At("spec.failedJobsHistoryLimit"), job.At("spec.suspend")));
        var row = (await _admin.GetAsync(path, "application/json;as=Table;v=v1;g=meta.k8s.io")).Expect(200).Json["rows"]![0]!["cells"]!.AsArray();
        Assert.Equal(["c", "@hourly", "Europe/Berlin", "False", "0", "<none>"], row.Take(6).Select(cell => cell!.ToString()));
        Assert.Contains("unknown time zone", (await _admin.PatchAsync(path + "/c", """{"spec":{"timeZone":"Nowhere"}}""")).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_IsAnnounced()
    {
        var resources = (await _admin.GetAsync("/apis/batch/v1")).Expect(200).Json["resources"]!.AsArray();

        Assert.Equal(["cronjobs", "cronjobs/status", "jobs", "jobs/status"], resources.Select(r => (string?)r!["name"]));
        Assert.Contains("\"batch\"", (await _admin.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")).Expect(200).Text, StringComparison.Ordinal);
    }

    private async Task<string> JobsAsync() => $"/apis/batch/v1/namespaces/{await _admin.NewNamespaceAsync()}/jobs";
}
