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
    public async Task OutOfMemory_IsSaidToKubectlAndInPlainWords()
    {
        await fixture.LoadToolsAsync();
        await _cloud.SealosAsync(["app", "create", "greedy", "--image", CloudFixture.Tools, "--memory", "16Mi", "--command", "tail", "--command", "/dev/zero"], Ct).OutputAsync();

        await Eventually.TrueAsync("OOMKilled", async () => (await _cloud.KubectlAsync(["describe", "pod", "-n", "ns-admin", "-l", "app=greedy"], Ct).OutputAsync()).Contains("OOMKilled", StringComparison.Ordinal), ct: Ct);
        await Eventually.TrueAsync("plain words", async () => (await _cloud.SealosAsync(["app", "get", "greedy"], Ct).OutputAsync()).Contains("ran out of memory", StringComparison.Ordinal), ct: Ct);
        await fixture.DeleteAsync("greedy");
    }

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
