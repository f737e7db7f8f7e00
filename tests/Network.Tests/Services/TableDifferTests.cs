using System.Net;
using Sealos.Network.Nft;
using Sealos.Network.Services;
using Sealos.Network_Tests.Dns;
using Xunit;
using DiscoveryPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.Network_Tests.Services;

public sealed class TableDifferTests
{
    private readonly ServiceTranslator _translator = new(new ServiceProxyOptions { NodeName = Samples.Node });
    private readonly ManualTime _time = new();
    private readonly TableDiffer _differ;

    public TableDifferTests() => _differ = new TableDiffer(new NftTable("ip", "t"), _time);

    [Fact]
    public void SamePlanAgain_WritesNothing()
    {
        var plan = Plan("web", "10.209.1.1", "10.208.0.5", "10.208.0.6");
        Assert.NotEmpty(_differ.Change([plan]).Script);
        var again = _differ.Change([Plan("web", "10.209.1.1", "10.208.0.6", "10.208.0.5")]);
        Assert.Empty(again.Script);
        Assert.Empty(again.StaleFlows);
    }

    [Fact]
    public void OneOfManyServices_ThatChanges_IsAllThatIsWritten()
    {
        _differ.Change([.. Enumerable.Range(1, 200).Select(i => Plan($"s{i}", $"10.209.1.{i}", "10.208.0.5"))]);
        Assert.Equal(
            [
                "delete element ip t single { 10.209.1.7 . tcp . 80 }",
                "add element ip t hairpins { 10.208.0.9 . 10.208.0.9 }",
                "add element ip t single { 10.209.1.7 . tcp . 80 : 10.208.0.9 . 8080 }",
            ],
            Lines(_differ.Change([Plan("s7", "10.209.1.7", "10.208.0.9")]).Script));
    }

    [Fact]
    public void OneAmongManyServices_ThatComes_AndWhoseEndpointsChange_IsAllThatIsWritten()
    {
        _differ.Change([.. Enumerable.Range(0, 5000).Select(i => Plan($"s{i}", $"10.209.{1 + (i / 250)}.{1 + (i % 250)}", "10.208.0.5", "10.208.0.6"))]);
        Assert.Equal(
            ["add element ip t single { 10.209.99.1 . tcp . 80 : 10.208.0.5 . 8080 }", "add element ip t cluster-ips { 10.209.99.1 }"],
            Lines(_differ.Change([Plan("new", "10.209.99.1", "10.208.0.5")]).Script).OrderDescending(StringComparer.Ordinal));
        var lines = Lines(_differ.Change([Plan("s7", "10.209.1.8", "10.208.0.5", "10.208.0.6", "10.208.0.7")]).Script);
        Assert.Equal("add element ip t hairpins { 10.208.0.7 . 10.208.0.7 }", Assert.Single(lines, l => !l.Contains(" svc-shop/s7/tcp/80", StringComparison.Ordinal)));
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public void TakeOver_LeavesWhatIsRight_AndRetiresWhatIsGone()
    {
        var left = new TableState(
            new Dictionary<ElementKey, string?>
            {
                [new("single", "10.209.1.1 . tcp . 80")] = "10.208.0.5 . 8080",
                [new("single", "10.209.1.9 . tcp . 80")] = "10.208.0.9 . 8080",
                [new("hairpins", "10.208.0.5 . 10.208.0.5")] = null,
                [new("cluster-ips", "10.209.1.1")] = null,
                [new("many", "10.209.1.2 . tcp . 80")] = "goto svc-shop/old/tcp/80",
            },
            ["svc-shop/b/tcp/80", "svc-shop/old/tcp/80"],
            ["aff-old"]);
        var lines = Lines(_differ.TakeOver(left, [Plan("a", "10.209.1.1", "10.208.0.5"), Plan("b", "10.209.1.2", "10.208.0.6", "10.208.0.7")]));
        Assert.DoesNotContain(lines, l => l.Contains("10.209.1.1 ", StringComparison.Ordinal));
        Assert.Contains("delete element ip t single { 10.209.1.9 . tcp . 80 }", lines);
        Assert.Contains("delete element ip t many { 10.209.1.2 . tcp . 80 }", lines);
        Assert.Contains("add element ip t many { 10.209.1.2 . tcp . 80 : goto svc-shop/b/tcp/80 }", lines);
        Assert.Contains(lines, l => l.StartsWith("add rule ip t svc-shop/b/tcp/80 ", StringComparison.Ordinal));

        Assert.Empty(_differ.Sweep());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["delete chain ip t svc-shop/old/tcp/80", "delete set ip t aff-old"], Lines(_differ.Sweep()));
        Assert.Empty(_differ.Change([Plan("a", "10.209.1.1", "10.208.0.5")]).Script);
    }

    [Fact]
    public void EndpointOfTwoServices_StaysUntilTheLastLetsGo()
    {
        _differ.Change([Plan("a", "10.209.1.1", "10.208.0.5"), Plan("b", "10.209.1.2", "10.208.0.5")]);
        Assert.DoesNotContain("hairpins", _differ.Change([Gone("a")]).Script, StringComparison.Ordinal);
        Assert.Contains("delete element ip t hairpins { 10.208.0.5 . 10.208.0.5 }", _differ.Change([Gone("b")]).Script, StringComparison.Ordinal);
    }

    [Fact]
    public void AddressOfTwoServices_IsTheOlderOnes_AndTheOtherTakesOver()
    {
        var young = Plan("young", "10.209.1.1", "10.208.0.6") with { Created = DateTimeOffset.UnixEpoch.AddDays(1) };
        Assert.Contains("10.208.0.6 . 8080", _differ.Change([young]).Script, StringComparison.Ordinal);
        Assert.Contains("single { 10.209.1.1 . tcp . 80 : 10.208.0.5 . 8080 }", _differ.Change([Plan("old", "10.209.1.1", "10.208.0.5")]).Script, StringComparison.Ordinal);
        Assert.Contains("single { 10.209.1.1 . tcp . 80 : 10.208.0.6 . 8080 }", _differ.Change([Gone("old")]).Script, StringComparison.Ordinal);
    }

    [Fact]
    public void AddressThatChangesHands_InOneBatch_IsDeletedBeforeItIsAdded()
    {
        _differ.Change([Plan("a", "10.209.1.1", "10.208.0.5")]);
        var script = _differ.Change([Gone("a"), Plan("b", "10.209.1.1", "10.208.0.6")]).Script;
        Assert.True(script.IndexOf("delete element ip t single", StringComparison.Ordinal) < script.IndexOf("add element ip t single", StringComparison.Ordinal));
        Assert.DoesNotContain("cluster-ips", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_IsEmptiedAtOnce_AndDeletedAWhileLater()
    {
        _differ.Change([Plan("web", "10.209.1.1", "10.208.0.5", "10.208.0.6")]);
        var script = _differ.Change([Plan("web", "10.209.1.1", "10.208.0.5")]).Script;
        Assert.Contains("flush chain ip t svc-shop/web/tcp/80", script, StringComparison.Ordinal);
        Assert.DoesNotContain("delete chain", script, StringComparison.Ordinal);
        Assert.True(_differ.HasRetired);
        Assert.Empty(_differ.Sweep());

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("delete chain ip t svc-shop/web/tcp/80\n", _differ.Sweep());
        Assert.False(_differ.HasRetired);
        Assert.Empty(_differ.Sweep());
    }

    [Fact]
    public void Chain_ThatComesBack_IsNotSwept()
    {
        var plan = Sticky("10.208.0.5", "10.208.0.6");
        _differ.Change([plan]);
        _differ.Change([Gone("web")]);
        Assert.Contains("add chain", _differ.Change([plan]).Script, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_differ.Sweep());
    }

    [Fact]
    public void ClientsOfAnEndpointThatStays_AreKept_OfOneThatGoesForgotten()
    {
        _differ.Change([Sticky("10.208.0.5", "10.208.0.6")]);
        _differ.Change([Sticky("10.208.0.5", "10.208.0.7")]);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("delete set ip t aff-svc-shop/web/tcp/80/10.208.0.6/8080\n", _differ.Sweep());
    }

    [Fact]
    public void UdpFlows_ToEndpointsThatWent_AreStale_AndThoseFromBeforeTheFirstCame()
    {
        var address = IPAddress.Parse("10.209.1.1");
        Assert.Empty(_differ.Change([Udp()]).StaleFlows);
        Assert.Equal([new StaleFlow(address, 53, null)], _differ.Change([Udp("10.208.0.5")]).StaleFlows);
        Assert.Empty(_differ.Change([Udp("10.208.0.5", "10.208.0.6")]).StaleFlows);
        var gone = new StaleFlow(address, 53, IPAddress.Parse("10.208.0.5"));
        Assert.Equal([gone], _differ.Change([Udp("10.208.0.6")]).StaleFlows);
        Assert.Equal(["-D", "-f", "ipv4", "-p", "udp", "--orig-port-dst", "53", "--orig-dst", "10.209.1.1", "--reply-src", "10.208.0.5"], gone.ToArguments());
        Assert.Equal([new StaleFlow(address, 53, IPAddress.Parse("10.208.0.6"))], _differ.Change([Gone("dns")]).StaleFlows);
    }

    private static string[] Lines(string script) => script.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static ServicePlan Gone(string name) => ServicePlan.Nothing(new("shop", name));

    private ServicePlan Plan(string name, string address, params string[] endpoints) =>
        _translator.Translate(Samples.Service(name, address), [Samples.Slice(name, 8080, endpoints)]);

    private ServicePlan Sticky(params string[] endpoints)
    {
        var service = Samples.Service("web", "10.209.1.1");
        service.Spec!.SessionAffinity = "ClientIP";
        return _translator.Translate(service, [Samples.Slice("web", 8080, endpoints)]);
    }

    private ServicePlan Udp(params string[] endpoints)
    {
        List<DiscoveryPort> ports = [new() { Name = "", Protocol = "UDP", Port = 53 }];
        return _translator.Translate(Samples.Service("dns", "10.209.1.1", Samples.Udp(53)), [Samples.Slice("dns", ports, [.. endpoints.Select(e => Samples.Ready(e))])]);
    }
}
