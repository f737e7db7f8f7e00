using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>What volumes promise to the programs that use them, and to those whose secrets they hold.</summary>
[Collection(CloudCollection.Name)]
public sealed class VolumeTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConfigMap_Updated_ReachesTheRunningPod()
    {
        await KubectlAsync("create", "configmap", "settings", "--from-literal=level=info");
        await fixture.RunToolsAsync("reader", "sleep 1000000", ("/settings", """{"configMap":{"name":"settings"}}"""));
        Assert.Equal("info", await fixture.ExecAsync("reader", "cat", "/settings/level").OutputAsync());

        await KubectlAsync("patch", "configmap", "settings", "-p", """{"data":{"level":"debug","more":"yes"}}""");

        await Eventually.TrueAsync("the new value in the pod", async () => (await fixture.ExecAsync("reader", "cat", "/settings/level", "/settings/more")).Output == "debugyes", ct: Ct);
        Assert.Equal("0", await KubectlAsync("get", "pod", "reader", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"));
        await KubectlAsync("delete", "pod/reader", "configmap/settings");
    }

    [Fact]
    public async Task MemoryVolume_Full_RefusesMore()
    {
        await fixture.RunToolsAsync("writer", "sleep 1000000", ("/scratch", """{"emptyDir":{"medium":"Memory","sizeLimit":"4Mi"}}"""));

        await fixture.ExecAsync("writer", "dd", "if=/dev/zero", "of=/scratch/fits", "bs=1M", "count=3").OutputAsync();
        var more = await fixture.ExecAsync("writer", "dd", "if=/dev/zero", "of=/scratch/more", "bs=1M", "count=3");

        Assert.NotEqual(0, more.ExitCode);
        Assert.Contains("No space left on device", more.Error, StringComparison.Ordinal);
        await KubectlAsync("delete", "pod/writer");
    }

    [Fact]
    public async Task DiskVolume_OverItsLimit_EvictsThePod()
    {
        await fixture.RunToolsAsync("hoarder", "dd if=/dev/zero of=/scratch/big bs=1M count=8; sleep 1000000", ("/scratch", """{"emptyDir":{"sizeLimit":"4Mi"}}"""));

        await KubectlAsync("wait", "pod/hoarder", "--for=jsonpath={.status.reason}=Evicted", "--timeout=90s");

        Assert.Contains("exceeds the limit", await KubectlAsync("get", "pod", "hoarder", "-o", "jsonpath={.status.message}"), StringComparison.Ordinal);
        await KubectlAsync("delete", "pod/hoarder");
    }

    [Fact]
    public async Task Secret_InAPod_IsNeverOnTheDisk()
    {
        var value = RandomNumberGenerator.GetHexString(40);
        await KubectlAsync("create", "secret", "generic", "password", "--from-literal=password=" + value);
        await fixture.RunToolsAsync("keeper", "cat /secret/password >/dev/null; sleep 1000000", ("/secret", """{"secret":{"secretName":"password"}}"""));

        Assert.Equal(value, await fixture.ExecAsync("keeper", "cat", "/secret/password").OutputAsync());
        Assert.Equal("tmpfs", (await fixture.ExecAsync("keeper", "df", "-T", "/secret").OutputAsync()).Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.Empty(await FilesWithAsync(value));
        var stored = await FilesWithAsync(Convert.ToBase64String(Encoding.ASCII.GetBytes(value)));
        Assert.NotEmpty(stored);
        Assert.All(stored, f => Assert.StartsWith(Path.Combine(_cloud.DataFolder, "store"), f, StringComparison.Ordinal));
        var uid = JsonNode.Parse(await KubectlAsync("get", "pod", "keeper", "-o", "json"))!["metadata"]!["uid"]!.ToString();
        var folder = Path.Combine(_cloud.RunFolder, "secrets", uid);
        Assert.True(Directory.Exists(folder));
        await KubectlAsync("delete", "pod/keeper", "secret/password");
        await Eventually.TrueAsync("nothing of the pod left in memory", () => Task.FromResult(!Directory.Exists(folder)), ct: Ct);
    }

    // By a program that locks nothing and minds no locks. The image that volumes lie in is mostly holes; what is in it is looked at where it is mounted.
    private async Task<string[]> FilesWithAsync(string value)
    {
        var grep = await Command.RunAsync("grep", ["--recursive", "--files-with-matches", "--fixed-strings", "--binary-files=text", "--devices=skip", "--no-messages", "--exclude=volumes.btrfs", value, _cloud.DataFolder, _cloud.LogFolder], ct: Ct);
        return grep.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private Task<string> KubectlAsync(params string[] arguments) => _cloud.KubectlAsync([arguments[0], "-n", "default", .. arguments[1..]], Ct).OutputAsync();
}
