using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>
/// What programs in containers cannot do to the machine and to others, with the runtime that all have and with gVisor, and that an
/// app in gVisor is an app like any other.
/// </summary>
[Collection(CloudCollection.Name)]
public sealed class IsolationTests(CloudFixture fixture) : IAsyncLifetime
{
    // Answered by gVisor's own kernel, which has keyrings of its own and ignores that key.
    private static readonly string[] OfGvisorItself = ["keyctl", "sysrq"];

    private static bool _isAdded;
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await fixture.LoadToolsAsync();
        if (_isAdded)
        {
            return;
        }

        // Whoever runs stays as they are when containerd learns of a runtime.
        await RunAsync("before", null, new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        var before = await ContainerAsync("before");
        await _cloud.SealosAsync(["component", "add", "gvisor"], Ct).OutputAsync();
        Assert.Equal("runsc", await KubectlAsync("get", "runtimeclass", "gvisor", "-o", "jsonpath={.handler}"));
        Assert.Equal(before, await ContainerAsync("before"));
        await KubectlAsync("delete", "pod", "before");
        _isAdded = true;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(null)]
    [InlineData("gvisor")]
    public async Task Escape_EveryTry_Fails(string? runtime)
    {
        var name = "captive-" + (runtime ?? "default");
        await RunAsync(name, runtime, new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        await CopyAsync("escape", name);
        var server = await _cloud.PidAsync("server", Ct);

        var tries = (await fixture.ExecAsync(name, "/tmp/escape", server.ToString(CultureInfo.InvariantCulture)).OutputAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(35, tries.Length);
        Assert.Equal([], tries.Where(t => t.EndsWith(" DONE", StringComparison.Ordinal)).Select(t => t.Split(' ')[0]).Except(runtime is null ? [] : OfGvisorItself));
        Assert.True(Directory.Exists($"/proc/{server}"));

        // Processes, mounts and devices are the container's alone.
        var seen = await fixture.ExecAsync(name, "sh", "-c", "cat /proc/version /proc/mounts; ls /dev; ls /proc | grep -c '^[0-9]'").OutputAsync();
        Assert.DoesNotContain(_cloud.DataFolder, seen.Replace("/var/lib/kubelet", "", StringComparison.Ordinal).Split('\n').Where(l => !l.StartsWith("overlay", StringComparison.Ordinal)).Aggregate("", (a, b) => a + b), StringComparison.Ordinal);
        Assert.DoesNotContain("\nvda", seen, StringComparison.Ordinal);
        Assert.InRange(int.Parse(seen.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture), 1, 5);
        Assert.Equal(runtime is null, seen.StartsWith(await File.ReadAllTextAsync("/proc/version", Ct), StringComparison.Ordinal));
        var log = await fixture.ExecAsync(name, "busybox", "dmesg");
        Assert.Equal(runtime is not null, log.Output.Contains("Starting gVisor", StringComparison.Ordinal));
        Assert.Equal(runtime is null, log.Error.Contains("not permitted", StringComparison.Ordinal));

        // Confined without having asked.
        var status = await fixture.ExecAsync(name, "cat", "/proc/1/status").OutputAsync();
        Assert.Contains(runtime is null ? "Seccomp:\t2" : "Seccomp:\t0", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t00000000a00405fb\n", status, StringComparison.Ordinal);
        await KubectlAsync("delete", "pod", name);
    }

    [Fact]
    public async Task Gvisor_Removed_IsRefusedUntilItIsBack()
    {
        await RunAsync("bystander", null, new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        await RunAsync("left", "gvisor", new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        var (bystander, left) = (await ContainerAsync("bystander"), await ContainerAsync("left"));

        await _cloud.SealosAsync(["component", "remove", "gvisor", "--yes"], Ct).OutputAsync();

        Assert.Contains("not found", (await _cloud.KubectlAsync(["get", "runtimeclass", "gvisor"], Ct)).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("runsc", await File.ReadAllTextAsync(Path.Combine(_cloud.RunFolder, "containerd", "config.toml"), Ct), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("late", "gvisor", new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools }));
        Assert.Contains("RuntimeClass \"gvisor\" not found", refused.Message, StringComparison.Ordinal);
        Assert.Equal((bystander, left), (await ContainerAsync("bystander"), await ContainerAsync("left")));
        Assert.Equal("still here\n", await fixture.ExecAsync("left", "echo", "still here").OutputAsync());
        await KubectlAsync("delete", "pod", "bystander", "left");

        await _cloud.SealosAsync(["component", "add", "gvisor"], Ct).OutputAsync();
        await RunAsync("late", "gvisor", new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        await KubectlAsync("delete", "pod", "late");
    }

    [Fact]
    public async Task App_InGvisor_IsReachedAsAnyOther()
    {
        await RunAsync("guarded", "gvisor", new JsonObject
        {
            ["name"] = "main",
            ["image"] = CloudFixture.Hello,
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 8080 }),
            ["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["path"] = "/", ["port"] = 8080 }, ["periodSeconds"] = 1 },
            ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = "1", ["memory"] = "128Mi" } },
        });
        await KubectlAsync("expose", "pod", "guarded", "--port=80", "--target-port=8080");
        await KubectlAsync("create", "ingress", "guarded", "--rule=guarded.sealos.localhost/*=guarded:80");
        using var browser = _cloud.OpenBrowser();
        var address = $"https://guarded.{_cloud.Domain}:{_cloud.HttpsPort}";
        await CloudFixture.AnswersAsync(browser, address);
        Assert.Contains("guarded", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        Assert.Contains("GET /", await KubectlAsync("logs", "guarded"), StringComparison.Ordinal);

        // By the operator, through a port of their own machine.
        using (var forward = Command.Start(Repository.Kubectl("1.32"), ["--kubeconfig", _cloud.KubeConfigPath, "port-forward", "-n", "default", "pod/guarded", ":8080"]))
        {
            var said = await forward.StandardOutput.ReadLineAsync(Ct) ?? await forward.StandardError.ReadToEndAsync(Ct);
            using var client = new HttpClient();
            for (var i = 0; i < 3; i++)
            {
                Assert.Contains("guarded", await client.GetStringAsync(new Uri($"http://{said.Split(' ')[2]}/"), Ct), StringComparison.Ordinal);
            }

            forward.Kill();
        }

        // From another pod in gVisor, by name; and no more once a policy says so.
        await RunAsync("visitor", "gvisor", new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });
        await CopyAsync("fetch", "visitor");
        var service = await KubectlAsync("get", "service", "guarded", "-o", "jsonpath={.spec.clusterIP}");
        Assert.Contains(service, await fixture.ExecAsync("visitor", "nslookup", "guarded.default.svc.cluster.local").OutputAsync(), StringComparison.Ordinal);
        Assert.Contains("guarded", await fixture.ExecAsync("visitor", "/tmp/fetch", service, "80").OutputAsync(), StringComparison.Ordinal);
        await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"guarded","namespace":"default"},"spec":{"podSelector":{"matchLabels":{"app":"guarded"}},"policyTypes":["Ingress"]}}""").OutputAsync();
        await Eventually.TrueAsync("the visitor being kept out", async () => (await fixture.ExecAsync("visitor", "/tmp/fetch", service, "80")).ExitCode != 0, ct: Ct);

        // What it uses is known, to the metrics API too.
        await Eventually.TrueAsync("its usage", async () => await IsMeasuredAsync("guarded"), TimeSpan.FromSeconds(30), Ct);
        await KubectlAsync("delete", "ingress/guarded", "networkpolicy/guarded", "service/guarded", "pod/guarded", "pod/visitor");
    }

    [Fact]
    public async Task Containers_InGvisor_LiveAndEndAsAnywhere()
    {
        await RunAsync("crew", "gvisor",
            Shell("polite", "trap 'echo leaving; exit 3' TERM; cat /shared/note; echo trouble >&2; while true; do sleep 0.1; done"),
            Shell("short", "test -f /shared/again || { touch /shared/again; exit 7; }; sleep 1000000"),
            Shell("watched", "sleep 1000000", """{"startupProbe":{"exec":{"command":["sh","-c","test -f /shared/note"]},"periodSeconds":1}}"""));

        Assert.Equal("from before\ntrouble\n", await KubectlAsync("logs", "crew", "-c", "polite"));
        Assert.Equal("given\n", await _cloud.KubectlAsync(["exec", "-i", "-n", "default", "crew", "-c", "watched", "--", "cat"], Ct, "given\n").OutputAsync());
        Assert.Equal(5, (await _cloud.KubectlAsync(["exec", "-n", "default", "crew", "-c", "watched", "--", "sh", "-c", "exit 5"], Ct)).ExitCode);
        await Eventually.TrueAsync("the short one's first end", async () => await KubectlAsync("get", "pod", "crew", "-o", "jsonpath={.status.containerStatuses[?(@.name==\"short\")].lastState.terminated.exitCode}") == "7", ct: Ct);

        // What a command that was cut off has started ends with it.
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            var exec = await _cloud.KubectlAsync(["exec", "-n", "default", "crew", "-c", "polite", "--", "sh", "-c", "ls /proc | grep -c '^[0-9]'"], limit.Token);
            Assert.Equal(0, exec.ExitCode);
        }

        // Its end is graceful.
        var follow = _cloud.KubectlAsync(["logs", "-f", "-n", "default", "crew", "-c", "polite"], Ct);
        await KubectlAsync("delete", "pod", "crew");
        Assert.Contains("leaving", (await follow).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_OverItsMemoryInGvisor_IsKilledAndSaysSo()
    {
        await RunAsync("hungry", "gvisor", Shell("main", "sleep 1; dd if=/dev/zero of=/dev/null bs=300M count=1; sleep 1000000", """{"resources":{"limits":{"memory":"96Mi"}}}"""));

        await Eventually.TrueAsync("the reason of its end", async () => await KubectlAsync("get", "pod", "hungry", "-o", "jsonpath={.status.containerStatuses[0].lastState.terminated.reason} {.status.containerStatuses[0].lastState.terminated.exitCode}") == "OOMKilled 137", TimeSpan.FromSeconds(30), Ct);

        await KubectlAsync("delete", "pod", "hungry", "--grace-period=0", "--force");
    }

    [Fact]
    public async Task Pod_OfARuntimeThatIsNotThere_SaysSo()
    {
        await _cloud.KubectlAsync(["apply", "-f", "-"], Ct, """{"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"elsewhere"},"handler":"kata"}""").OutputAsync();
        await StartAsync("stranded", "elsewhere", new JsonObject { ["name"] = "main", ["image"] = CloudFixture.Tools });

        await Eventually.TrueAsync("its event", async () => (await KubectlAsync("get", "events", "--field-selector=involvedObject.name=stranded,reason=FailedCreatePodSandBox", "-o", "jsonpath={.items[*].message}"))
            .StartsWith("Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for \"kata\" is configured", StringComparison.Ordinal), ct: Ct);

        await KubectlAsync("delete", "pod/stranded", "runtimeclass/elsewhere");
    }

    private static JsonObject Shell(string name, string script, string more = "{}")
    {
        var container = (JsonObject)JsonNode.Parse(more)!;
        container["name"] = name;
        container["image"] = CloudFixture.Tools;
        container["command"] = new JsonArray("sh", "-c", script);
        container["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "shared", ["mountPath"] = "/shared" });
        return container;
    }

    private async Task RunAsync(string name, string? runtime, params JsonNode[] containers)
    {
        await StartAsync(name, runtime, containers);
        await KubectlAsync("wait", "--for=condition=Ready", "pod/" + name, "--timeout=60s");
    }

    private async Task StartAsync(string name, string? runtime, params JsonNode[] containers)
    {
        var spec = new JsonObject
        {
            ["terminationGracePeriodSeconds"] = 5,
            ["volumes"] = new JsonArray(new JsonObject { ["name"] = "shared", ["emptyDir"] = new JsonObject() }),
            ["initContainers"] = new JsonArray(Shell("first", "echo from before > /shared/note")),
            ["containers"] = new JsonArray(containers),
        };
        if (runtime is not null)
        {
            spec["runtimeClassName"] = runtime;
        }

        var pod = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = spec };
        await _cloud.KubectlAsync(["create", "-n", "default", "-f", "-"], Ct, pod.ToJsonString()).OutputAsync();
    }

    private async Task<bool> IsMeasuredAsync(string pod)
    {
        var summary = JsonNode.Parse(await KubectlAsync("get", "--raw", "/api/v1/nodes/node-1/proxy/stats/summary"))!;
        var usage = summary["pods"]!.AsArray().FirstOrDefault(p => (string?)p!["podRef"]!["name"] == pod)?["containers"]?.AsArray().FirstOrDefault();
        return (long?)usage?["cpu"]?["usageCoreNanoSeconds"] > 0 && (long?)usage["memory"]?["workingSetBytes"] > 1_000_000;
    }

    private Task<string> ContainerAsync(string pod) => KubectlAsync("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].containerID}");

    private Task<string> KubectlAsync(params string[] arguments) =>
        arguments.Contains("--raw") ? _cloud.KubectlAsync(arguments, Ct).OutputAsync() : _cloud.KubectlAsync([.. arguments, "-n", "default"], Ct).OutputAsync();

    private async Task CopyAsync(string program, string pod) =>
        await _cloud.KubectlAsync(["exec", "-i", "-n", "default", pod, "--", "sh", "-c", $"busybox base64 -d > /tmp/{program}; busybox chmod +x /tmp/{program}"], Ct, await CompileAsync(program)).OutputAsync();

    private static async Task<string> CompileAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("sealos-probe-");
        try
        {
            var binary = Path.Combine(folder.FullName, program);
            var source = Path.Combine(Repository.Root, "tests", "EndToEnd.Tests", "Programs", program + ".c");
            await Command.RunAsync("gcc", ["-std=gnu17", "-D_GNU_SOURCE", "-Os", "-static", "-s", "-o", binary, source], ct: Ct).OutputAsync();
            return Convert.ToBase64String(await File.ReadAllBytesAsync(binary, Ct));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
