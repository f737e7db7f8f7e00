using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>A workspace that takes all it can get goes under alone: its neighbour's app answers all the while, the node stays ready, and it heals.</summary>
[Collection(CloudCollection.Name)]
public sealed class BombTests(CloudFixture fixture) : IAsyncLifetime
{
    private const long Megabyte = 1024 * 1024;

    private const string Eats = "x=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 1000000";
    private const string Talks = "yes this line is one of very many that nobody will ever read | head -c 150000000; sleep 1000000";
    private const string Fills = "head -c 150000000 /dev/zero >/fill; sleep 1000000";

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private readonly Cloud _cloud = fixture.Cloud;
    private readonly CancellationTokenSource _stop = new();
    private Person _bomber = null!;
    private Person _calm = null!;
    private Task<(int Answers, IReadOnlyList<string> Failures)> _pulse = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await fixture.LoadToolsAsync();
        var people = await Task.WhenAll(Person.CreateAsync(_cloud, "bomber"), Person.CreateAsync(_cloud, "calm"));
        (_bomber, _calm) = (people[0], people[1]);
        await _calm.KubectlAsync(["run", "web", "--image", CloudFixture.Hello, "--port", "8080", "--expose"]).OutputAsync();
        var host = $"{_calm.Name}.{_cloud.Domain}";
        await _calm.KubectlAsync(["create", "ingress", "web", $"--rule={host}/*=web:8080"]).OutputAsync();
        await _calm.KubectlAsync(["wait", "--for=condition=Ready", "pod/web", "--timeout=110s"]).OutputAsync();
        _pulse = await StartPulseAsync(new Uri($"https://{host}:{_cloud.HttpsPort}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _bomber.DisposeAsync();
        await _calm.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Bombs_OfAWorkspace_TakeTheirOwnPodsDown_AndNothingElse()
    {
        var server = await _cloud.PidAsync("server", Ct);
        var memory = Resident(server);
        const string Small = """{"cpu":"500m","memory":"64Mi"}""";
        await Task.WhenAll(RunAsync(_bomber, "eats", Eats, Small), RunAsync(_bomber, "talks", Talks, Small), RunAsync(_bomber, "fills", Fills, Small));
        await Eventually.TrueAsync(
            "the memory bomb is killed",
            async () => (await SaidAsync(_bomber, "eats", "{.status.containerStatuses[0].lastState.terminated.reason}{.status.containerStatuses[0].state.terminated.reason}")).Contains("OOMKilled", StringComparison.Ordinal),
            Long,
            Ct);

        // A hundred megabytes of the disk are what a container gets that asks for no more.
        foreach (var pod in (string[])["talks", "fills"])
        {
            await Eventually.TrueAsync($"{pod} is ended", async () => await SaidAsync(_bomber, pod, "{.status.reason}") == "Evicted", Long, Ct);
            Assert.Equal("Container main exceeded its local ephemeral storage limit \"100Mi\". ", await SaidAsync(_bomber, pod, "{.status.message}"));
        }

        await _bomber.KubectlAsync(["delete", "pod", "--all", "--grace-period=0", "--force"]).OutputAsync();

        await CalmAsync(server);
        Assert.InRange(Resident(server) - memory, long.MinValue, 400 * Megabyte);
    }

    [Fact]
    public async Task Connections_WithoutEnd_FromOneAddress_AreCutOff_AndOthersAreServed()
    {
        var server = await _cloud.PidAsync("server", Ct);
        foreach (var (port, most, tried) in new[] { (_cloud.HttpsPort, 3_000, 3_300), (_cloud.ApiPort, 5_000, 5_300) })
        {
            var sockets = await ConnectAsync(port, tried);
            try
            {
                await Eventually.TrueAsync($"port {port} keeps no more than {most}", () => Task.FromResult(sockets.Count(IsOpen) <= most), TimeSpan.FromSeconds(60), Ct);
                Assert.Equal("web", await _calm.KubectlAsync(["get", "pods", "-o", "jsonpath={.items[*].metadata.name}"]).OutputAsync());

                // What says nothing is closed after a while, and its address has room again.
                await Eventually.TrueAsync($"port {port} keeps none of them", () => Task.FromResult(!sockets.Exists(IsOpen)), TimeSpan.FromSeconds(90), Ct);
            }
            finally
            {
                sockets.ForEach(s => s.Dispose());
            }
        }

        await CalmAsync(server);
    }

    /// <summary>The neighbour has noticed nothing, and neither has the node.</summary>
    private async Task CalmAsync(int server)
    {
        Assert.Equal("0", await SaidAsync(_calm, "web", "{.status.containerStatuses[0].restartCount}"));
        Assert.Equal(server, await _cloud.PidAsync("server", Ct));
        Assert.Equal("True", await _cloud.KubectlAsync(["get", "node", "node-1", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"], Ct).OutputAsync());
        await _stop.CancelAsync();
        var (answers, failures) = await _pulse;
        Assert.InRange(answers, 5, int.MaxValue);
        Assert.Empty(failures);
    }

    /// <summary>Asks the neighbour's app over and over, once it answers, and notes whenever it does not.</summary>
    private async Task<Task<(int, IReadOnlyList<string>)>> StartPulseAsync(Uri address)
    {
        var browser = _cloud.OpenBrowser();
        await CloudFixture.AnswersAsync(browser, address.ToString(), TimeSpan.FromSeconds(60));
        return BeatAsync();

        async Task<(int, IReadOnlyList<string>)> BeatAsync()
        {
            var (answers, failures) = (0, new List<string>());
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using var answer = await browser.GetAsync(address, CancellationToken.None);
                    answers++;
                    if (!answer.IsSuccessStatusCode)
                    {
                        failures.Add($"{answer.StatusCode}");
                    }
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    failures.Add(e.Message);
                }

                await Task.Delay(250, CancellationToken.None);
            }

            browser.Dispose();
            return (answers, failures);
        }
    }

    // From an address of its own, as a stranger would; nothing is said on them.
    private static async Task<List<Socket>> ConnectAsync(int port, int count)
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            sockets.Add(socket);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Ct);
            }
            catch (SocketException)
            {
                // Cut off at once, which is what is wanted.
            }
        }

        return sockets;
    }

    private static bool IsOpen(Socket socket)
    {
        try
        {
            return socket.Connected && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Task<string> SaidAsync(Person person, string pod, string path) => person.KubectlAsync(["get", "pod", pod, "-o", "jsonpath=" + path]).OutputAsync();

    private static async Task RunAsync(Person person, string name, string script, string limits)
    {
        var resources = limits.Length == 0 ? "" : $",\"resources\":{{\"limits\":{limits}}}";
        await person.KubectlAsync(["create", "-f", "-"], $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"terminationGracePeriodSeconds":1,"containers":[
            {"name":"main","image":"{{{CloudFixture.Tools}}}","command":["sh","-c",{{{JsonSerializer.Serialize(script)}}}]{{{resources}}}}] } }
            """).OutputAsync();
    }

    private static long Resident(int pid) => long.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
}
