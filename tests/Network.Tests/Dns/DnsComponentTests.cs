using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Network.Dns;
using Sealos.Network_Tests.Services;
using Xunit;

namespace Sealos.Network_Tests.Dns;

/// <summary>The whole server over loopback: a real watch on one side, real packets on the other.</summary>
public sealed class DnsComponentTests : IAsyncLifetime
{
    private const int A = 1;

    private readonly FakeNameServer _upstream = new();
    private readonly FakeNameServer _second = new();
    private FakeKubeApi _api = null!;
    private KubeClient _client = null!;
    private InformerFactory _informers = null!;
    private DnsComponent _dns = null!;

    private IPEndPoint Server => _dns.Listening[0];

    public async ValueTask InitializeAsync()
    {
        _api = await FakeKubeApi.StartAsync();
        _api.Put(Samples.Service("web", "10.209.1.1"));
        _client = _api.Client();
        _informers = new InformerFactory(_client, NullLoggerFactory.Instance);
        var options = new DnsOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Upstreams = [_upstream.Address, _second.Address],
            UpstreamTimeout = TimeSpan.FromMilliseconds(300),
        };
        _dns = new DnsComponent(options, _informers, TimeProvider.System, NullLoggerFactory.Instance);
        await _dns.StartAsync(TestContext.Current.CancellationToken);
        _informers.Start();
        await UntilAsync("web.shop.svc.cluster.local", "web.shop.svc.cluster.local 5 A 10.209.1.1");
    }

    public async ValueTask DisposeAsync()
    {
        await _dns.StopAsync(default);
        _dns.Dispose();
        await _informers.DisposeAsync();
        _client.Dispose();
        await _api.DisposeAsync();
        _upstream.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Services_AreFollowed_AndKeptWhileTheApiIsAway()
    {
        _api.Put(Samples.Service("new", "10.209.1.2"));
        await UntilAsync("new.shop.svc.cluster.local", "new.shop.svc.cluster.local 5 A 10.209.1.2");
        _api.Delete<Service>("shop", "new");
        await UntilAsync("new.shop.svc.cluster.local", "");

        await _api.StopAsync();
        Assert.Equal(["web.shop.svc.cluster.local 5 A 10.209.1.1"], (await AskAsync("web.shop.svc.cluster.local")).Answers);
    }

    [Fact]
    public async Task Tcp_AnswersManyQuestionsOnOneConnection()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Server, TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        for (ushort id = 1; id < 4; id++)
        {
            await stream.WriteAsync(TcpFrame.Wrap(Wire.Query("web.shop.svc.cluster.local", A, id)), TestContext.Current.CancellationToken);
            var reply = Wire.Read((await TcpFrame.ReadAsync(stream, 65535, TestContext.Current.CancellationToken))!);
            Assert.Equal(id, reply.Id);
            Assert.Equal(["web.shop.svc.cluster.local 5 A 10.209.1.1"], reply.Answers);
        }

        // What is no question ends the connection, and only this one.
        await stream.WriteAsync(TcpFrame.Wrap([1, 2, 3]), TestContext.Current.CancellationToken);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Single((await AskAsync("web.shop.svc.cluster.local")).Answers);
    }

    [Fact]
    public async Task ForeignName_IsAskedOnce_HoweverManyWantIt_AndInTheirOwnSpelling()
    {
        _upstream.Delay = TimeSpan.FromMilliseconds(100);
        _upstream.OnPacket = q => [FakeNameServer.AnswerTo(q, Samples53.Reply())];
        var replies = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => AskAsync(i % 2 == 0 ? "www.example.org" : "WWW.Example.org", id: (ushort)i)));
        foreach (var (reply, i) in replies.Zip(Enumerable.Range(1, 20)))
        {
            Assert.Equal(i, reply.Id);
            Assert.Equal([i % 2 == 0 ? "www.example.org 1" : "WWW.Example.org 1"], reply.Questions);
            Assert.Equal(3, reply.Answers.Count);
            Assert.False(reply.IsAuthoritative);
        }

        Assert.Equal(3, (await AskAsync("www.example.ORG")).Answers.Count);
        Assert.Equal(1, _upstream.Asked);
    }

    [Fact]
    public async Task ForgedReplies_AreNotBelieved()
    {
        _upstream.OnPacket = q =>
        {
            var good = FakeNameServer.AnswerTo(q, Samples53.Reply());
            var otherId = (byte[])good.Clone();
            otherId[0] ^= 0xFF;
            otherId[^60] = 66;
            var otherName = (byte[])good.Clone();
            otherName[13] = (byte)'x';
            var question = (byte[])good.Clone();
            question[2] = 0x01;
            return [otherId, otherName, question, [1, 2, 3], good[..40], good];
        };
        var reply = await AskAsync("www.example.org");
        Assert.Equal(["www.example.org 60 CNAME web.example.org", "web.example.org 70 A 192.0.2.1", "web.example.org 80 A 192.0.2.2"], reply.Answers);
    }

    [Fact]
    public async Task CutReply_IsFetchedWholeByTcp()
    {
        _upstream.OnPacket = q =>
        {
            var cut = FakeNameServer.AnswerTo(q, Samples53.Question());
            cut[2] = 0x83;
            return [cut];
        };
        _upstream.OnStream = q => FakeNameServer.AnswerTo(q, Samples53.Reply());
        Assert.Equal(3, (await AskAsync("www.example.org")).Answers.Count);
    }

    [Fact]
    public async Task SilentServer_IsPassedOver_AndThenAskedLast()
    {
        _second.OnPacket = q => [FakeNameServer.AnswerTo(q, Samples53.Reply(life: 0))];
        Assert.Equal(3, (await AskAsync("www.example.org")).Answers.Count);
        var clock = Stopwatch.StartNew();
        Assert.Equal(3, (await AskAsync("www.example.org")).Answers.Count);
        Assert.True(clock.ElapsedMilliseconds < 250, $"took {clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task SilentServers_FailTheirQuestions_AndHoldUpNobodyElse()
    {
        var waiting = Enumerable.Range(1, 50).Select(i => AskAsync($"h{i}.example.org", id: (ushort)i)).ToList();
        var clock = Stopwatch.StartNew();
        Assert.Single((await AskAsync("web.shop.svc.cluster.local")).Answers);
        Assert.True(clock.ElapsedMilliseconds < 250, $"took {clock.ElapsedMilliseconds} ms");
        Assert.All(await Task.WhenAll(waiting), r => Assert.Equal(2, r.Status));
    }

    [Fact]
    public async Task OneClient_WithTooManyOpenQuestions_IsTurnedAwayAtOnce()
    {
        using var client = new UdpClient(AddressFamily.InterNetwork);
        for (ushort i = 0; i < 101; i++)
        {
            await client.SendAsync(Wire.Query($"h{i}.example.org", A, i), Server, TestContext.Current.CancellationToken);
        }

        var clock = Stopwatch.StartNew();
        var first = Wire.Read((await client.ReceiveAsync(TestContext.Current.CancellationToken)).Buffer);
        Assert.Equal(100, first.Id);
        Assert.Equal(2, first.Status);
        Assert.True(clock.ElapsedMilliseconds < 250, $"took {clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task ExternalName_LeadsOutside_WithTheAddressesInOneAnswer()
    {
        _upstream.OnPacket = q => [FakeNameServer.AnswerTo(q, Samples53.Reply())];
        _api.Put(new Service { Metadata = new() { Namespace = "shop", Name = "out" }, Spec = new() { Type = "ExternalName", ExternalName = "www.example.org" } });
        string[] expected =
        [
            "out.shop.svc.cluster.local 30 CNAME www.example.org", "www.example.org 60 CNAME web.example.org",
            "web.example.org 70 A 192.0.2.1", "web.example.org 80 A 192.0.2.2",
        ];
        await UntilAsync("out.shop.svc.cluster.local", string.Join('|', expected));
    }

    [Fact]
    public async Task EdnsClient_GetsItsAnswerInOnePacket_OthersAreTold()
    {
        var many = Samples53.Question().ToList();
        many[2] = 0x81;
        many[3] = 0x80;
        many[7] = 60;
        for (byte i = 0; i < 60; i++)
        {
            many.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, i]);
        }

        _upstream.OnPacket = q => [FakeNameServer.AnswerTo(q, [.. many])];
        Assert.Equal(60, (await AskAsync("www.example.org", packetSize: 4096)).Answers.Count);
        var plain = await AskAsync("www.example.org");
        Assert.True(plain.IsTruncated);
        Assert.Empty(plain.Answers);
    }

    [Fact]
    public async Task Address_ThatIsTaken_IsNamedInTheError()
    {
        var options = new DnsOptions { Listen = [Server] };
        using var other = new DnsComponent(options, _informers, TimeProvider.System, NullLoggerFactory.Instance);
        var error = await Assert.ThrowsAsync<IOException>(() => other.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(Server.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ThatFails_GivesTheAddressBackAllTheSame()
    {
        var options = new DnsOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] };
        using var failing = new DnsComponent(options, _informers, TimeProvider.System, new FailingLoggers());
        await failing.StartAsync(TestContext.Current.CancellationToken);
        var address = failing.Listening[0];
        await Assert.ThrowsAsync<IOException>(() => failing.StopAsync(TestContext.Current.CancellationToken));

        using var next = new DnsComponent(options with { Listen = [address] }, _informers, TimeProvider.System, NullLoggerFactory.Instance);
        await next.StartAsync(TestContext.Current.CancellationToken);
        await next.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DnsService_IsCreatedOnce_WithItselfAsEndpoint()
    {
        for (var i = 0; i < 2; i++)
        {
            await ClusterDnsService.EnsureAsync(_client, IPAddress.Parse("10.209.0.10"), KeyValuePair.Create("of", "dns"), TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            ["/api/v1/namespaces/kube-system/services", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices"],
            _api.Created.Select(c => c.Path));
        Assert.All(_api.Created, c => Assert.Contains("10.209.0.10", c.Body, StringComparison.Ordinal));
    }

    private async Task<Reply> AskAsync(string name, ushort id = 7, int? packetSize = null)
    {
        using var client = new UdpClient(AddressFamily.InterNetwork);
        await client.SendAsync(Wire.Query(name, A, id, packetSize), Server, TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return Wire.Read((await client.ReceiveAsync(limit.Token)).Buffer);
    }

    private async Task UntilAsync(string name, string expected)
    {
        var last = "";
        for (var i = 0; i < 100; i++)
        {
            last = string.Join('|', (await AskAsync(name)).Answers);
            if (last == expected)
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, last);
    }

    private sealed class FailingLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => throw new IOException("no space left");

        public void Dispose()
        {
        }
    }
}
