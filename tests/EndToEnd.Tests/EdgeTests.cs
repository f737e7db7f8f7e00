using System.Net.WebSockets;
using System.Text;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>People who use an app do not notice that the server dies and comes back.</summary>
[Collection(RoughCollection.Name)]
public sealed class EdgeTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ServerKilledAndRestarted_ConnectionsAndRequestsGoOn()
    {
        var address = new Uri(await fixture.LaunchAsync("steady", "--replicas", "2"));
        using var browser = _cloud.OpenBrowser();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "wss", Path = "/ws" }.Uri, browser, Ct);
        Assert.Equal("before", await EchoAsync(socket, "before"));
        var edge = await _cloud.PidAsync("edge", Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var requests = RequestAsync(browser, address, stop.Token);
        var slow = browser.GetStringAsync(new Uri(address, "/slow?ms=8000"), Ct);

        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        Assert.Equal("without a server", await EchoAsync(socket, "without a server"));
        using (var stranger = _cloud.OpenBrowser())
        {
            Assert.Contains("steady-", await stranger.GetStringAsync(address, Ct), StringComparison.Ordinal);
        }

        await _cloud.UpAsync(Ct).OutputAsync();

        Assert.Equal("after", await EchoAsync(socket, "after"));
        Assert.NotEmpty(await slow);
        await stop.CancelAsync();
        var (answered, failures) = await requests;
        Assert.Empty(failures);
        Assert.InRange(answered, 20, int.MaxValue);
        Assert.Equal(edge, await _cloud.PidAsync("edge", Ct));
        await fixture.DeleteAsync("steady");
    }

    [Fact]
    public async Task EdgeKilled_IsStartedAgain()
    {
        var address = await fixture.LaunchAsync("edged");
        await LinuxProcess.KillAsync(await _cloud.PidAsync("edge", Ct), Ct);

        using var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address);
        await fixture.DeleteAsync("edged");
    }

    private static async Task<string> EchoAsync(WebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Ct);
        var buffer = new byte[256];
        var answer = await socket.ReceiveAsync(buffer.AsMemory(), Ct);
        return Encoding.UTF8.GetString(buffer, 0, answer.Count);
    }

    private static async Task<(int Answered, List<string> Failures)> RequestAsync(HttpClient browser, Uri address, CancellationToken ct)
    {
        var answered = 0;
        var failures = new List<string>();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                using var answer = await browser.GetAsync(address, ct);
                if (answer.IsSuccessStatusCode)
                {
                    answered++;
                }
                else
                {
                    failures.Add(answer.StatusCode.ToString());
                }

                await Task.Delay(20, ct);
            }
            catch (HttpRequestException e)
            {
                failures.Add(e.Message);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
        }

        return (answered, failures);
    }
}
