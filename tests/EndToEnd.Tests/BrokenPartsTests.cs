using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Parts that containers stand on are killed one by one; each comes back, and apps with it.</summary>
[Collection(RoughCollection.Name)]
public sealed class BrokenPartsTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ContainerdKilled_IsStartedAgain_AndContainersLiveOn()
    {
        var address = await fixture.LaunchAsync("floating");
        var before = await ContainerAsync("floating");
        var containerd = await _cloud.PidAsync("containerd", Ct);
        var ready = await NodeReadySinceAsync();

        await LinuxProcess.KillAsync(containerd, Ct);

        using var browser = _cloud.OpenBrowser();
        Assert.Contains("floating-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        await Eventually.TrueAsync("another containerd", async () => await FindPidAsync("containerd") is { } pid && pid != containerd, ct: Ct);
        var pod = (string)before["metadata"]!["name"]!;
        await Eventually.TrueAsync("exec works again", async () => (await _cloud.KubectlAsync(["exec", "-n", "ns-admin", pod, "--", "/hello", "--version"], Ct)).ExitCode == 0, ct: Ct);
        Assert.Contains("floating-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        var after = await ContainerAsync("floating");
        Assert.Equal(ContainerId(before), ContainerId(after));
        Assert.Equal(0, (int)Status(after)["restartCount"]!);
        await _cloud.UntilEventAsync("ContainerRuntimeLost", "node-1", Ct);
        await _cloud.UntilEventAsync("ContainerRuntimeFound", "node-1", Ct);
        Assert.Equal(ready, await NodeReadySinceAsync());
        await fixture.LaunchAsync("later");
        await fixture.DeleteAsync("later");
        await fixture.DeleteAsync("floating");
    }

    [Fact]
    public async Task PauseProcessKilled_PodGetsANewSandbox()
    {
        var address = await fixture.LaunchAsync("seated");
        var before = await ContainerAsync("seated");
        var uid = (string)before["metadata"]!["uid"]!;
        var pause = _cloud.Processes().Single(p => LinuxProcess.Read(p, "cgroup").Contains(uid, StringComparison.Ordinal) && LinuxProcess.Read(p, "comm").Trim() == "pause");

        await LinuxProcess.KillAsync(pause, Ct);

        var after = await Eventually.GetAsync("the pod ready with another container", async () =>
        {
            var pod = await ContainerAsync("seated");
            return ContainerId(pod) != ContainerId(before) && (bool)Status(pod)["ready"]! ? pod : null;
        }, ct: Ct);
        Assert.Equal(uid, (string)after["metadata"]!["uid"]!);
        Assert.Equal(1, (int)Status(after)["restartCount"]!);
        using var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address);
        await fixture.DeleteAsync("seated");
    }

    [Fact]
    public async Task ShimKilled_PodStartsAnew_AndNothingOfTheOldOneStays()
    {
        var address = await fixture.LaunchAsync("shimmed");
        var before = await ContainerAsync("shimmed");
        var uid = (string)before["metadata"]!["uid"]!;
        var old = _cloud.Processes().Where(p => LinuxProcess.Read(p, "cgroup").Contains(uid, StringComparison.Ordinal)).ToList();
        var shim = ParentOf(old.Single(IsPause));
        Assert.Contains("containerd-shim", LinuxProcess.Read(shim, "cmdline"), StringComparison.Ordinal);

        // Whatever happens to a shim happens to pods of one namespace.
        var namespaces = await NamespacesAsync();
        Assert.All(_cloud.Processes().Where(IsPause).GroupBy(ParentOf, NamespaceOf), pods => Assert.Single(pods.OfType<string>().Distinct()));

        await LinuxProcess.KillAsync(shim, Ct);

        var after = await Eventually.GetAsync("the pod ready with another container", async () =>
        {
            var pod = await ContainerAsync("shimmed");
            return ContainerId(pod) != ContainerId(before) && (bool)Status(pod)["ready"]! ? pod : null;
        }, TimeSpan.FromSeconds(60), Ct);
        Assert.Equal((uid, 1), ((string)after["metadata"]!["uid"]!, (int)Status(after)["restartCount"]!));
        await _cloud.UntilEventAsync("SandboxChanged", (string)after["metadata"]!["name"]!, Ct);
        await Eventually.TrueAsync("the old processes are gone", () => Task.FromResult(!_cloud.Processes().Intersect(old).Any()), ct: Ct);
        using var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address);
        await fixture.DeleteAsync("shimmed");

        string? NamespaceOf(int pause) => namespaces.FirstOrDefault(n => LinuxProcess.Read(pause, "cgroup").Contains(n.Key, StringComparison.Ordinal)).Value;
    }

    private static bool IsPause(int process) => LinuxProcess.Read(process, "comm").Trim() == "pause";

    private static int ParentOf(int process) =>
        int.Parse(LinuxProcess.Read(process, "status").Split('\n').Single(l => l.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..], CultureInfo.InvariantCulture);

    // Of pods, by their uid.
    private async Task<IReadOnlyDictionary<string, string>> NamespacesAsync() =>
        (await _cloud.KubectlAsync(["get", "pods", "-A", "-o", "jsonpath={range .items[*]}{.metadata.uid} {.metadata.namespace}{\"\\n\"}{end}"], Ct).OutputAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => l[1]);

    [Fact]
    public async Task ServerKilledInTheMiddleOfARollout_NextOneFinishesIt_AndTheAppAnswersThroughout()
    {
        var address = await fixture.LaunchAsync("rolling", "--replicas", "3");
        await _cloud.KubectlAsync(["set", "image", "deployment", "-n", "ns-admin", "-l", "app=rolling", "*=sealos.hub/library/hello:2"], Ct).OutputAsync();
        await Eventually.TrueAsync("the rollout has begun", async () => (await ImagesAsync()).Contains("hello:2", StringComparison.Ordinal), ct: Ct);

        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        using var browser = _cloud.OpenBrowser();
        Assert.Contains("rolling-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        await _cloud.UpAsync(Ct).OutputAsync();

        await _cloud.KubectlAsync(["rollout", "status", "deployment", "-n", "ns-admin", "-l", "app=rolling", "--timeout=60s"], Ct).OutputAsync();
        await Eventually.TrueAsync("three of the new are left", async () => await ImagesAsync() == string.Join(' ', Enumerable.Repeat("sealos.hub/library/hello:2", 3)), ct: Ct);
        Assert.Contains("version 2", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        var sets = await _cloud.KubectlAsync(["get", "replicasets", "-n", "ns-admin", "-l", "app=rolling", "-o", "jsonpath={.items[*].spec.replicas}"], Ct).OutputAsync();
        Assert.Equal(["0", "3"], sets.Split(' ').Order());
        await Eventually.TrueAsync("events tell of the last step", async () =>
            (await _cloud.KubectlAsync(["get", "events", "-n", "ns-admin", "--field-selector", "reason=ScalingReplicaSet"], Ct).OutputAsync()).Contains("from 1 to 0", StringComparison.Ordinal), ct: Ct);
        await fixture.DeleteAsync("rolling");
    }

    [Fact]
    public async Task OutOfMemory_IsSaidToKubectlAndInPlainWords()
    {
        await fixture.LoadToolsAsync();
        await _cloud.SealosAsync(["app", "create", "greedy", "--image", CloudFixture.Tools, "--memory", "16Mi", "--command", "tail", "--command", "/dev/zero"], Ct).OutputAsync();

        await Eventually.TrueAsync("OOMKilled", async () => (await _cloud.KubectlAsync(["describe", "pod", "-n", "ns-admin", "-l", "app=greedy"], Ct).OutputAsync()).Contains("OOMKilled", StringComparison.Ordinal), ct: Ct);
        await Eventually.TrueAsync("plain words", async () => (await _cloud.SealosAsync(["app", "get", "greedy"], Ct).OutputAsync()).Contains("ran out of memory", StringComparison.Ordinal), ct: Ct);
        await fixture.DeleteAsync("greedy");
    }

    private Task<string> ImagesAsync() =>
        _cloud.KubectlAsync(["get", "pods", "-n", "ns-admin", "-l", "app=rolling", "-o", "jsonpath={.items[*].spec.containers[0].image}"], Ct).OutputAsync();

    private Task<string> NodeReadySinceAsync() =>
        _cloud.KubectlAsync(["get", "node", "node-1", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status} {.status.conditions[?(@.type==\"Ready\")].lastTransitionTime}"], Ct).OutputAsync();

    private static JsonNode Status(JsonNode pod) => pod["status"]!["containerStatuses"]![0]!;

    private static string ContainerId(JsonNode pod) => (string?)Status(pod)["containerID"] ?? "";

    private async Task<int?> FindPidAsync(string process)
    {
        var status = await _cloud.SealosAsync(["status", "-o", "json"], Ct);
        return (int?)JsonNode.Parse(status.Output)!["processes"]!.AsArray().First(p => (string?)p!["name"] == process)!["pid"];
    }

    private async Task<JsonNode> ContainerAsync(string app) =>
        JsonNode.Parse(await _cloud.KubectlAsync(["get", "pods", "-n", "ns-admin", "-l", "app=" + app, "-o", "json"], Ct).OutputAsync())!["items"]!.AsArray().Single()!;
}
