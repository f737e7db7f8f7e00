using System.Diagnostics;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Whatever dies, nothing acknowledged is lost and apps go on.</summary>
[Collection(CloudCollection.Name)]
public sealed class SurvivalTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SecondUp_ChangesNothing_AndSaysSo()
    {
        var server = await _cloud.PidAsync("server", Ct);
        var watch = Stopwatch.StartNew();

        var up = await _cloud.UpAsync(Ct);

        Assert.True(up.ExitCode == 0, up.ToString());
        Assert.Contains("already running", up.Error, StringComparison.Ordinal);
        Assert.Equal(server, await _cloud.PidAsync("server", Ct));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task ServerKilled_AppGoesOn_AndNextUpAdoptsIt()
    {
        var address = await fixture.LaunchAsync("tough");
        var before = await ContainerAsync("tough");
        using var browser = _cloud.OpenBrowser();
        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);

        Assert.Contains("tough-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        var up = await _cloud.UpAsync(Ct);

        Assert.True(up.ExitCode == 0, up.ToString());
        Assert.Contains("tough-", await browser.GetStringAsync(new Uri(address), Ct), StringComparison.Ordinal);
        Assert.Equal(before, await ContainerAsync("tough"));
        Assert.Equal(0, (await _cloud.SealosAsync(["app", "delete", "tough", "--yes"], Ct)).ExitCode);
    }

    [Fact]
    public async Task ServerKilledWhileWriting_LosesNoAcknowledgedWrite()
    {
        var acknowledged = new List<string>();
        using (var client = await _cloud.ConnectAsync(Ct))
        {
            var server = await _cloud.PidAsync("server", Ct);
            for (var i = 0; i < 2000; i++)
            {
                if (i == 300)
                {
                    await LinuxProcess.KillAsync(server, Ct);
                }

                var name = $"kept-{i}";
                try
                {
                    await client.CreateAsync(new Kinds.Core.ConfigMap { Metadata = new Kinds.Meta.ObjectMeta { Name = name, Namespace = "default" } }, Ct);
                    acknowledged.Add(name);
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    break;
                }
            }
        }

        Assert.InRange(acknowledged.Count, 300, 1999);
        await _cloud.UpAsync(Ct).OutputAsync();
        using var again = await _cloud.ConnectAsync(Ct);
        var names = (await again.ListAsync<Kinds.Core.ConfigMap>("default", null, Ct)).Items.Select(c => c.Metadata.Name).ToHashSet();
        Assert.All(acknowledged, n => Assert.Contains(n, names));
        Assert.Equal(0, (await _cloud.KubectlAsync(["delete", "configmaps", "-n", "default", "--all"], Ct)).ExitCode);
    }

    [Fact]
    public async Task DownAndUp_BringsEveryAppBack()
    {
        var address = await fixture.LaunchAsync("returns");

        Assert.Equal(0, (await _cloud.SealosAsync(["down"], Ct)).ExitCode);
        Assert.Equal(3, (await _cloud.SealosAsync(["status"], Ct)).ExitCode);
        var up = await _cloud.UpAsync(Ct);

        Assert.True(up.ExitCode == 0, up.ToString());
        using var browser = _cloud.OpenBrowser();
        await Eventually.TrueAsync($"200 at {address}", async () => (await browser.GetAsync(new Uri(address), Ct)).IsSuccessStatusCode, ct: Ct);
        Assert.Equal(0, (await _cloud.SealosAsync(["app", "delete", "returns", "--yes"], Ct)).ExitCode);
    }

    private async Task<string> ContainerAsync(string app)
    {
        var pods = await _cloud.KubectlAsync(["get", "pods", "-n", "ns-admin", "-l", $"app={app}", "-o", "jsonpath={.items[*].status.containerStatuses[*].containerID} {.items[*].status.containerStatuses[*].restartCount}"], Ct);
        Assert.Equal(0, pods.ExitCode);
        return pods.Output;
    }
}
