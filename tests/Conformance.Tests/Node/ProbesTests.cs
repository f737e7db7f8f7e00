using System.Globalization;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Whether containers are ready and alive. All pods of the story start together, since each must be watched for a while.</summary>
public sealed class ProbesTests(CloudFixture fixture) : PodStory(fixture)
{
    private const int InitialDelay = 4;

    // A health service over HTTP/2 with its one answer: settings, their acknowledgement, status 200, SERVING, grpc-status 0. It waits
    // for the caller's preface and settings first; the call is the first one on its connection, so the answer is known beforehand.
    private const string GrpcServer = """
        cat > /tmp/answer <<'END'
        #!/bin/sh
        head -c 120 > /dev/null
        printf '\000\000\000\004\000\000\000\000\000'
        printf '\000\000\000\004\001\000\000\000\000'
        printf '\000\000\024\001\004\000\000\000\001\210\017\020\020application/grpc'
        printf '\000\000\007\000\000\000\000\000\001\000\000\000\000\002\010\001'
        printf '\000\000\017\001\005\000\000\000\001\000\013grpc-status\0010'
        exec cat > /dev/null
        END
        busybox chmod +x /tmp/answer
        exec busybox nc -ll -p 5000 -e /tmp/answer
        """;

    [Fact]
    [Upstream("[sig-node] Probing container should be restarted with a exec \"cat /tmp/health\" liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should *not* be restarted with a exec \"cat /tmp/health\" liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should *not* be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should *not* be restarted with a tcp:8080 liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should be restarted with a GRPC liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should *not* be restarted with a GRPC liveness probe [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container should have monotonically increasing restart count [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container with readiness probe should not be ready before initial delay and never restart [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Probing container with readiness probe that fails should never be ready and never restart [NodeConformance] [Conformance]")]
    public async Task Containers_AreRestartedOrUnready_WhenTheirProbesFailAndOnlyThen()
    {
        await StartAsync(
            Shell("exec-fails", "echo ok > /tmp/health; sleep 2; rm /tmp/health; sleep 600", Liveness("""{"exec":{"command":["cat","/tmp/health"]}}""")),
            Shell("exec-holds", "echo ok > /tmp/health; sleep 600", Liveness("""{"exec":{"command":["cat","/tmp/health"]}}""", 5)),
            Shell("grpc-fails", "sleep 600", Liveness("""{"grpc":{"port":2333}}""")),
            Shell("grpc-holds", GrpcServer, Liveness("""{"grpc":{"port":5000}}""", 5)));
        await WebAsync("http-fails", Liveness("""{"httpGet":{"path":"/healthz","port":8081}}"""));
        await WebAsync("http-holds", Liveness("""{"httpGet":{"path":"/healthz","port":8080}}""", 5));
        await WebAsync("tcp-holds", Liveness("""{"tcpSocket":{"port":8080}}""", 5));
        await WebAsync("delayed", $$$""","readinessProbe":{"initialDelaySeconds":{{{InitialDelay}}},"httpGet":{"path":"/","port":8080}}""");
        await WebAsync("never-ready", ""","readinessProbe":{"periodSeconds":1,"exec":{"command":["/none"]}}""");

        // A second restart comes after a pause; by then every other probe has been asked often enough to be believed.
        await IncreasesAsync("http-fails", 2);
        await IncreasesAsync("exec-fails", 1);
        await IncreasesAsync("grpc-fails", 1);
        foreach (var pod in new[] { "exec-holds", "http-holds", "tcp-holds", "grpc-holds", "delayed" })
        {
            var held = await PodAsync(pod);
            Assert.Equal((pod, 0, true), (pod, Restarts(held), IsTrue(held, "Ready")));
        }

        var never = await PodAsync("never-ready");
        Assert.Equal((0, false, "Running"), (Restarts(never), IsTrue(never, "Ready"), never.At("status.phase")));
        Assert.Contains("probe failed", await EventAsync("never-ready", "Unhealthy"), StringComparison.OrdinalIgnoreCase);
        var delayed = await PodAsync("delayed");
        var readyAt = delayed.Json["status"]!["conditions"]!.AsArray().First(c => (string?)c!["type"] == "Ready")!["lastTransitionTime"]!.GetValue<DateTimeOffset>();
        var startedAt = DateTimeOffset.Parse(delayed.At("status.containerStatuses.0.state.running.startedAt")!, CultureInfo.InvariantCulture);
        Assert.True(readyAt - startedAt >= TimeSpan.FromSeconds(InitialDelay), $"started at {startedAt}, ready at {readyAt}");
    }

    // What is to hold may be slow to come up; what is to fail need only fail once.
    private static string Liveness(string probe, int threshold = 1) => $$$""","livenessProbe":{"periodSeconds":1,"timeoutSeconds":5,"failureThreshold":{{{threshold}}},"initialDelaySeconds":1,{{{probe[1..]}}}""";

    private static ShellPod Shell(string name, string script, string more) => new(name, script) { Restart = "Always", Container = more };

    private static int Restarts(ApiAnswer pod) => pod.At("status.containerStatuses.0.restartCount") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : 0;

    private Task WebAsync(string name, string more) => CreateAsync(
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{{CloudFixture.Hello}}}"{{{more}}}}]}}""");

    // Restart counts go up one by one and never back.
    private async Task IncreasesAsync(string name, int count)
    {
        var last = 0;
        await UntilAsync(name, $"has restarted {count} times", pod =>
        {
            var now = Restarts(pod);
            Assert.True(now >= last, $"{name} had restarted {last} times and then {now}");
            last = now;
            return now >= count;
        });
    }
}
