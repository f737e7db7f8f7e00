using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>Jobs run pods until enough of them have ended well.</summary>
public sealed class JobTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Lasting = $$"""{"name":"c","image":"{{CloudFixture.Hello}}"}""";

    private string Jobs => $"/apis/batch/v1/namespaces/{Namespace}/jobs";

    [Fact]
    [Upstream("[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]")]
    public async Task Job_PodFailsWithACodeThatEndsAll_FailsEarly()
    {
        await CreateAsync("early", await ShellAsync("exit 3"), """
            "parallelism":2,"completions":4,"podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[3]}}]}
            """);

        var failed = await ConditionAsync("early", "Failed");

        Assert.Equal("PodFailurePolicy", (string?)failed["reason"]);
        Assert.Contains("failed with exit code 3 matching FailJob rule at index 0", (string?)failed["message"], StringComparison.Ordinal);
    }

    [Fact]
    [Upstream("[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition [Conformance]")]
    public async Task Job_PodsEvicted_AreReplacedAndDoNotCount()
    {
        await CreateAsync("evicted", await ShellAsync("until test -f /note/done; do sleep 0.1; done"), """
            "parallelism":2,"completions":2,"completionMode":"Indexed","backoffLimit":0,
            "podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget"}]}]}
            """, """,{"name":"note","configMap":{"name":"note","optional":true}}""");
        await Eventually.TrueAsync("both pods are ready", async () => (await JobAsync("evicted")).At("status.ready") == "2", ct: Ct);
        var first = await PodAsync("evicted", 0);

        (await Api.PostAsync($"{Core}/pods/{first}/eviction", $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{first}}"},"deleteOptions":{"gracePeriodSeconds":0} }""")).Expect(201);
        await GoneAsync($"{Core}/pods/{first}");

        // The other pod sees it and succeeds, so that the evicted one's place need not wait.
        (await Api.PostAsync($"{Core}/configmaps", """{"metadata":{"name":"note"},"data":{"done":""}}""")).Expect(201);

        await ConditionAsync("evicted", "Complete");
        var job = await JobAsync("evicted");
        Assert.Equal(("2", null, "0,1"), (job.At("status.succeeded"), job.At("status.failed"), job.At("status.completedIndexes")));
    }

    [Fact]
    [Upstream("[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]")]
    public async Task IndexedJob_EachPod_KnowsItsIndexAndHasItsHostname()
    {
        await CreateAsync("indexed", await ShellAsync("echo $JOB_COMPLETION_INDEX; cat /etc/hostname"), "\"parallelism\":2,\"completions\":4,\"completionMode\":\"Indexed\"");

        await ConditionAsync("indexed", "Complete");

        Assert.Equal("0-3", (await JobAsync("indexed")).At("status.completedIndexes"));
        for (var i = 0; i < 4; i++)
        {
            var pod = await PodAsync("indexed", i);
            Assert.Equal($"{i}\nindexed-{i}\n", (await Api.GetAsync($"{Core}/pods/{pod}/log")).Expect(200).Text);
        }
    }

    [Fact]
    [Upstream("[sig-apps] Job should delete a job [Conformance]")]
    public async Task Job_Deleted_TakesItsPodsWithIt()
    {
        await CreateAsync("deleted", Lasting, "\"parallelism\":2,\"completions\":4");
        await RunningAsync("deleted", 2);

        (await Api.DeleteAsync($"{Jobs}/deleted", """{"propagationPolicy":"Background"}""")).Expect(200);

        await GoneAsync($"{Jobs}/deleted");
        await Eventually.TrueAsync("its pods are gone", async () => (await PodsAsync("deleted")).Count == 0, ct: Ct);
    }

    [Fact]
    [Upstream("[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]")]
    public async Task Job_Orphan_IsAdopted_AndReleasedWhenItsLabelsGo()
    {
        await CreateAsync("adopting", Lasting, "\"parallelism\":2,\"completions\":4");
        await RunningAsync("adopting", 2);
        var pod = $"{Core}/pods/{(string)(await PodsAsync("adopting"))[0]["metadata"]!["name"]!}";
        var uid = (await JobAsync("adopting")).At("metadata.uid");

        (await Api.PatchAsync(pod, """{"metadata":{"ownerReferences":null}}""")).Expect(200);
        await Eventually.TrueAsync("the pod is adopted", async () => (await Api.GetAsync(pod)).At("metadata.ownerReferences.0.uid") == uid, ct: Ct);
        (await Api.PatchAsync(pod, """{"metadata":{"labels":null}}""")).Expect(200);
        await Eventually.TrueAsync("the pod is released", async () => (await Api.GetAsync(pod)).At("metadata.ownerReferences") is null, ct: Ct);

        await RunningAsync("adopting", 2);
        Assert.Null((await Api.GetAsync(pod)).At("metadata.finalizers"));
    }

    [Fact]
    [Upstream("[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted [Conformance]")]
    public async Task Job_ContainersFailOnce_AreStartedAgainWhereTheyAre()
    {
        var once = await ShellAsync("test -f /data/seen && exit 0; echo > /data/seen; exit 1", "\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/data\"}],");
        await CreateAsync("restarted", once, "\"parallelism\":2,\"completions\":4", """,{"name":"data","emptyDir":{}}""", "OnFailure");

        await ConditionAsync("restarted", "Complete");

        var job = await JobAsync("restarted");
        Assert.Equal(("4", null), (job.At("status.succeeded"), job.At("status.failed")));
        Assert.All(await PodsAsync("restarted"), p => Assert.Equal(1, (int)p["status"]!["containerStatuses"]![0]!["restartCount"]!));
    }

    [Fact]
    [Upstream("[sig-apps] Job should apply changes to a job status [Conformance]")]
    public async Task Status_IsPatchedAndUpdated_ByItsOwnPath()
    {
        await CreateAsync("status", Lasting, "\"parallelism\":2,\"completions\":4");
        await RunningAsync("status", 2);

        var patched = await Api.PatchAsync($"{Jobs}/status/status", """{"metadata":{"annotations":{"by":"patch"}},"status":{"conditions":[{"type":"Custom","status":"True","lastTransitionTime":"2030-01-01T00:00:00Z"}]}}""");
        Assert.Equal(("patch", "2030-01-01T00:00:00Z"), (patched.Expect(200).At("metadata.annotations.by"), patched.At("status.conditions.0.lastTransitionTime")));
        await Eventually.TrueAsync("the status is updated", async () =>
        {
            var read = (await Api.GetAsync($"{Jobs}/status/status")).Expect(200).Json;
            read["status"]!["conditions"]![0]!["lastTransitionTime"] = "2031-01-01T00:00:00Z";
            return (await Api.PutAsync($"{Jobs}/status/status", read.ToJsonString())) is { Code: 200 } updated && updated.At("status.conditions.0.lastTransitionTime") == "2031-01-01T00:00:00Z";
        }, ct: Ct);

        Assert.Equal((await JobAsync("status")).At("metadata.uid"), (await Api.GetAsync($"{Jobs}/status/status")).At("metadata.uid"));
    }

    [Fact]
    [Upstream("[sig-apps] Job should manage the lifecycle of a job [Conformance]")]
    public async Task Job_FromSuspendedToDeleted_DoesAsItIsTold()
    {
        await CreateAsync("lifecycle", await ShellAsync("exit 0"), "\"parallelism\":2,\"completions\":4,\"suspend\":true");
        await ConditionAsync("lifecycle", "Suspended");
        Assert.Empty(await PodsAsync("lifecycle"));

        Assert.Equal("patched", (await Api.PatchAsync($"{Jobs}/lifecycle", """{"metadata":{"labels":{"story":"patched"}}}""", ApiClient.StrategicPatch)).Expect(200).At("metadata.labels.story"));
        var read = (await JobAsync("lifecycle")).Json;
        (read["spec"]!["suspend"], read["metadata"]!["annotations"]) = (false, new JsonObject { ["updated"] = "true" });
        Assert.Equal("true", (await Api.PutAsync($"{Jobs}/lifecycle", read.ToJsonString())).Expect(200).At("metadata.annotations.updated"));
        Assert.Single((await Api.GetAsync("/apis/batch/v1/jobs?labelSelector=story%3Dpatched")).Expect(200).Json["items"]!.AsArray());

        await ConditionAsync("lifecycle", "Complete");
        Assert.Equal("4", (await JobAsync("lifecycle")).At("status.succeeded"));
        (await Api.DeleteAsync($"{Jobs}?labelSelector=story%3Dpatched", """{"propagationPolicy":"Background"}""")).Expect(200);
        await GoneAsync($"{Jobs}/lifecycle");
    }

    [Fact]
    public async Task Kubectl_CreatesWaitsForAndDescribesJobs()
    {
        await Fixture.LoadToolsAsync();
        await KubectlAsync("create", "cronjob", "nightly", $"--image={CloudFixture.Tools}", "--schedule=0 3 * * *", "--", "echo", "done");

        await KubectlAsync("create", "job", "tonight", "--from=cronjob/nightly");
        await KubectlAsync("wait", "--for=condition=complete", "job/tonight", "--timeout=30s");

        Assert.Equal("done\n", await KubectlAsync("logs", "job/tonight"));
        Assert.Contains("Complete   1/1", await KubectlAsync("get", "job", "tonight"), StringComparison.Ordinal);
        var described = await KubectlAsync("describe", "job", "tonight");
        Assert.Contains("Controlled By:    CronJob/nightly", described, StringComparison.Ordinal);
        Assert.Contains("Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed", described, StringComparison.Ordinal);
        Assert.Contains("Job completed", described, StringComparison.Ordinal);
        Assert.Contains("0 3 * * *", await KubectlAsync("get", "cronjob"), StringComparison.Ordinal);
        Assert.Contains("Concurrency Policy:", await KubectlAsync("describe", "cronjob", "nightly"), StringComparison.Ordinal);
        await KubectlAsync("delete", "cronjob", "nightly");
        await Eventually.TrueAsync("its pods are gone", async () => (await PodsAsync("tonight")).Count == 0, ct: Ct);
    }

    private Task<string> KubectlAsync(params string[] arguments) => Cloud.KubectlAsync(["-n", Namespace, .. arguments], Ct).OutputAsync();

    private async Task<string> ShellAsync(string script, string more = "")
    {
        await Fixture.LoadToolsAsync();
        return $$"""{"name":"c","image":"{{CloudFixture.Tools}}",{{more}}"command":["sh","-c",{{System.Text.Json.JsonSerializer.Serialize(script)}}]}""";
    }

    private async Task CreateAsync(string name, string container, string spec, string volumes = "", string restart = "Never")
    {
        if (volumes.Contains("note", StringComparison.Ordinal))
        {
            container = container.Replace("\"command\"", "\"volumeMounts\":[{\"name\":\"note\",\"mountPath\":\"/note\"}],\"command\"", StringComparison.Ordinal);
        }

        (await Api.PostAsync(Jobs, $$"""
            {"metadata":{"name":"{{name}}"},"spec":{{{spec}},"template":{"spec":{"restartPolicy":"{{restart}}","terminationGracePeriodSeconds":0,
             "containers":[{{container}}],"volumes":[{{volumes.TrimStart(',')}}]} } } }
            """)).Expect(201);
    }

    private async Task<ApiAnswer> JobAsync(string name) => (await Api.GetAsync($"{Jobs}/{name}")).Expect(200);

    private Task<JsonObject> ConditionAsync(string job, string type) => Eventually.GetAsync($"job {job} is {type}", async () =>
        (JsonObject?)(await JobAsync(job)).Json["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == type && (string?)c["status"] == "True"), TimeSpan.FromSeconds(60), Ct);

    private async Task<List<JsonNode>> PodsAsync(string job) =>
        [.. (await Api.GetAsync($"{Core}/pods?labelSelector=job-name%3D{job}")).Expect(200).Json["items"]!.AsArray().Select(p => p!)];

    private async Task<string> PodAsync(string job, int index) =>
        (string)(await PodsAsync(job)).Last(p => (string?)p["metadata"]!["annotations"]!["batch.kubernetes.io/job-completion-index"] == $"{index}")["metadata"]!["name"]!;

    private Task RunningAsync(string job, int count) => Eventually.TrueAsync($"{count} pods of job {job} run", async () =>
        (await PodsAsync(job)).Count(p => (string?)p["status"]!["phase"] == "Running") == count, ct: Ct);
}
