using System.Security.Cryptography.X509Certificates;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

/// <summary>Clients that send or read as slowly as they can; on servers of much and of little patience. Everybody else goes on working.</summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private const int PerAddress = 300;
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    // No slow client's time is over here before a test is.
    private readonly ApiServerFixture _patient = new();

    private readonly ApiServerFixture _server = new()
    {
        Limits = new RequestLimits
        {
            Handshake = TimeSpan.FromSeconds(6),
            Headers = TimeSpan.FromSeconds(6),
            Idle = TimeSpan.FromSeconds(6),
            Request = TimeSpan.FromSeconds(6),
            ConnectionsAnAddress = PerAddress,
        },
    };

    private readonly List<RawConnection> _open = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        await _patient.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }

        await _server.DisposeAsync();
        await _patient.DisposeAsync();
    }

    [Fact]
    public Task AllAtOnce_AreBoundedAndOthersGoOn() => Task.WhenAll(
        HandshakeHeadersOrRequest_ThatDoNotCome_CloseTheConnectionAsync(),
        BodiesOnTheirWay_HoldNoSeatsAsync(),
        LargeBodiesOnTheirWay_LeaveRoomToOthersAsync(),
        AnswersNobodyReads_HoldNoSeatsAsync(),
        BodiesAndReadersThatDoNotComeOn_AreGivenUpAsync(),
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

    private async Task BodiesOnTheirWay_HoldNoSeatsAsync()
    {
        // Five users would take all seats of the server, if a body that is on its way took one.
        await AllowAsync(_patient, "edit", "slow");
        var users = Enumerable.Range(0, 5).Select(i => _patient.Certificates.Client($"slow-{i}", "slow")).ToArray();
        await ManyAsync(5 * 64, i => PostAsync(_patient, users[i % 5], 60_000, $"127.0.1.{1 + (i % 5)}"));

        using var modest = _patient.ClientFor("modest", "slow");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await modest.PostAsync(Maps, $$$"""{"metadata":{"name":"modest-{{{i}}}"}}""")).Expect(201)));
        using var same = _patient.ClientFor("slow-0", "slow");
        (await same.GetAsync(Maps)).Expect(200);
    }

    private async Task LargeBodiesOnTheirWay_LeaveRoomToOthersAsync()
    {
        // 3 MiB each: two fit into what one user may have on its way, forty into what all may.
        await AllowAsync(_patient, "edit", "large");
        var greedy = _patient.Certificates.Client("greedy", "large");
        await ManyAsync(60, _ => PostAsync(_patient, greedy, 3 * 1024 * 1024, "127.0.2.1"));
        using var modest = _patient.ClientFor("modest", "large");
        var body = """{"metadata":{"name":"big"},"data":{"a":""" + "\"" + new string('x', 900_000) + "\"}}";
        (await modest.PostAsync(Maps, body)).Expect(201);
    }

    private async Task AnswersNobodyReads_HoldNoSeatsAsync()
    {
        var ns = await FillAsync(_patient);
        await AllowAsync(_patient, "view", "readers");
        var reader = _patient.Certificates.Client("reader", "readers");
        await ManyAsync(100, _ => GetAsync(_patient, reader, $"/api/v1/namespaces/{ns}/configmaps", "127.0.3.1"));

        // The same user's other requests find a seat: 64 is all that they have.
        using var same = _patient.ClientFor("reader", "readers");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await same.GetAsync($"/api/v1/namespaces/{ns}/configmaps/c0")).Expect(200)));
    }

    private async Task BodiesAndReadersThatDoNotComeOn_AreGivenUpAsync()
    {
        var ns = await FillAsync(_server);
        var user = _server.Certificates.Client("slow", "system:masters");
        var bodies = await ManyAsync(10, _ => PostAsync(_server, user, 60_000, "127.0.5.1"));
        var lists = await ManyAsync(10, _ => GetAsync(_server, user, $"/api/v1/namespaces/{ns}/configmaps", "127.0.5.2"));
        var watches = await ManyAsync(10, _ => GetAsync(_server, user, $"/api/v1/namespaces/{ns}/configmaps?watch=1", "127.0.5.3"));
        Assert.All(await EndsAsync(bodies), end =>
        {
            Assert.StartsWith("HTTP/1.1 504", end, StringComparison.Ordinal);
            Assert.Contains("""message":"request did not complete within the allotted timeout","reason":"Timeout""", end, StringComparison.Ordinal);
        });

        // Read only after the server's patience was over: cut off, not complete.
        await Task.Delay(_server.Limits!.Request + TimeSpan.FromSeconds(2), Ct);
        Assert.All(await EndsAsync([.. lists, .. watches]), end => Assert.InRange(end.Length, 1, 8 * 1024 * 1024));
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

    /// <summary>8 MiB of objects in a namespace of their own.</summary>
    private static async Task<string> FillAsync(ApiServerFixture server)
    {
        var ns = await server.Admin.NewNamespaceAsync();
        var text = new string('x', 512 * 1024);
        for (var i = 0; i < 16; i++)
        {
            (await server.Admin.PostAsync($"/api/v1/namespaces/{ns}/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"},"data":{"a":"{{{text}}}"}}""")).Expect(201);
        }

        return ns;
    }

    private static async Task AllowAsync(ApiServerFixture server, string role, string group) =>
        (await server.Admin.PostAsync(
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            $$$"""{"metadata":{"name":"{{{group}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{role}}}"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"{{{group}}}"}]}""")).Expect(201);

    // Of the body comes enough at once that it is not given up for being slow, and then nothing.
    private static async Task<RawConnection> PostAsync(ApiServerFixture server, X509Certificate2 user, int length, string from)
    {
        var connection = await RawConnection.OpenTlsAsync(server.Address, user, Ct, from: from);
        await connection.SendAsync($"POST {Maps} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{{{new string(' ', 16_000)}", Ct);
        return connection;
    }

    private static async Task<RawConnection> GetAsync(ApiServerFixture server, X509Certificate2 user, string path, string from)
    {
        var connection = await RawConnection.OpenTlsAsync(server.Address, user, Ct, from: from);
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
