using System.Net;
using Sealos.ControllerKit;
using Sealos.Network.Nft;
using Sealos.Network.Policies;
using Sealos.Network_Tests.Dns;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>What policies become in the kernel's table, and how little a change costs.</summary>
public sealed class PolicyCompilerTests
{
    private const int Many = 5000;

    private readonly ManualTime _time = new();
    private readonly PolicyCompiler _compiler;

    public PolicyCompilerTests() => _compiler = new PolicyCompiler(new NftTable("ip", "t"), _time);

    [Fact]
    public void PodsThatTheSamePoliciesSelect_ShareAClass()
    {
        Pod("x", "a", 1);
        Pod("x", "b", 2);
        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}], 'ports': [{'port': 80}]}]}");
        var lines = Lines();
        Assert.Equal(1, _compiler.ClassCount);
        Assert.Equal(2, Elements(lines, "in-class").Length);
        Assert.Equal(["10.208.0.1 . tcp . 80", "10.208.0.2 . tcp . 80"], Elements(lines, "in-both").Select(e => e[(e.IndexOf(" . ", StringComparison.Ordinal) + 3)..]).Order());
        Assert.DoesNotContain(lines, l => l.StartsWith("add chain", StringComparison.Ordinal));
    }

    [Fact]
    public void PodOnTheNodesNetwork_AndPodThatEnded_AreNobody()
    {
        var pod = new Kinds.Core.Pod { Metadata = new() { Namespace = "x", Name = "a" }, Spec = new() { HostNetwork = true }, Status = new() { PodIP = "10.208.0.1" } };
        Assert.Null(PodFacts.Of(pod, pod.Status.PodIP));
        pod.Spec.HostNetwork = null;
        Assert.NotNull(PodFacts.Of(pod, pod.Status.PodIP));
        pod.Status.Phase = "Failed";
        Assert.Null(PodFacts.Of(pod, pod.Status.PodIP));
        pod.Status.Phase = "Running";
        Assert.Null(PodFacts.Of(pod, "fd00::1"));
    }

    [Fact]
    public void Protocols_AreKeptApart()
    {
        Pod("x", "a", 1);
        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 80}, {'port': 53, 'protocol': 'UDP'}, {'port': 7777, 'protocol': 'SCTP'}, {'protocol': 'SCTP', 'port': 9000, 'endPort': 9010}]}]}");
        var lines = Lines();
        Assert.Equal(["sctp . 7777", "tcp . 80", "udp . 53"], Elements(lines, "in-ports").Select(e => e[(e.IndexOf(" . ", StringComparison.Ordinal) + 3)..]).Order());
        Assert.Single(lines, l => l.EndsWith("meta l4proto sctp th dport 9000-9010 accept", StringComparison.Ordinal));
    }

    [Fact]
    public void Peers_ByTheHundred_AreASetOfTheirOwn_AndGoBackWhenTheyAreFew()
    {
        for (var i = 1; i <= 100; i++)
        {
            Pod("x", $"p{i}", i);
        }

        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}]}]}");
        var lines = Lines();
        Assert.Empty(Elements(lines, "in-peers"));
        var set = Assert.Single(lines, l => l.StartsWith("add set", StringComparison.Ordinal)).Split(' ')[4];
        Assert.Equal(100, Elements(lines, set).Length);

        // One more costs one element in the set, whoever uses it.
        Pod("x", "p101", 101);
        lines = Lines();
        Assert.Equal(["10.208.0.101"], Elements(lines, set));
        Assert.Equal(3, lines.Length);

        for (var i = 1; i <= 90; i++)
        {
            _compiler.SetPod(new ObjectKey("x", $"p{i}"), null);
        }

        Assert.Equal(11, Elements(Lines(), "in-peers").Length);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains(_compiler.Sweep().Split('\n'), l => l.StartsWith("delete set", StringComparison.Ordinal));
    }

    [Fact]
    public void Class_ThatIsLeft_StaysForPacketsUnderWay_AndGoesLater()
    {
        Pod("x", "a", 1);
        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 80}]}]}");
        Lines();
        _compiler.SetPolicy(new ObjectKey("x", "p"), null);
        Assert.Equal(["delete element ip t in-class { 10.208.0.1 }"], Lines());
        Assert.True(_compiler.HasRetired);
        Assert.Empty(_compiler.Sweep());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("delete element ip t in-ports", _compiler.Sweep(), StringComparison.Ordinal);
        Assert.False(_compiler.HasRetired);
        Assert.Equal(0, _compiler.ClassCount);
    }

    [Fact]
    public void Address_OfTwoPods_IsTheYoungerOnes()
    {
        Policy("x", "p", "{'podSelector': {'matchLabels': {'name': 'old'}}}");
        Pod("x", "old", 1);
        Assert.Single(Elements(Lines(), "in-class"));
        Pod("x", "new", 1, created: 1);
        Assert.Equal(["delete element ip t in-class { 10.208.0.1 }"], Lines());

        // What becomes of the older one no longer matters.
        Pod("x", "old", 1);
        _compiler.SetPod(new ObjectKey("x", "old"), null);
        Assert.Empty(Lines());
    }

    [Fact]
    public void Address_ThatTheNodeGave_IsThatPodsWhateverTheApiSays_AndTheOthersWhenItIsGone()
    {
        Policy("x", "p", "{'podSelector': {'matchLabels': {'name': 'given'}}}");
        Policy("x", "q", "{'podSelector': {'matchLabels': {'name': 'said'}}, 'policyTypes': ['Egress']}");
        Pod("x", "said", 1, created: 9);
        Assert.Single(Elements(Lines(), "out-class"));
        Pod("x", "given", 1, created: 1, isAdmitted: true);
        var lines = Lines();
        Assert.Single(Elements(lines, "in-class"));
        Assert.Contains("delete element ip t out-class { 10.208.0.1 }", lines);
        Assert.True(_compiler.Holds(new ObjectKey("x", "given"), IPAddress.Parse("10.208.0.1")));

        // The API says it again, and then the other one goes.
        Pod("x", "said", 1, created: 9);
        Assert.Empty(Lines());
        _compiler.SetPod(new ObjectKey("x", "given"), null);
        Assert.Single(Elements(Lines(), "out-class"));
        Assert.True(_compiler.Holds(new ObjectKey("x", "said"), IPAddress.Parse("10.208.0.1")));
    }

    [Fact]
    public void Rule_OfManyPortsAndBlocks_IsARuleForEachBlock_WithoutWhatOthersHold()
    {
        Pod("x", "a", 1);
        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'from': [{'ipBlock': {'cidr': '10.0.0.0/8', 'except': ['10.1.0.0/16', '10.1.2.0/24', '10.1.0.0/16', '10.0.9.0/24']}}, {'podSelector': {}}], 'ports': [{'port': 80}, {'port': 443}, {'port': 81}, {'port': 444, 'endPort': 500}, {'port': 9}, {'port': 7}, {'port': 53, 'protocol': 'UDP'}]}]}");
        var lines = Lines();
        Assert.Contains(lines, l => l.EndsWith(" ip saddr 10.0.0.0/8 ip saddr != { 10.0.9.0/24, 10.1.0.0/16 } meta l4proto tcp th dport { 7, 9, 80-81, 443-500 } accept", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith("meta l4proto udp th dport 53 accept", StringComparison.Ordinal));
        Assert.Equal(4, lines.Count(l => l.EndsWith(" accept", StringComparison.Ordinal)));
        Assert.Empty(Elements(lines, "in-both"));
    }

    [Theory]
    [InlineData(1000, 0, 0, false)]
    [InlineData(1001, 0, 0, true)]
    [InlineData(0, 200, 50, false)]
    [InlineData(0, 201, 0, true)]
    [InlineData(0, 1, 1001, true)]
    [InlineData(101, 0, 100, true)]
    public void Policy_ThatIsTooLarge_IsolatesAndAllowsNothing(int blocks, int selectors, int ports, bool isTooLarge)
    {
        var peers = Enumerable.Range(0, blocks).Select(i => $"{{'ipBlock': {{'cidr': '10.{i / 256}.{i % 256}.0/24'}}}}")
            .Concat(Enumerable.Range(0, selectors).Select(i => $"{{'podSelector': {{'matchLabels': {{'i': '{i}'}}}}}}"));
        var spec = $"{{'podSelector': {{}}, 'ingress': [{{'from': [{string.Join(',', peers)}], 'ports': [{string.Join(',', Enumerable.Range(1, ports).Select(i => $"{{'port': {2 * i}}}"))}]}}]}}";
        var policy = PolicySamples.Policy("x", "p", spec);
        Assert.Equal(isTooLarge, PolicyReader.IsTooLarge(policy));
        Assert.Equal(isTooLarge ? 0 : 1, PolicyReader.Read(policy).Ingress!.Value.Length);
    }

    [Fact]
    public void Policies_ThatAreTooMuchTogether_IsolateUntilThereIsRoom()
    {
        var compiler = new PolicyCompiler(new NftTable("ip", "t"), _time, mostOfNamespace: 10);
        Set("x", "a", 1);
        Set("x", "b", 2);
        Set("y", "c", 3);
        Policy("x", "p", "a", Enumerable.Range(1, 8));
        Policy("x", "q", "b", Enumerable.Range(1, 8));
        Policy("y", "r", "c", Enumerable.Range(1, 8));
        var lines = compiler.Update().Split('\n');

        Assert.Equal(["x"], compiler.Exhausted);
        Assert.Equal((16, 3), (Elements(lines, "in-ports").Length, Elements(lines, "in-class").Length));
        Policy("x", "p", "a", [1]);
        lines = compiler.Update().Split('\n');
        Assert.Empty(compiler.Exhausted);
        Assert.Equal(8, Elements(lines, "in-ports").Length);

        // Alone too much: not even worked out to the end.
        Policy("y", "r", "c", Enumerable.Range(1, 11));
        compiler.Update();
        Assert.Equal(["y"], compiler.Exhausted);

        void Set(string ns, string name, int address) => compiler.SetPod(new ObjectKey(ns, name), PodFacts.Of(new Kinds.Core.Pod { Metadata = new() { Namespace = ns, Name = name, Labels = new() { ["app"] = name } }, Spec = new(), Status = new() }, $"10.208.0.{address}"));
        void Policy(string ns, string name, string app, IEnumerable<int> ports) => compiler.SetPolicy(new ObjectKey(ns, name), PolicyReader.Read(PolicySamples.Policy(ns, name,
            $"{{'podSelector': {{'matchLabels': {{'app': '{app}'}}}}, 'ingress': [{{'ports': [{string.Join(',', ports.Select(i => $"{{'port': {2 * i}}}"))}]}}]}}")));
    }

    [Fact]
    public void Policy_ThatIsWrittenAgain_KeepsTheSetItsClassesUse()
    {
        const string Spec = "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}]}]}";
        for (var i = 1; i <= 100; i++)
        {
            Pod("x", $"p{i}", i);
        }

        Policy("x", "p", Spec);
        Lines();
        Policy("x", "p", Spec.Replace("]}]}", "], 'ports': [{'port': 80}]}]}", StringComparison.Ordinal));
        Assert.NotEmpty(Lines());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain("delete set", _compiler.Sweep(), StringComparison.Ordinal);

        // Who comes later is in it.
        Pod("x", "p101", 101);
        Assert.Contains(Lines(), l => l.StartsWith("add element ip t peers-", StringComparison.Ordinal) && l.Contains("10.208.0.101", StringComparison.Ordinal));
    }

    [Fact]
    public void RestartedCompiler_FindsWhatIsRight_AndTouchesOnlyTheRest()
    {
        Pod("x", "a", 1);
        Pod("x", "b", 2);
        Policy("x", "p", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}]}]}");
        Policy("x", "gone", "{'podSelector': {'matchLabels': {'name': 'a'}}, 'policyTypes': ['Egress'], 'egress': [{'to': [{'ipBlock': {'cidr': '10.0.0.0/8'}}]}]}");
        var left = State(Lines());

        var next = new PolicyCompilerTests();
        next.Pod("x", "a", 1);
        next.Pod("x", "b", 2);
        next.Pod("x", "c", 3);
        next.Policy("x", "p", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}]}]}");
        var lines = next._compiler.TakeOver(left).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["10.208.0.3"], Elements(lines, "known"));
        Assert.Single(Elements(lines, "in-class"), e => e.StartsWith("10.208.0.3 ", StringComparison.Ordinal));
        Assert.Single(Elements(lines, "in-peers"), e => e.EndsWith("10.208.0.3", StringComparison.Ordinal));
        Assert.Equal(["out-class", "out-rules"], lines.Where(l => l.StartsWith("delete", StringComparison.Ordinal)).Select(l => l.Split(' ')[4]).Order());
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public void Change_AmongThousandsOfPolicies_CostsItsOwnElements()
    {
        for (var i = 0; i < Many; i++)
        {
            _compiler.SetNamespace($"n{i}", new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = $"n{i}" });
            Pod($"n{i}", "web", i + 1);
            Policy($"n{i}", "p", $"{{'podSelector': {{}}, 'ingress': [{{'from': [{{'podSelector': {{}}}}, {{'namespaceSelector': {{'matchLabels': {{'kubernetes.io/metadata.name': 'n{(i + 1) % Many}'}}}}}}], 'ports': [{{'port': 80}}]}}]}}");
        }

        Assert.Equal(2 * Many, Elements(Lines(), "in-both").Length);
        Assert.Equal(Many, _compiler.ClassCount);

        // A pod: it is known, gets its class, and is a peer in its own namespace's class and in the one before.
        Pod("n7", "db", Many + 1);
        var lines = Lines();
        Assert.Equal((1, 1, 2), (Elements(lines, "known").Length, Elements(lines, "in-class").Length, Elements(lines, "in-both").Length));
        Assert.Equal(3, lines.Length);

        // Its end takes the same away again.
        _compiler.SetPod(new ObjectKey("n7", "db"), null);
        Assert.Equal(4, Lines().Length);

        // A policy more for one pod, and a change of its status that says nothing new.
        Policy("n9", "q", "{'podSelector': {}, 'policyTypes': ['Egress']}");
        Assert.Equal(["add element ip t out-class"], Lines().Select(l => l[..l.IndexOf(" {", StringComparison.Ordinal)]));
        Pod("n9", "web", 10);
        Assert.Empty(Lines());
    }

    private static TableState State(IEnumerable<string> lines)
    {
        var elements = new Dictionary<ElementKey, string?>();
        List<string> chains = [];
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            if (line.StartsWith("add element", StringComparison.Ordinal))
            {
                foreach (var element in line[(line.IndexOf('{') + 2)..^2].Split(", "))
                {
                    var parts = element.Split(" : ");
                    elements[new ElementKey(words[4], parts[0])] = parts.Length > 1 ? parts[1] : null;
                }
            }
            else if (line.StartsWith("add chain", StringComparison.Ordinal))
            {
                chains.Add(words[4]);
            }
        }

        return new TableState(elements, chains, []);
    }

    private static string[] Elements(IEnumerable<string> lines, string container) => [.. lines
        .Where(l => l.StartsWith($"add element ip t {container} {{", StringComparison.Ordinal))
        .SelectMany(l => l[(l.IndexOf('{') + 2)..^2].Split(", "))];

    private string[] Lines() => _compiler.Update().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Policy(string ns, string name, string spec) =>
        _compiler.SetPolicy(new ObjectKey(ns, name), PolicyReader.Read(PolicySamples.Policy(ns, name, spec)));

    private void Pod(string ns, string name, int address, int created = 0, bool isAdmitted = false) => _compiler.SetPod(new ObjectKey(ns, name), new PodFacts
    {
        Key = new ObjectKey(ns, name),
        Uid = $"{ns}/{name}",
        Address = new IPAddress([10, 208, (byte)(address >> 8), (byte)address]),
        Created = DateTimeOffset.UnixEpoch.AddSeconds(created),
        IsAdmitted = isAdmitted,
        Labels = new Dictionary<string, string> { ["name"] = name },
    });
}
