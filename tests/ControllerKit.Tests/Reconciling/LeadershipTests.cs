using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Xunit;

namespace Sealos.ControllerKit_Tests.Reconciling;

public sealed class LeadershipTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly HttpListener _server = new();
    private readonly KubeConfig _config;
    private readonly List<KubeClient> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private JsonObject? _lease;
    private int _version;
    private volatile bool _isAway;
    private volatile string? _usurper;
    private int _garbled;
    private volatile string _silent = "";

    public LeadershipTests()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        _server.Prefixes.Add(address);
        _server.Start();
        _config = new KubeConfig { Server = new Uri(address) };
        _serving = Task.Run(ServeAsync);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _server.Close();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _clients.ForEach(c => c.Dispose());
        _stop.Dispose();
    }

    [Fact]
    public async Task Leader_ToldToStop_HandsOverAtOnce_AndOnlyOneLeads()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var one = Of("one", TimeSpan.FromHours(1)).RunAsync(LeadUntilTold(first), end.Token);
        await first.Task.WaitAsync(Limit, Ct);
        var two = Of("two", TimeSpan.FromHours(1)).RunAsync(LeadUntilTold(second), Ct);
        await WaitForAsync(() => _version > 5);
        Assert.False(second.Task.IsCompleted);

        await end.CancelAsync();

        await second.Task.WaitAsync(Limit, Ct);
        Assert.True(one.IsCompleted);
        Assert.Equal("two", (string?)_lease!["spec"]!["holderIdentity"]);
        Assert.False(two.IsCompleted);
    }

    [Fact]
    public async Task Lease_OfSomebodyWhoIsGone_IsTakenWhenItIsOver()
    {
        _lease = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"lead","namespace":"ns","resourceVersion":"0"},"spec":{"holderIdentity":"gone","leaseTransitions":4}}""")!;
        var leads = new TaskCompletionSource();

        var next = Of("next", TimeSpan.FromMilliseconds(300)).RunAsync(LeadUntilTold(leads), Ct);

        await leads.Task.WaitAsync(Limit, Ct);
        Assert.Equal(5, (int?)_lease["spec"]!["leaseTransitions"]);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task Leader_WhoCannotRenew_LeadsNoLonger()
    {
        var leads = new TaskCompletionSource();
        var one = Of("one", TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(500)).RunAsync(LeadUntilTold(leads), Ct);
        await leads.Task.WaitAsync(Limit, Ct);

        _isAway = true;

        Assert.False(await one.WaitAsync(Limit, Ct));
    }

    [Fact]
    public async Task Leader_WhoseRenewalIsNotAnswered_IsToldToStopBeforeAnotherLeads()
    {
        var (renewWithin, duration) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
        var (leads, told, next) = (new TaskCompletionSource(), new TaskCompletionSource<long>(), new TaskCompletionSource<long>());
        var one = Of("one", duration, renewWithin).RunAsync(
            async ct =>
            {
                leads.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                told.TrySetResult(TimeProvider.System.GetTimestamp());

                // It does not stop as it is told.
                await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
            },
            Ct);
        await leads.Task.WaitAsync(Limit, Ct);

        _silent = "one";
        var two = Of("two", duration).RunAsync(
            async ct =>
            {
                next.TrySetResult(TimeProvider.System.GetTimestamp());
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            },
            Ct);

        var end = await told.Task.WaitAsync(Limit, Ct);
        Assert.False(await one.WaitAsync(Limit, Ct));
        Assert.False(next.Task.IsCompleted);
        Assert.True(await next.Task.WaitAsync(Limit, Ct) > end);
        Assert.False(two.IsCompleted);
    }

    // A machine that slept finds it so, with a clock that tells it that it has long to go.
    [Fact]
    public async Task Leader_WhoFindsThatAnotherHasTheLease_StopsAtOnce()
    {
        var leads = new TaskCompletionSource();
        var one = Of("one", TimeSpan.FromHours(1), TimeSpan.FromMinutes(30)).RunAsync(LeadUntilTold(leads), Ct);
        await leads.Task.WaitAsync(Limit, Ct);

        _usurper = "two";

        Assert.False(await one.WaitAsync(Limit, Ct));
        Assert.Equal("two", (string?)_lease!["spec"]!["holderIdentity"]);
    }

    [Fact]
    public async Task Leader_WhoIsAnsweredNonsense_LeadsOn()
    {
        var leads = new TaskCompletionSource();
        var one = Of("one", TimeSpan.FromHours(1)).RunAsync(LeadUntilTold(leads), Ct);
        await leads.Task.WaitAsync(Limit, Ct);

        Volatile.Write(ref _garbled, 3);
        await Task.WhenAny(one, WaitForAsync(() => Volatile.Read(ref _garbled) == 0));
        var before = _version;
        await Task.WhenAny(one, WaitForAsync(() => _version > before + 1));

        Assert.False(one.IsCompleted);
        Assert.Equal("one", (string?)_lease!["spec"]!["holderIdentity"]);
    }

    [Fact]
    public async Task Work_ThatFails_KeepsTheLease_AsWhatItBeganMayRunOn()
    {
        var one = Of("one", TimeSpan.FromHours(1)).RunAsync(_ => Task.FromException(new InvalidOperationException("no")), Ct);

        await Assert.ThrowsAsync<InvalidOperationException>(() => one.WaitAsync(Limit, Ct));

        Assert.Equal("one", (string?)_lease!["spec"]!["holderIdentity"]);
    }

    private static Func<CancellationToken, Task> LeadUntilTold(TaskCompletionSource leads) => async ct =>
    {
        leads.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    };

    private Leadership Of(string identity, TimeSpan duration, TimeSpan? renewWithin = null)
    {
        var client = new KubeClient(_config, identity);
        _clients.Add(client);
        return new(client, new ObjectKey("ns", "lead"), identity, TimeProvider.System, NullLogger.Instance) { Duration = duration, RenewWithin = renewWithin ?? Limit, Interval = TimeSpan.FromMilliseconds(50) };
    }

    private static async Task WaitForAsync(Func<bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(Limit);
        while (!isSo())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    // As much of an API server as one Lease needs: versions, and refusal of what is out of date.
    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var asked = await _server.GetContextAsync();
            if (asked.Request.UserAgent is { } agent && agent == _silent)
            {
                // Neither answered nor refused, as when packets are lost.
                continue;
            }

            using var reader = new StreamReader(asked.Request.InputStream);
            var body = await reader.ReadToEndAsync(_stop.Token);
            var (code, answer) = Answer(asked.Request.HttpMethod, body);
            asked.Response.StatusCode = code;
            asked.Response.ContentType = "application/json";
            asked.Response.Close(Encoding.UTF8.GetBytes(answer), willBlock: true);
        }
    }

    private (int Code, string Answer) Answer(string method, string body)
    {
        if (_isAway)
        {
            return Refusal(503, "ServiceUnavailable");
        }

        if (_garbled > 0)
        {
            Interlocked.Decrement(ref _garbled);
            return (200, "<html>");
        }

        if (_usurper is { } usurper)
        {
            _lease!["spec"]!["holderIdentity"] = usurper;
            _lease["metadata"]!["resourceVersion"] = $"{Interlocked.Increment(ref _version)}";
            _usurper = null;
        }

        if (method == "GET")
        {
            return _lease is null ? Refusal(404, "NotFound") : (200, _lease.ToJsonString());
        }

        var sent = (JsonObject)JsonNode.Parse(body)!;
        if (method == "POST" ? _lease is not null : (string?)sent["metadata"]!["resourceVersion"] != (string?)_lease?["metadata"]!["resourceVersion"])
        {
            return Refusal(409, method == "POST" ? "AlreadyExists" : "Conflict");
        }

        sent["metadata"]!["resourceVersion"] = $"{Interlocked.Increment(ref _version)}";
        _lease = sent;
        return (200, sent.ToJsonString());
    }

    private static (int Code, string Answer) Refusal(int code, string reason) => (code, $$"""{"kind":"Status","status":"Failure","reason":"{{reason}}","message":"no","code":{{code}}}""");
}
