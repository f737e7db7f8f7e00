using System.Net;
using Sealos.Kinds.Core;
using Sealos.Network.Dns;
using Sealos.Network_Tests.Services;
using Xunit;
using DiscoveryPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.Network_Tests.Dns;

public sealed class ClusterZoneTests
{
    private const int A = 1;
    private const int Soa = 6;
    private const int Ptr = 12;
    private const int Txt = 16;
    private const int Aaaa = 28;
    private const int Srv = 33;

    private static readonly List<DiscoveryPort> WebPorts = [new() { Name = "http", Protocol = "TCP", Port = 8080 }, new() { Name = "sync", Protocol = "UDP", Port = 9090 }];

    private readonly ServiceDirectory _directory = new();
    private readonly Resolver _resolver;

    public ClusterZoneTests()
    {
        var options = new DnsOptions { ResolvConf = "/nonexistent", CloudDomain = "sealos.localhost", GatewayAddress = IPAddress.Parse("10.208.0.1") };
        _resolver = new Resolver(new CloudNames(options), new ClusterZone(options, _directory), new Forwarder(options, TimeProvider.System, CancellationToken.None)) { KnowsCluster = true };
        _directory.Apply(null, Samples.Service("web", "10.209.1.1", Samples.Tcp(80, "http"), Samples.Udp(90, "sync"), Samples.Tcp(81)));
        _directory.Apply(null, Samples.Slice("web", 8080, "10.208.0.9"));
        _directory.Apply(null, Samples.Service("db", "None", Samples.Tcp(5432, "http"), Samples.Udp(9090, "sync")));
        _directory.Apply(null, Samples.Slice("db", WebPorts, [Samples.Ready("10.208.0.5", hostname: "db-0"), Samples.Ready("10.208.0.6"), Samples.Ending("10.208.0.7", serving: true)]));
        _directory.Apply(null, Samples.Service("lonely", "None"));
    }

    [Theory]
    [InlineData("web.shop.svc.cluster.local", A, "web.shop.svc.cluster.local 5 A 10.209.1.1")]
    [InlineData("WEB.Shop.svc.Cluster.LOCAL", A, "WEB.Shop.svc.Cluster.LOCAL 5 A 10.209.1.1")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", Srv, "_http._tcp.web.shop.svc.cluster.local 5 SRV 0 100 80 web.shop.svc.cluster.local")]
    [InlineData("_sync._udp.web.shop.svc.cluster.local", Srv, "_sync._udp.web.shop.svc.cluster.local 5 SRV 0 100 90 web.shop.svc.cluster.local")]
    [InlineData("1.1.209.10.in-addr.arpa", Ptr, "1.1.209.10.in-addr.arpa 5 PTR web.shop.svc.cluster.local")]
    [InlineData("db-0.db.shop.svc.cluster.local", A, "db-0.db.shop.svc.cluster.local 5 A 10.208.0.5")]
    [InlineData("10-208-0-6.db.shop.svc.cluster.local", A, "10-208-0-6.db.shop.svc.cluster.local 5 A 10.208.0.6")]
    [InlineData("5.0.208.10.in-addr.arpa", Ptr, "5.0.208.10.in-addr.arpa 5 PTR db-0.db.shop.svc.cluster.local")]
    [InlineData("6.0.208.10.in-addr.arpa", Ptr, "6.0.208.10.in-addr.arpa 5 PTR 10-208-0-6.db.shop.svc.cluster.local")]
    [InlineData("10-208-3-4.any.pod.cluster.local", A, "10-208-3-4.any.pod.cluster.local 5 A 10.208.3.4")]
    [InlineData("dns-version.cluster.local", Txt, "dns-version.cluster.local 5 TXT 1.1.0")]
    [InlineData("ns.dns.cluster.local", A, "ns.dns.cluster.local 5 A 10.209.0.10")]
    [InlineData("sealos.localhost", A, "sealos.localhost 30 A 10.208.0.1")]
    [InlineData("hello-x1.sealos.localhost", A, "hello-x1.sealos.localhost 30 A 10.208.0.1")]
    [InlineData("a.b.sealos.localhost", A, "a.b.sealos.localhost 30 A 10.208.0.1")]
    [InlineData("localhost", A, "localhost 30 A 127.0.0.1")]
    public void Name_ThatExists_IsAnswered(string name, int type, string expected)
    {
        var reply = Ask(name, type);
        Assert.Equal([expected], reply.Answers);
        Assert.Equal([$"{name} {type}"], reply.Questions);
        Assert.Equal(0, reply.Status);
        Assert.True(reply.IsAuthoritative);
    }

    [Theory]
    [InlineData("web.shop.svc.cluster.local", Aaaa)]
    [InlineData("web.shop.svc.cluster.local", Txt)]
    [InlineData("_tcp.web.shop.svc.cluster.local", A)]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", A)]
    [InlineData("db-0.db.shop.svc.cluster.local", Aaaa)]
    [InlineData("lonely.shop.svc.cluster.local", A)]
    [InlineData("shop.svc.cluster.local", A)]
    [InlineData("svc.cluster.local", A)]
    [InlineData("cluster.local", A)]
    [InlineData("pod.cluster.local", A)]
    [InlineData("shop.pod.cluster.local", A)]
    [InlineData("dns.cluster.local", A)]
    [InlineData("1.1.209.10.in-addr.arpa", A)]
    [InlineData("hello.sealos.localhost", Aaaa)]
    [InlineData("hello.sealos.localhost", Txt)]
    public void Name_WithoutSuchARecord_ExistsAllTheSame(string name, int type)
    {
        var reply = Ask(name, type);
        Assert.Equal(0, reply.Status);
        Assert.Empty(reply.Answers);
        Assert.Contains(" SOA ", Assert.Single(reply.Authorities), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other.shop.svc.cluster.local")]
    [InlineData("web.other.svc.cluster.local")]
    [InlineData("other.svc.cluster.local")]
    [InlineData("x.web.shop.svc.cluster.local")]
    [InlineData("10-208-0-9.web.shop.svc.cluster.local")]
    [InlineData("10-208-0-7.db.shop.svc.cluster.local")]
    [InlineData("_none._tcp.web.shop.svc.cluster.local")]
    [InlineData("_http._udp.web.shop.svc.cluster.local")]
    [InlineData("_._tcp.web.shop.svc.cluster.local")]
    [InlineData("_udp.lonely.shop.svc.cluster.local")]
    [InlineData("x.y.z.web.shop.svc.cluster.local")]
    [InlineData("google.com.shop.svc.cluster.local")]
    [InlineData("192-168-1-1.shop.pod.cluster.local")]
    [InlineData("10-208-3.shop.pod.cluster.local")]
    [InlineData("10-208-3-04.shop.pod.cluster.local")]
    [InlineData("web.cluster.local")]
    [InlineData("9.9.209.10.in-addr.arpa")]
    [InlineData("7.7.208.10.in-addr.arpa")]
    public void Name_ThatDoesNotExist_IsDeniedWithTheZonesWord(string name)
    {
        var reply = Ask(name, A);
        Assert.Equal(3, reply.Status);
        Assert.Empty(reply.Answers);
        Assert.Contains(" 5 SOA ", Assert.Single(reply.Authorities), StringComparison.Ordinal);
        Assert.True(reply.IsAuthoritative);
    }

    [Fact]
    public void HeadlessService_ListsItsReadyEndpoints_EachFirstInTurn()
    {
        var first = Ask("db.shop.svc.cluster.local", A).Answers;
        var second = Ask("db.shop.svc.cluster.local", A).Answers;
        Assert.Equal(["db.shop.svc.cluster.local 5 A 10.208.0.5", "db.shop.svc.cluster.local 5 A 10.208.0.6"], first.Order());
        Assert.NotEqual(first[0], second[0]);
        Assert.Equal(first.Order(), second.Order());
    }

    [Fact]
    public void HeadlessPort_LeadsToEachEndpointByName_WithItsAddress()
    {
        var reply = Ask("_http._tcp.db.shop.svc.cluster.local", Srv);
        Assert.Equal(
            ["_http._tcp.db.shop.svc.cluster.local 5 SRV 0 100 8080 10-208-0-6.db.shop.svc.cluster.local", "_http._tcp.db.shop.svc.cluster.local 5 SRV 0 100 8080 db-0.db.shop.svc.cluster.local"],
            reply.Answers.Order());
        Assert.Equal(["10-208-0-6.db.shop.svc.cluster.local 5 A 10.208.0.6", "db-0.db.shop.svc.cluster.local 5 A 10.208.0.5"], reply.Additional.Order());
    }

    [Fact]
    public void Zone_SaysWhoServesIt()
    {
        Assert.Equal(["cluster.local 5 SOA ns.dns.cluster.local"], Ask("cluster.local", Soa).Answers);
        Assert.Equal(["cluster.local 5 NS ns.dns.cluster.local"], Ask("cluster.local", 2).Answers);
    }

    [Fact]
    public async Task ExternalName_IsFollowedInsideTheCluster()
    {
        var alias = new Service { Metadata = new() { Namespace = "shop", Name = "alias" }, Spec = new() { Type = "ExternalName", ExternalName = "Web.shop.svc.cluster.local." } };
        _directory.Apply(null, alias);
        var query = DnsQuery.Parse(Wire.Query("alias.shop.svc.cluster.local", A))!;
        Assert.False(_resolver.TryAnswer(query, 512, out _));
        var reply = Wire.Read(await _resolver.AnswerAsync(query, 512, TestContext.Current.CancellationToken));
        Assert.Equal(["alias.shop.svc.cluster.local 30 CNAME web.shop.svc.cluster.local", "web.shop.svc.cluster.local 5 A 10.209.1.1"], reply.Answers);
        Assert.Equal(["alias.shop.svc.cluster.local 30 CNAME web.shop.svc.cluster.local"], Ask("alias.shop.svc.cluster.local", 5).Answers);
    }

    [Fact]
    public async Task ExternalNames_ThatLeadInACircle_End()
    {
        foreach (var (name, target) in new[] { ("a", "b"), ("b", "a") })
        {
            _directory.Apply(null, new Service { Metadata = new() { Namespace = "shop", Name = name }, Spec = new() { Type = "ExternalName", ExternalName = target + ".shop.svc.cluster.local" } });
        }

        var query = DnsQuery.Parse(Wire.Query("a.shop.svc.cluster.local", A))!;
        var reply = Wire.Read(await _resolver.AnswerAsync(query, 512, TestContext.Current.CancellationToken));
        Assert.InRange(reply.Answers.Count, 2, 10);
    }

    [Fact]
    public void Changes_AreSeenAtOnce_AndWhatGoesIsGone()
    {
        var web = Samples.Service("web", "10.209.1.1", Samples.Tcp(80, "http"), Samples.Udp(90, "sync"), Samples.Tcp(81));
        var moved = Samples.Service("web", "10.209.1.2");
        _directory.Apply(web, moved);
        Assert.Equal(["web.shop.svc.cluster.local 5 A 10.209.1.2"], Ask("web.shop.svc.cluster.local", A).Answers);
        Assert.Equal(3, Ask("1.1.209.10.in-addr.arpa", Ptr).Status);
        Assert.Equal(["2.1.209.10.in-addr.arpa 5 PTR web.shop.svc.cluster.local"], Ask("2.1.209.10.in-addr.arpa", Ptr).Answers);

        _directory.Apply(moved, null);
        Assert.Equal(3, Ask("web.shop.svc.cluster.local", A).Status);
        Assert.Equal(0, Ask("shop.svc.cluster.local", A).Status);

        var slice = Samples.Slice("db", WebPorts, [Samples.Ready("10.208.0.5", hostname: "db-0"), Samples.Ready("10.208.0.6")]);
        _directory.Apply(slice, Samples.Slice("db", WebPorts, [Samples.Ready("10.208.0.8", hostname: "db-0")]));
        Assert.Equal(["db-0.db.shop.svc.cluster.local 5 A 10.208.0.8"], Ask("db-0.db.shop.svc.cluster.local", A).Answers);
        Assert.Equal(3, Ask("5.0.208.10.in-addr.arpa", Ptr).Status);

        foreach (var name in new[] { "db", "lonely" })
        {
            _directory.Apply(Samples.Service(name, "None"), null);
        }

        Assert.Equal(3, Ask("shop.svc.cluster.local", A).Status);
    }

    [Fact]
    public void Cluster_NotReadYet_IsNotDenied()
    {
        _resolver.KnowsCluster = false;
        Assert.Equal(2, Ask("web.shop.svc.cluster.local", A).Status);
        Assert.Equal(2, Ask("none.shop.svc.cluster.local", A).Status);
        Assert.Equal(0, Ask("hello.sealos.localhost", A).Status);
    }

    [Fact]
    public void Answer_LongerThanAPacket_CarriesWhatFits_AndSaysSo()
    {
        _directory.Apply(null, Samples.Service("big", "None"));
        _directory.Apply(null, Samples.Slice("big", 80, [.. Enumerable.Range(1, 100).Select(i => $"10.208.5.{i}")]));
        foreach (var (packetSize, limit) in new (int?, int)[] { (null, 512), (1400, 1232), (100, 512) })
        {
            var query = DnsQuery.Parse(Wire.Query("big.shop.svc.cluster.local", A, packetSize: packetSize))!;
            Assert.True(_resolver.TryAnswer(query, query.MaxPacket, out var bytes));
            var reply = Wire.Read(bytes);
            Assert.True(bytes.Length <= limit && bytes.Length > limit / 2);
            Assert.True(reply.IsTruncated);
            Assert.Equal(packetSize is null ? [] : ["OPT"], reply.Additional);
        }

        var whole = DnsQuery.Parse(Wire.Query("big.shop.svc.cluster.local", A))!;
        Assert.True(_resolver.TryAnswer(whole, ushort.MaxValue, out var all));
        Assert.Equal(100, Wire.Read(all).Answers.Distinct().Count());
    }

    private Reply Ask(string name, int type)
    {
        Assert.True(_resolver.TryAnswer(DnsQuery.Parse(Wire.Query(name, type))!, 512, out var bytes));
        return Wire.Read(bytes);
    }
}
