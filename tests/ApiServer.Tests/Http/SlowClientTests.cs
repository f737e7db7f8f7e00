using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>Clients that send or read as slowly as they can; on a server of little patience. Everybody else goes on working.</summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private const int PerAddress = 300;

    private readonly ApiServerFixture _server = new()
    {
        Limits = new RequestLimits
        {
            Handshake = TimeSpan.FromSeconds(6),
            Headers = TimeSpan.FromSeconds(6),
            Idle = TimeSpan.FromSeconds(6),
            Request = TimeSpan.FromSeconds(12),
            ConnectionsAnAddress = PerAddress,
        },
    };

    private readonly List<RawConnection> _open = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public Task AllAtOnce_AreBoundedAndOthersGoOn() => Task.WhenAll(
        HandshakeHeadersOrRequest_ThatDoNotCome_CloseTheConnectionAsync(),
        BodiesThatDrip_HoldNoSeatsAndTimeOutAsync(),
        LargeBodiesOnTheirWay_ShareABoundedMemoryAsync(),
        AnswersNobodyReads_HoldNoSeatsAndEndAsync(),
        ConnectionsOfOneAddress_BeyondItsShare_AreClosedAsync());

    private async Task HandshakeHeadersOrRequest_ThatDoNotCome_CloseTheConnectionAsync()
    {
        var silent = await ManyAsync(20, _ => RawConnection.OpenAsync(_server.Address, "127.0.0.1", Ct));
        var idle = await ManyAsync(20, _ => RawConnection.OpenTlsAsync(_server.Address, null, Ct));
        var dripping = await ManyAsync(20, async _ =>
        {
            var connection = await RawConnection.OpenTlsAsync(_server.Address, null, Ct);
            await connection.SendAsync("GET /version HTTP/1.1\r\nHost: x\r\nA: b\r\n", Ct);
            return connection;
        });

        (await _server.Admin.GetAsync("/api/v1/namespaces/default")).Expect(200);
        Assert.All(await EndsAsync(silent), Assert.Empty);
        Assert.All(await EndsAsync(idle), Assert.Empty);
        Assert.All(await EndsAsync(dripping), end => Assert.StartsWith("HTTP/1.1 408", end, StringComparison.Ordinal));
    }

    private async Task BodiesThatDrip_HoldNoSeatsAndTimeOutAsync()
    {
        // Five users would take all seats of the server, if a body that is on its way took one.
        await AllowAsync("edit", "slow");
        var users = Enumerable.Range(0, 5).Select(i => _server.Certificates.Client($"slow-{i}", "slow")).ToArray();
        var slow = await ManyAsync(5 * 64, i => PostAsync(users[i % 5], 1000, "{\"metadata\":", $"127.0.1.{1 + (i % 5)}"));
        var ends = EndsAsync(slow);
        await Task.Delay(200, Ct);

        using var modest = _server.ClientFor("modest", "slow");
        (await modest.GetAsync("/api/v1/namespaces/default/configmaps")).Expect(200);
        Assert.DoesNotContain(slow, s => s.IsOver);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await modest.PostAsync("/api/v1/namespaces/default/configmaps", $$$"""{"metadata":{"name":"modest-{{{i}}}"}}""")).Expect(201)));
        using var same = _server.ClientFor("slow-0", "slow");
        (await same.GetAsync("/api/v1/namespaces/default/configmaps")).Expect(200);
        Assert.All(await ends, end =>
        {
            Assert.StartsWith("HTTP/1.1 504", end, StringComparison.Ordinal);
            Assert.Contains("""message":"request did not complete within the allotted timeout","reason":"Timeout""", end, StringComparison.Ordinal);
        });
    }

    private async Task LargeBodiesOnTheirWay_ShareABoundedMemoryAsync()
    {
        // 3 MiB each: two fit into what one user may have on its way; the others wait, and are told to come again.
        await AllowAsync("edit", "large");
        var greedy = _server.Certificates.Client("greedy", "large");
        var slow = await ManyAsync(30, _ => PostAsync(greedy, 3 * 1024 * 1024, "{", "127.0.2.1"));
        using var modest = _server.ClientFor("modest", "large");
        var body = """{"metadata":{"name":"big"},"data":{"a":""" + "\"" + new string('x', 900_000) + "\"}}";
        (await modest.PostAsync("/api/v1/namespaces/default/configmaps", body)).Expect(201);
        Assert.All(await EndsAsync(slow), end => Assert.StartsWith("HTTP/1.1 504", end, StringComparison.Ordinal));
    }

    private async Task AnswersNobodyReads_HoldNoSeatsAndEndAsync()
    {
        var ns = await FillAsync(16);
        await AllowAsync("view", "readers");
        var reader = _server.Certificates.Client("reader", "readers");
        var started = Stopwatch.GetTimestamp();
        var lists = await ManyAsync(100, _ => GetAsync(reader, $"/api/v1/namespaces/{ns}/configmaps", "127.0.3.1"));
        var watches = await ManyAsync(20, _ => GetAsync(reader, $"/api/v1/namespaces/{ns}/configmaps?watch=1", "127.0.3.2"));
        await Task.Delay(200, Ct);

        // The same user's other requests find a seat: 64 is all that they have.
        using var same = _server.ClientFor("reader", "readers");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await same.GetAsync($"/api/v1/namespaces/{ns}/configmaps/c0")).Expect(200)));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, _server.Limits!.Request);

        // Read only after the server's patience was over: cut off, not complete.
        await Task.Delay(_server.Limits!.Request + TimeSpan.FromSeconds(2), Ct);
        Assert.All(await EndsAsync(lists), end => Assert.InRange(end.Length, 1, 8 * 1024 * 1024));
        Assert.All(await EndsAsync(watches), end => Assert.InRange(end.Length, 1, 8 * 1024 * 1024));
    }

    private async Task ConnectionsOfOneAddress_BeyondItsShare_AreClosedAsync()
    {
        var taken = await ManyAsync(PerAddress, _ => RawConnection.OpenAsync(_server.Address, "127.0.4.1", Ct));
        await using var further = await RawConnection.OpenAsync(_server.Address, "127.0.4.1", Ct);
        Assert.Empty(await further.ReadToEndAsync(Ct).WaitAsync(TimeSpan.FromSeconds(30), Ct));
        await using var other = await RawConnection.OpenTlsAsync(_server.Address, null, Ct, from: "127.0.4.2");
        await other.SendAsync("GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Ct);
        Assert.StartsWith("HTTP/1.1 200", await other.ReadToEndAsync(Ct), StringComparison.Ordinal);

        // Silent ones are closed, and the address has its share again.
        await EndsAsync(taken);
        await using var later = await RawConnection.OpenTlsAsync(_server.Address, null, Ct, from: "127.0.4.1");
    }

    /// <summary>Objects of 512 KiB each in a namespace of their own.</summary>
    private async Task<string> FillAsync(int count)
    {
        var ns = await _server.Admin.NewNamespaceAsync();
        var text = new string('x', 512 * 1024);
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i => (await _server.Admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"},"data":{"a":"{{{text}}}"}}""")).Expect(201)));
        return ns;
    }

    private async Task AllowAsync(string role, string group) =>
        (await _server.Admin.PostAsync(
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            $$$"""{"metadata":{"name":"{{{group}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{role}}}"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"{{{group}}}"}]}""")).Expect(201);

    private async Task<RawConnection> PostAsync(X509Certificate2 user, int length, string beginning, string from)
    {
        var connection = await RawConnection.OpenTlsAsync(_server.Address, user, Ct, from: from);
        await connection.SendAsync($"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{beginning}", Ct);
        return connection;
    }

    private async Task<RawConnection> GetAsync(X509Certificate2 user, string path, string from)
    {
        var connection = await RawConnection.OpenTlsAsync(_server.Address, user, Ct, from: from);
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n", Ct);
        return connection;
    }

    private async Task<RawConnection[]> ManyAsync(int count, Func<int, Task<RawConnection>> open)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, count).Select(open));
        lock (_open)
        {
            _open.AddRange(connections);
        }

        return connections;
    }

    private static Task<string[]> EndsAsync(RawConnection[] connections) =>
        Task.WhenAll(connections.Select(c => c.ReadToEndAsync(Ct))).WaitAsync(TimeSpan.FromSeconds(60), Ct);
}
