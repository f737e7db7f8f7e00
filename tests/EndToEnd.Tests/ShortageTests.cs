using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>The machine runs short of memory, or is shut down: pods go in good order, and come back.</summary>
[Collection(RoughCollection.Name)]
public sealed class ShortageTests(CloudFixture fixture)
{
    private const string UsualThresholds = "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,pid.available<5%";

    // A shell that holds 40 MB.
    private const string Hold = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); while true; do sleep 1000; done";

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MemoryShort_EndsTheGreediestFirst_SaysSo_AndHeals()
    {
        await fixture.LoadToolsAsync();
        await CreateAsync("hoarder", "default", Hold, "");
        await CreateAsync("modest", "default", "sleep 1000000", "\"resources\":{\"requests\":{\"memory\":\"200Mi\"}}");
        await CreateAsync("vital", "kube-system", Hold, "", "\"priorityClassName\":\"system-node-critical\",");

        // A machine that is short of memory whatever it has: no test should bring a real one there.
        await RestartAsync("--eviction", "memory.available<100%");

        await Eventually.TrueAsync("the hoarder is evicted", async () => (await EvictedAsync("default")).Count > 0, TimeSpan.FromSeconds(60), Ct);
        Assert.StartsWith("hoarder-", (await _cloud.EventsAsync("Evicted", Ct))[0], StringComparison.Ordinal);
        Assert.Contains("The node was low on resource: memory.", await _cloud.KubectlAsync(["get", "pods", "-n", "default", "-l", "app=hoarder", "-o", "jsonpath={.items[*].status.message}"], Ct).OutputAsync(), StringComparison.Ordinal);
        await _cloud.UntilEventAsync("EvictionThresholdMet", "node-1", Ct);
        await _cloud.UntilEventAsync("NodeHasInsufficientMemory", "node-1", Ct);
        Assert.Contains("node.kubernetes.io/memory-pressure", await _cloud.KubectlAsync(["get", "node", "node-1", "-o", "jsonpath={.spec.taints[*].key}"], Ct).OutputAsync(), StringComparison.Ordinal);

        await RestartAsync("--eviction", UsualThresholds);
        await _cloud.UntilEventAsync("NodeHasSufficientMemory", "node-1", Ct);
        foreach (var app in (string[])["hoarder", "modest"])
        {
            await _cloud.KubectlAsync(["rollout", "status", "-n", "default", "deployment/" + app, "--timeout=60s"], Ct).OutputAsync();
        }

        Assert.Empty(await EvictedAsync("kube-system"));
        Assert.Equal("0", await _cloud.KubectlAsync(["get", "pods", "-n", "kube-system", "-l", "app=vital", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}"], Ct).OutputAsync());
        await _cloud.KubectlAsync(["delete", "deployment/hoarder", "deployment/modest", "-n", "default"], Ct).OutputAsync();
        await _cloud.KubectlAsync(["delete", "deployment/vital", "-n", "kube-system"], Ct).OutputAsync();
    }

    [Fact]
    public async Task MachineGoesDown_PodsGetTheirTime_VitalOnesLast_AndComeBack()
    {
        const string Systemd = "/run/systemd";
        var tools = Directory.CreateTempSubdirectory("systemctl-");
        var notes = Directory.CreateTempSubdirectory("shutdown-");
        var path = Environment.GetEnvironmentVariable("PATH");
        await fixture.LoadToolsAsync();

        // What systemd would answer on a machine that goes down.
        await File.WriteAllTextAsync(Path.Combine(tools.FullName, "systemctl"), "#!/bin/sh\necho stopping\n", Ct);
        File.SetUnixFileMode(Path.Combine(tools.FullName, "systemctl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Systemd);
        await Command.RunAsync("mount", ["-t", "tmpfs", "systemd", Systemd], ct: Ct).OutputAsync();
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{tools.FullName}:{path}");
            await RestartAsync("--shutdown-grace", "30");
            foreach (var (name, ns, seconds, more) in new[] { ("plain", "default", 2, ""), ("vital", "kube-system", 0, "\"priorityClassName\":\"system-node-critical\",") })
            {
                await CreateAsync(name, ns, $"trap 'echo {name} told >> /notes/all; sleep {seconds}; echo {name} done >> /notes/all; exit 0' TERM; while true; do sleep 0.1; done", "\"volumeMounts\":[{\"name\":\"notes\",\"mountPath\":\"/notes\"}]", $"{more}\"volumes\":[{{\"name\":\"notes\",\"hostPath\":{{\"path\":\"{notes.FullName}\"}}}}],");
            }

            var server = await _cloud.PidAsync("server", Ct);
            Directory.CreateDirectory(Path.Combine(Systemd, "system"));
            LinuxProcess.Terminate(server);
            await Eventually.TrueAsync("the server has ended", () => Task.FromResult(LinuxProcess.Read(server, "cmdline").Length == 0), TimeSpan.FromSeconds(60), Ct);
            Assert.Equal(["plain told", "plain done", "vital told", "vital done"], await File.ReadAllLinesAsync(Path.Combine(notes.FullName, "all"), Ct));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            await Command.RunAsync("umount", [Systemd], ct: CancellationToken.None).OutputAsync();
            tools.Delete(recursive: true);
        }

        await _cloud.UpAsync(Ct, "--shutdown-grace", "0").OutputAsync();
        foreach (var (name, ns) in new[] { ("plain", "default"), ("vital", "kube-system") })
        {
            await _cloud.KubectlAsync(["rollout", "status", "-n", ns, "deployment/" + name, "--timeout=60s"], Ct).OutputAsync();
            Assert.Contains("Terminated: Pod was terminated in response to imminent node shutdown.", await _cloud.KubectlAsync(["get", "pods", "-n", ns, "-l", "app=" + name, "-o", "jsonpath={range .items[*]}{.status.reason}: {.status.message}{end}"], Ct).OutputAsync(), StringComparison.Ordinal);
            await _cloud.KubectlAsync(["delete", "deployment", name, "-n", ns], Ct).OutputAsync();
        }

        await _cloud.UntilEventAsync("NodeNotReady", "node-1", Ct);
        notes.Delete(recursive: true);
    }

    private async Task RestartAsync(params string[] options)
    {
        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        await _cloud.UpAsync(Ct, options).OutputAsync();
    }

    private async Task<IReadOnlyList<string>> EvictedAsync(string ns) =>
        [.. (await _cloud.KubectlAsync(["get", "pods", "-n", ns, "-o", "jsonpath={range .items[?(@.status.reason==\"Evicted\")]}{.metadata.name} {end}"], Ct).OutputAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private async Task CreateAsync(string name, string ns, string script, string container, string spec = "")
    {
        var deployment = $$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}"},"spec":{"selector":{"matchLabels":{"app":"{{{name}}}"} },"template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{
            "terminationGracePeriodSeconds":10,{{{spec}}}"containers":[{"name":"main","image":"{{{CloudFixture.Tools}}}","command":["sh","-c",{{{System.Text.Json.JsonSerializer.Serialize(script)}}}]{{{(container.Length > 0 ? "," + container : "")}}}}] } } } }
            """;
        await _cloud.KubectlAsync(["create", "-n", ns, "-f", "-"], Ct, deployment).OutputAsync();
        await _cloud.KubectlAsync(["rollout", "status", "-n", ns, "deployment/" + name, "--timeout=60s"], Ct).OutputAsync();
    }
}
