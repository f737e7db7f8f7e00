using System.Diagnostics;
using Sealos.Kinds.Networking;
using Sealos.Network_Tests.Nft;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>Real connections between all pods, on all their ports, under policies as Kubernetes defines them.</summary>
[Trait("Needs", "root")]
public sealed class ReachabilityTests(PolicyLab lab) : IClassFixture<PolicyLab>
{
    private const string Nobody = "'policyTypes': ['Ingress'], 'podSelector': {}";

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["nothing is isolated without policies"] = new([], (_, _, _) => true),
        ["deny all ingress"] = new([("x", $"{{{Nobody}}}")], (_, to, _) => !IsIn(to, "x")),
        ["deny all egress"] = new([("x", "{'policyTypes': ['Egress'], 'podSelector': {}}")], (from, _, _) => !IsIn(from, "x")),
        ["deny both ways"] = new([("x", "{'policyTypes': ['Ingress', 'Egress'], 'podSelector': {}}")], (from, to, _) => !IsIn(from, "x") && !IsIn(to, "x")),
        ["an empty rule allows everybody"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Ingress'], 'ingress': [{}]}")], (_, _, _) => true),
        ["an empty list of peers allows everybody"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Ingress'], 'ingress': [{'from': [], 'ports': [{'port': 80}]}]}")], (_, to, port) => !IsIn(to, "x") || port == 80),
        ["ingress rules do not count without the type"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Egress'], 'ingress': [], 'egress': [{}]}")], (_, _, _) => true),
        ["types are guessed from the rules"] = new([("x", "{'podSelector': {'matchLabels': {'pod': 'a'}}, 'egress': [{'to': [{'podSelector': {}}]}]}")], (from, to, _) => to != "x/a" && (from != "x/a" || IsIn(to, "x"))),
        ["a pod selector means the policy's own namespace"] = new([("x", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {'matchLabels': {'pod': 'a'}}}]}]}")], (from, to, _) => !IsIn(to, "x") || from == "x/a"),
        ["a namespace selector means all pods there"] = new([("x", "{'podSelector': {'matchLabels': {'pod': 'a'}}, 'ingress': [{'from': [{'namespaceSelector': {'matchLabels': {'ns': 'y'}}}]}]}")], (from, to, _) => to != "x/a" || IsIn(from, "y")),
        ["an empty namespace selector means all pods"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Ingress', 'Egress'], 'ingress': [{'from': [{'namespaceSelector': {}}]}], 'egress': [{'to': [{'namespaceSelector': {}}]}]}")], (from, to, _) => !IsIn(from, "x") || IsPod(to)),
        ["both selectors in one peer must match"] = new([("x", "{'podSelector': {}, 'ingress': [{'from': [{'namespaceSelector': {'matchLabels': {'ns': 'y'}}, 'podSelector': {'matchLabels': {'pod': 'b'}}}]}]}")], (from, to, _) => !IsIn(to, "x") || from == "y/b"),
        ["two peers are alternatives"] = new([("x", "{'podSelector': {}, 'ingress': [{'from': [{'namespaceSelector': {'matchLabels': {'ns': 'y'}}}, {'podSelector': {'matchLabels': {'pod': 'b'}}}]}]}")], (from, to, _) => !IsIn(to, "x") || IsIn(from, "y") || from == "x/b"),
        ["expressions are understood"] = new([("x", "{'podSelector': {'matchExpressions': [{'key': 'pod', 'operator': 'In', 'values': ['a']}]}, 'ingress': [{'from': [{'namespaceSelector': {'matchExpressions': [{'key': 'ns', 'operator': 'NotIn', 'values': ['x']}]}}]}]}")], (from, to, _) => to != "x/a" || IsIn(from, "y") || IsIn(from, "z")),
        ["a port"] = new([("x", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 80}]}]}")], (_, to, port) => !IsIn(to, "x") || port == 80),
        ["a range of ports"] = new([("x", "{'podSelector': {}, 'ingress': [{'from': [{'namespaceSelector': {}}], 'ports': [{'port': 81, 'endPort': 90}]}]}")], (_, to, port) => !IsIn(to, "x") || port == 81),
        ["a port for one peer, another for another"] = new(
            [("x", "{'podSelector': {}, 'ingress': [{'from': [{'podSelector': {}}], 'ports': [{'port': 80}]}, {'from': [{'namespaceSelector': {'matchLabels': {'ns': 'z'}}}], 'ports': [{'port': 81}]}]}")],
            (from, to, port) => !IsIn(to, "x") || (IsIn(from, "x") && port == 80) || (IsIn(from, "z") && port == 81)),
        ["a named port is each pod's own"] = new([("y", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 'web'}]}]}")], (_, to, port) => !IsIn(to, "y") || port == (to == "y/b" ? 81 : 80)),
        ["a named port on the way out is the peer's"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Egress'], 'egress': [{'to': [{'namespaceSelector': {'matchLabels': {'ns': 'y'}}}], 'ports': [{'port': 'web'}]}]}")], (from, to, port) => !IsIn(from, "x") || (IsIn(to, "y") && port == (to == "y/b" ? 81 : 80))),
        ["a named port without peers is everybody's"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Egress'], 'egress': [{'ports': [{'port': 'web'}]}]}")], (from, to, port) => !IsIn(from, "x") || (IsPod(to) && port == (to == "y/b" ? 81 : 80))),
        ["a protocol without a port is all its ports"] = new([("x", "{'podSelector': {}, 'ingress': [{'ports': [{'protocol': 'TCP'}]}]}")], (_, _, _) => true),
        ["another protocol is another port"] = new([("x", "{'podSelector': {}, 'ingress': [{'ports': [{'protocol': 'UDP', 'port': 80}]}]}")], (_, to, _) => !IsIn(to, "x")),
        ["policies add up"] = new(
            [("x", $"{{{Nobody}}}"), ("x", "{'podSelector': {'matchLabels': {'pod': 'a'}}, 'ingress': [{'from': [{'podSelector': {}}]}]}"), ("x", "{'podSelector': {}, 'ingress': [{'ports': [{'port': 81}]}]}")],
            (from, to, port) => !IsIn(to, "x") || port == 81 || (to == "x/a" && IsIn(from, "x"))),
        ["both ends must agree"] = new(
            [("x", "{'podSelector': {}, 'policyTypes': ['Egress'], 'egress': [{'to': [{'namespaceSelector': {'matchLabels': {'ns': 'y'}}}]}]}"), ("y", "{'podSelector': {}, 'ingress': [{'from': [{'namespaceSelector': {'matchLabels': {'ns': 'x'}}, 'podSelector': {'matchLabels': {'pod': 'a'}}}]}]}")],
            (from, to, _) => (!IsIn(from, "x") || IsIn(to, "y")) && (!IsIn(to, "y") || from == "x/a")),
        ["blocks of addresses"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Ingress', 'Egress'], 'ingress': [{'from': [{'ipBlock': {'cidr': '<y/a>/32'}}]}], 'egress': [{'to': [{'ipBlock': {'cidr': '192.168.5.0/24'}}]}]}")], (from, to, _) => (!IsIn(to, "x") || from == "y/a") && (!IsIn(from, "x") || !IsPod(to))),
        ["a block without some addresses"] = new([("x", "{'podSelector': {}, 'policyTypes': ['Egress'], 'egress': [{'to': [{'ipBlock': {'cidr': '0.0.0.0/0', 'except': ['10.208.0.0/16', '192.168.5.2/32', '192.168.5.2/31']}}]}]}")], (from, to, _) => !IsIn(from, "x") || to == "node"),
        ["a block of the other family allows nobody"] = new([("x", "{'podSelector': {}, 'ingress': [{'from': [{'ipBlock': {'cidr': 'fd00::/8'}}]}]}")], (_, to, _) => !IsIn(to, "x")),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Policies_AllowExactlyWhatTheySay(string name)
    {
        Assert.SkipUnless(Nft.PacketLab.IsPossible, "needs root and the CNI plugins");
        var (policies, allowed) = Cases[name];
        for (var i = 0; i < policies.Length; i++)
        {
            lab.Api.Put(PolicySamples.Policy(policies[i].Namespace, $"p{i}", policies[i].Spec.Replace("<y/a>", lab.Address("y/a"), StringComparison.Ordinal)));
        }

        try
        {
            // The node reaches its pods whatever policies say, and everybody reaches themselves.
            await UntilAsync((from, to, port) => from == "node" || from == to || allowed(from, to, port));
        }
        finally
        {
            for (var i = 0; i < policies.Length; i++)
            {
                lab.Api.Delete<NetworkPolicy>(policies[i].Namespace, $"p{i}");
            }
        }
    }

    private static bool IsIn(string pod, string ns) => pod.StartsWith(ns + "/", StringComparison.Ordinal);

    private static bool IsPod(string name) => name.Contains('/', StringComparison.Ordinal);

    private async Task UntilAsync(Func<string, string, int, bool> allowed)
    {
        var questions = (from source in (string[])[.. PolicyLab.Pods, "node"]
                         from target in (string[])[.. PolicyLab.Pods, "node", "outside"]
                         from port in new[] { 80, 81 }
                         where IsPod(target) || (IsPod(source) && port == 80)
                         select (source, target, port)).ToList();
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            var answers = await Task.WhenAll(questions.Select(async q => (q, Reached: await lab.ReachesAsync(q.source, q.target, q.port))));
            var wrong = answers.Where(a => a.Reached != allowed(a.q.source, a.q.target, a.q.port)).Select(a => $"{a.q.source} → {a.q.target}:{a.q.port} {(a.Reached ? "passes" : "is stopped")}").ToList();
            if (wrong.Count == 0 || Stopwatch.GetElapsedTime(start) > PacketLab.Patience)
            {
                Assert.Empty(wrong);
                return;
            }
        }
    }

    private sealed record Case((string Namespace, string Spec)[] Policies, Func<string, string, int, bool> IsAllowed);
}
