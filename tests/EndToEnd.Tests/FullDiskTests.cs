using System.Diagnostics;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>The disk of data and logs runs full: writing is refused in clear words, all else goes on, and room heals it.</summary>
[Trait("Cloud", "rough")]
public sealed class FullDiskTests(FullDiskTests.SmallDisk fixture) : IClassFixture<FullDiskTests.SmallDisk>
{
    private const string Ballast = "ballast";
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string BallastFile => Path.Combine(_cloud.DataFolder, Ballast);

    [Fact]
    public async Task FullDisk_RefusesWrites_KeepsReads_AndHealsWithRoom()
    {
        var address = await fixture.LaunchAsync("roomy");
        using var client = await _cloud.ConnectAsync(Ct);
        using var browser = _cloud.OpenBrowser();
        await CreateAsync(client, "before");

        await FillAsync();

        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync(client, "refused"));
        Assert.Equal(507, refused.Code);
        Assert.Equal("InsufficientStorage", refused.Reason);
        Assert.Contains("the disk is full", refused.Message, StringComparison.Ordinal);
        var create = await _cloud.SealosAsync(["app", "create", "toomuch", "--image", CloudFixture.Hello], Ct);
        Assert.Equal(1, create.ExitCode);
        Assert.Contains("the disk is full", create.Error, StringComparison.Ordinal);
        Assert.Contains("the disk is full", (await _cloud.KubectlAsync(["create", "configmap", "refused", "-n", "default"], Ct)).Error, StringComparison.Ordinal);
        Assert.Contains("before", await _cloud.KubectlAsync(["get", "configmaps", "-n", "default"], Ct).OutputAsync(), StringComparison.Ordinal);
        await CloudFixture.AnswersAsync(browser, address);

        File.Delete(BallastFile);
        await Eventually.TrueAsync("writing again, without a restart", async () => await TryCreateAsync(client, "after"), ct: Ct);
        await fixture.LaunchAsync("afterwards");
        await fixture.DeleteAsync("afterwards");
        Assert.Subset((await NamesAsync(client)).ToHashSet(), new HashSet<string> { "after", "before" });
        Assert.DoesNotContain("refused", await NamesAsync(client));
    }

    [Fact]
    public async Task DiskNearlyFull_LosesWhatNobodyUses_SaysSo_AndAppsGoOn()
    {
        const string Unused = "registry.test/unused:1";
        var address = await fixture.LaunchAsync("kept");
        var file = Path.GetTempFileName();
        await ToolsImage.WriteOciArchiveAsync(file, Unused, 24 << 20, Ct);
        await _cloud.SealosAsync(["image", "load", file], Ct).OutputAsync();
        File.Delete(file);

        // What was loaded stays, as nobody has it elsewhere; this is to count as pulled.
        await Command.RunAsync("ctr", ["--address", Path.Combine(_cloud.RunFolder, "containerd", "containerd.sock"), "--namespace", "k8s.io", "images", "label", Unused, "io.cri-containerd.pinned="], ct: Ct).OutputAsync();
        Assert.Contains(Unused, await _cloud.SealosAsync(["image", "list"], Ct).OutputAsync(), StringComparison.Ordinal);

        // Less than a tenth of the disk, and more than what writing needs.
        var disk = new DriveInfo(_cloud.DataFolder);
        await using (var ballast = new FileStream(BallastFile, FileMode.Create))
        {
            for (var block = new byte[1 << 20]; disk.AvailableFreeSpace > disk.TotalSize / 12;)
            {
                await ballast.WriteAsync(block, Ct);
                await ballast.FlushAsync(Ct);
            }
        }

        await Eventually.TrueAsync("the unused image is gone", async () => !(await _cloud.SealosAsync(["image", "list"], Ct).OutputAsync()).Contains(Unused, StringComparison.Ordinal), TimeSpan.FromSeconds(40), Ct);
        await _cloud.UntilEventAsync("EvictionThresholdMet", "node-1", Ct);
        await Eventually.TrueAsync("no pressure", async () => await DiskPressureAsync() == "False", TimeSpan.FromSeconds(40), Ct);
        Assert.DoesNotContain("kept-", string.Join(' ', await _cloud.EventsAsync("Evicted", Ct)), StringComparison.Ordinal);
        using var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address);
        File.Delete(BallastFile);
        await fixture.DeleteAsync("kept");
    }

    [Fact]
    public async Task ServerKilledOnAFullDisk_LosesNothing_AndUpWorks()
    {
        var address = await fixture.LaunchAsync("stuck");
        List<string> acknowledged = [];
        using (var client = await _cloud.ConnectAsync(Ct))
        {
            var filling = FillAsync();
            for (var i = 0; !filling.IsCompleted || i < 50; i++)
            {
                if (await TryCreateAsync(client, $"kept-{i}"))
                {
                    acknowledged.Add($"kept-{i}");
                }
            }

            await filling;
        }

        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        var watch = Stopwatch.StartNew();
        await _cloud.UpAsync(Ct).OutputAsync();
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);

        using var again = await _cloud.ConnectAsync(Ct);
        using var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address);
        Assert.False(await TryCreateAsync(again, "refused"));
        Assert.Subset((await NamesAsync(again)).ToHashSet(), acknowledged.ToHashSet());
        File.Delete(BallastFile);
        await Eventually.TrueAsync("writing again", async () => await TryCreateAsync(again, "healed"), ct: Ct);
        await fixture.DeleteAsync("stuck");
    }

    [Fact]
    public async Task DownAndResetOnAFullDisk_StopEverything()
    {
        var address = await fixture.LaunchAsync("last");
        await FillAsync();

        await _cloud.SealosAsync(["down"], Ct).OutputAsync();
        Assert.Empty(_cloud.Processes());
        File.Delete(BallastFile);
        await _cloud.UpAsync(Ct).OutputAsync();
        using (var browser = _cloud.OpenBrowser())
        {
            await CloudFixture.AnswersAsync(browser, address);
        }

        await FillAsync();
        Assert.Empty(await _cloud.ResetAsync(Ct));
        await _cloud.UpAsync(Ct).OutputAsync();
    }

    private Task<string> DiskPressureAsync() =>
        _cloud.KubectlAsync(["get", "node", "node-1", "-o", "jsonpath={.status.conditions[?(@.type==\"DiskPressure\")].status}"], Ct).OutputAsync();

    private static Task CreateAsync(KubeClient client, string name) =>
        client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = "default" } }, Ct);

    private static async Task<bool> TryCreateAsync(KubeClient client, string name)
    {
        try
        {
            await CreateAsync(client, name);
            return true;
        }
        catch (ApiException e) when (e.Code == 507)
        {
            return false;
        }
    }

    private static async Task<List<string>> NamesAsync(KubeClient client) =>
        [.. (await client.ListAsync<ConfigMap>("default", null, Ct)).Items.Select(c => c.Metadata.Name!).Where(n => n != "kube-root-ca.crt").Order(StringComparer.Ordinal)];

    // To the last byte, as something that leaks would.
    private Task FillAsync() => Task.Run(
        async () =>
        {
            await using var file = new FileStream(BallastFile, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var size in (int[])[1 << 20, 4096])
            {
                try
                {
                    for (var block = new byte[size]; ;)
                    {
                        await file.WriteAsync(block, Ct);
                    }
                }
                catch (IOException)
                {
                    // Full, as far as blocks of this size go.
                }
            }
        },
        Ct);

    /// <summary>A cloud whose data and logs share a disk of their own.</summary>
    public sealed class SmallDisk : CloudFixture
    {
        protected override int? DiskMegabytes => 256;
    }
}
