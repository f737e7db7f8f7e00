using System.Net;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>The life of a pod, as its API shows it.</summary>
public sealed class PodsTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string StrategicPatch = "application/strategic-merge-patch+json";

    [Fact]
    [Upstream("[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Pods should be updated [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Pods should get a host IP [NodeConformance] [Conformance]")]
    public async Task Pod_IsSeenComingChangingAndGoing()
    {
        var version = (await Api.GetAsync($"{Core}/pods?labelSelector=story=submit")).At("metadata.resourceVersion");
        await StartAsync(new ShellPod("subject", "trap 'exit 0' TERM; while true; do sleep 0.1; done") { Metadata = ""","labels":{"story":"submit","time":"1"}""" });
        Assert.Single((await Api.GetAsync($"{Core}/pods?labelSelector=story=submit")).Json["items"]!.AsArray());
        await PhaseAsync("subject", "Running");
        var running = await PodAsync("subject");
        Assert.True(IPAddress.TryParse(running.At("status.hostIP"), out _));
        Assert.Equal(running.At("status.hostIP"), running.At("status.hostIPs.0.ip"));

        (await Api.PatchAsync(PathOf("subject"), """{"metadata":{"labels":{"time":"2"}}}""", StrategicPatch)).Expect(200);
        Assert.Single((await Api.GetAsync($"{Core}/pods?labelSelector=time=2")).Json["items"]!.AsArray());

        var deleted = await Api.DeleteAsync(PathOf("subject"), """{"gracePeriodSeconds":20}""");
        Assert.Equal("20", deleted.Expect(200).At("metadata.deletionGracePeriodSeconds"));
        await GoneAsync(PathOf("subject"));
        Assert.Empty((await Api.GetAsync($"{Core}/pods?labelSelector=story=submit")).Json["items"]!.AsArray());
        var seen = new List<string>();
        await foreach (var change in Api.WatchAsync($"{Core}/pods?watch=true&labelSelector=story=submit&resourceVersion={version}", cancellationToken: Ct))
        {
            seen.Add((string)change["type"]!);
            if (seen[^1] == "DELETED")
            {
                Assert.NotNull(change["object"]!["metadata"]!["deletionTimestamp"]);
                break;
            }
        }

        Assert.Equal("ADDED", seen[0]);
        Assert.All(seen[1..^1], type => Assert.Equal("MODIFIED", type));
    }

    [Fact]
    [Upstream("[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]")]
    [Upstream("[sig-node] Pods should delete a collection of pods [Conformance]")]
    public async Task Pods_AreEndedByADeadline_ReplacedInPlaceAndDeletedTogether()
    {
        await StartAsync([
            new ShellPod("limited", "sleep 1000"),
            new ShellPod("static", "sleep 1000") { Restart = "Always", Metadata = ""","labels":{"story":"static"}""" },
            .. Enumerable.Range(0, 3).Select(i => new ShellPod($"many-{i}", "sleep 1000") { Metadata = ""","labels":{"story":"many"}""" }),
        ]);
        await PhaseAsync("limited", "Running");
        (await Api.PatchAsync(PathOf("limited"), """{"spec":{"activeDeadlineSeconds":1}}""", StrategicPatch)).Expect(200);

        await PhaseAsync("static", "Running");
        var patch = $$$"""{"metadata":{"labels":{"test-pod":"patched"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{{CloudFixture.Hello}}}","command":["sh"]}]}}""";
        (await Api.PatchAsync(PathOf("static"), patch, StrategicPatch)).Expect(422);
        (await Api.PatchAsync(PathOf("static"), patch.Replace(",\"command\":[\"sh\"]", "", StringComparison.Ordinal), StrategicPatch)).Expect(200);
        var patched = await PodAsync("static");
        Assert.Equal(("patched", CloudFixture.Hello), (patched.At("metadata.labels.test-pod"), patched.At("spec.containers.0.image")));
        await Eventually.TrueAsync("its conditions are set from outside", SetNotReadyAsync, ct: Ct);

        (await Api.DeleteAsync($"{Core}/pods?labelSelector=story in (static,many)", """{"gracePeriodSeconds":1}""")).Expect(200);
        foreach (var pod in new[] { "static", "many-0", "many-1", "many-2" })
        {
            await GoneAsync(PathOf(pod));
        }

        var limited = await EndAsync("limited");
        Assert.Equal(("Failed", "DeadlineExceeded"), (limited.At("status.phase"), limited.At("status.reason")));
    }

    [Fact]
    [Upstream("[sig-node] Pods should patch a pod status [Conformance]")]
    public async Task Status_IsPatchedByItsOwnPath_AndTheNodesOwnComesBack()
    {
        await StartAsync(new ShellPod("subject", "sleep 1000") { Restart = "Always" });
        await UntilAsync("subject", "is ready", p => IsTrue(p, "Ready"));
        var patched = await Api.PatchAsync($"{PathOf("subject")}/status", """{"metadata":{"annotations":{"by":"patch"}},"status":{"message":"Patched by a story","reason":"Story"}}""");
        Assert.Equal(("patch", "Patched by a story", "Story"), (patched.Expect(200).At("metadata.annotations.by"), patched.At("status.message"), patched.At("status.reason")));
    }

    [Fact]
    [Upstream("[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]")]
    public async Task QualityOfService_IsOfRequestsAndLimits()
    {
        (string Resources, string Class)[] cases =
        [
            ("""{"requests":{"cpu":"100m","memory":"100Mi"},"limits":{"cpu":"100m","memory":"100Mi"}}""", "Guaranteed"),
            ("""{"limits":{"cpu":"100m","memory":"100Mi"}}""", "Guaranteed"),
            ("""{"requests":{"cpu":"50m"},"limits":{"cpu":"100m","memory":"100Mi"}}""", "Burstable"),
            ("""{"requests":{"memory":"10Mi"}}""", "Burstable"),
            ("{}", "BestEffort"),
        ];
        foreach (var (resources, quality) in cases)
        {
            var pod = await Api.PostAsync($"{Core}/pods?dryRun=All", $$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{{{resources}}}}]}}""");
            Assert.Equal((resources, quality), (resources, pod.Expect(201).At("status.qosClass")));
        }
    }

    [Fact]
    [Upstream("[sig-node] Pods should contain environment variables for services [NodeConformance] [Conformance]")]
    public async Task Environment_HoldsTheServicesOfTheNamespace()
    {
        var service = await Api.PostAsync($"{Core}/services", """{"metadata":{"name":"fooservice"},"spec":{"ports":[{"port":8765,"targetPort":8080}],"selector":{"name":"server"}}}""");
        var address = service.Expect(201).At("spec.clusterIP");
        var attempt = 0;

        // A pod may start before the node has heard of the service; the next one has it.
        await Eventually.TrueAsync("a pod that knows the service", async () =>
        {
            var name = $"client-{attempt++}";
            await StartAsync(new ShellPod(name, "env"));
            var said = (await OutputAsync(name)).Split('\n');
            return new[]
            {
                $"FOOSERVICE_SERVICE_HOST={address}", "FOOSERVICE_SERVICE_PORT=8765", $"FOOSERVICE_PORT=tcp://{address}:8765", "FOOSERVICE_PORT_8765_TCP_PORT=8765",
                "FOOSERVICE_PORT_8765_TCP_PROTO=tcp", $"FOOSERVICE_PORT_8765_TCP=tcp://{address}:8765", $"FOOSERVICE_PORT_8765_TCP_ADDR={address}",
            }.All(said.Contains);
        }, ct: Ct);
    }

    private async Task<bool> SetNotReadyAsync()
    {
        var status = (await Api.GetAsync($"{PathOf("static")}/status")).Expect(200).Json;
        foreach (var condition in status["status"]!["conditions"]!.AsArray().Where(c => (string)c!["type"]! is "Ready" or "ContainersReady"))
        {
            condition!["status"] = "False";
        }

        var updated = await Api.PutAsync($"{PathOf("static")}/status", status.ToJsonString());
        return updated.Code == 200 && !IsTrue(updated, "Ready") && !IsTrue(updated, "ContainersReady");
    }
}
