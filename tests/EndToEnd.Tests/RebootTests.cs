using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>The machine loses its power while apps run; after the boot one <c>sealos up</c> brings every app back.</summary>
[Collection(RoughCollection.Name)]
public sealed class RebootTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PowerCut_ThenUp_BringsEveryAppBack()
    {
        string[] addresses = [await fixture.LaunchAsync("first"), await fixture.LaunchAsync("second", "--replicas", "2")];
        var before = await PodsAsync();
        Assert.Equal(3, before.Count);

        await _cloud.LosePowerAsync(Ct);
        Assert.Equal(3, (await _cloud.SealosAsync(["status"], Ct)).ExitCode);
        await _cloud.UpAsync(Ct).OutputAsync();

        using var browser = _cloud.OpenBrowser();
        foreach (var address in addresses)
        {
            await CloudFixture.AnswersAsync(browser, address);
        }

        await Eventually.TrueAsync("every instance ready again", async () => (await PodsAsync()).All(p => p.IsReady), ct: Ct);
        var after = await PodsAsync();
        Assert.Equal(before.Select(p => p.Name), after.Select(p => p.Name));
        Assert.All(after, p => Assert.Equal(1, p.Restarts));
        await fixture.DeleteAsync("first");
        await fixture.DeleteAsync("second");
    }

    // Of this story's apps alone: another's may be on their way out still.
    private async Task<List<(string Name, int Restarts, bool IsReady)>> PodsAsync()
    {
        var list = await _cloud.KubectlAsync(["get", "pods", "-n", "ns-admin", "-l", "app in (first,second)", "-o", "json"], Ct).OutputAsync();
        return [.. JsonNode.Parse(list)!["items"]!.AsArray()
            .Select(p => (Pod: p!, Status: p!["status"]!["containerStatuses"]![0]!))
            .Select(p => ((string)p.Pod["metadata"]!["name"]!, (int)p.Status["restartCount"]!, (bool)p.Status["ready"]!))
            .OrderBy(p => p.Item1, StringComparer.Ordinal)];
    }
}
