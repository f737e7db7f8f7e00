using System.Net;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>A person launches an app and opens its address.</summary>
[Collection(CloudCollection.Name)]
public sealed class LaunchAppTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublicApp_Created_AnswersAtItsAddress()
    {
        var address = await fixture.LaunchAsync("front", "--replicas", "2");

        using var browser = _cloud.OpenBrowser();
        var body = await browser.GetStringAsync(new Uri(address), Ct);
        Assert.Contains("front-", body, StringComparison.Ordinal);

        var list = await _cloud.SealosAsync(["app", "list"], Ct);
        Assert.Contains("front", list.Output, StringComparison.Ordinal);
        Assert.Contains("2/2", list.Output, StringComparison.Ordinal);

        var logs = await _cloud.SealosAsync(["app", "logs", "front"], Ct);
        Assert.Equal(0, logs.ExitCode);
        await DeleteAsync("front");
    }

    [Fact]
    public async Task PlainHttp_IsRedirectedToHttps()
    {
        var address = await fixture.LaunchAsync("plain");
        using var browser = _cloud.OpenBrowser(followRedirects: false);

        using var answer = await browser.GetAsync(new Uri(address.Replace("https://", "http://", StringComparison.Ordinal).Replace(":8443", ":8080", StringComparison.Ordinal)), Ct);

        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.StartsWith("https://plain-", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        await DeleteAsync("plain");
    }

    [Fact]
    public async Task Scale_UpAndDown_ChangesInstances()
    {
        await fixture.LaunchAsync("scaled");

        Assert.Equal(0, (await _cloud.SealosAsync(["app", "scale", "scaled", "--replicas", "3", "--wait"], Ct)).ExitCode);
        Assert.Equal(3, await InstancesAsync("scaled"));
        Assert.Equal(0, (await _cloud.SealosAsync(["app", "scale", "scaled", "--replicas", "1"], Ct)).ExitCode);
        await Eventually.TrueAsync("one instance", async () => await InstancesAsync("scaled") == 1, ct: Ct);
        await DeleteAsync("scaled");
    }

    [Fact]
    public async Task Restart_ReplacesInstances_WithoutAGap()
    {
        var address = await fixture.LaunchAsync("again");
        using var browser = _cloud.OpenBrowser();
        var before = await browser.GetStringAsync(new Uri(address), Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var failures = CountFailuresAsync(browser, address, stop.Token);

        var restart = await _cloud.SealosAsync(["app", "restart", "again", "--wait"], Ct);

        Assert.True(restart.ExitCode == 0, restart.ToString());
        await Eventually.TrueAsync("a new instance answers", async () => await browser.GetStringAsync(new Uri(address), Ct) != before, ct: Ct);
        await stop.CancelAsync();
        Assert.Equal(0, await failures);
        await DeleteAsync("again");
    }

    [Fact]
    public async Task Delete_TakesEverythingAway()
    {
        var address = await fixture.LaunchAsync("gone");
        await DeleteAsync("gone");

        using var browser = _cloud.OpenBrowser();
        await Eventually.TrueAsync("404 at the old address", async () => (await browser.GetAsync(new Uri(address), Ct)).StatusCode == HttpStatusCode.NotFound, ct: Ct);
        await Eventually.TrueAsync("no object left", async () =>
            (await _cloud.KubectlAsync(["get", "deploy,rs,po,svc,ing,ep,endpointslices", "-n", "ns-admin", "-o", "name"], Ct)).Output.Split('\n').All(l => !l.Contains("gone", StringComparison.Ordinal)), ct: Ct);
    }

    [Fact]
    public async Task UnknownImage_IsSaidInPlainWords()
    {
        var create = await _cloud.SealosAsync(["app", "create", "noimage", "--image", "sealos.hub/library/nothing:1", "--wait", "--timeout", "20"], Ct);

        Assert.Equal(7, create.ExitCode);
        Assert.Contains("waiting for the image", create.Error, StringComparison.Ordinal);
        await DeleteAsync("noimage");
    }

    private static async Task<int> CountFailuresAsync(HttpClient browser, string address, CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                using var answer = await browser.GetAsync(new Uri(address), ct);
                failures += answer.IsSuccessStatusCode ? 0 : 1;
                await Task.Delay(20, ct);
            }
            catch (HttpRequestException)
            {
                failures++;
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return failures;
    }

    private async Task<int> InstancesAsync(string app)
    {
        var pods = await _cloud.KubectlAsync(["get", "pods", "-n", "ns-admin", "-l", $"app={app}", "-o", "name"], Ct);
        return pods.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    private async Task DeleteAsync(string name) => Assert.Equal(0, (await _cloud.SealosAsync(["app", "delete", name, "--yes"], Ct)).ExitCode);
}
