using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Scheduling;

/// <summary>What keeps a pod from a node.</summary>
public sealed class PredicatesTests(CloudFixture fixture) : SchedulingStory(fixture)
{
    private const int Port = 54322;

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run [Conformance]")]
    public async Task Pod_ThatNeedsMoreThanIsLeft_Waits()
    {
        await OfferAsync(10);
        await CreateAsync("filler", Needing(7));
        await PhaseAsync("filler", "Running");

        await CreateAsync("additional", Needing(5));
        await CreateAsync("large", $$"""
            "containers":[{"name":"c","image":"{{CloudFixture.Hello}}","resources":{"requests":{"cpu":"100k","memory":"1Pi"} } }]
            """);
        Assert.Contains($" nodes are available: 1 Insufficient story.test/{Namespace}", await NowhereAsync("additional"), StringComparison.Ordinal);
        Assert.Contains(" nodes are available: 1 Insufficient cpu, 1 Insufficient memory", await NowhereAsync("large"), StringComparison.Ordinal);

        // What goes makes room.
        (await Api.DeleteAsync(PathOf("filler"), """{"gracePeriodSeconds":0}""")).Expect(200);
        await PhaseAsync("additional", "Running");
        await OfferAsync(null);
    }

    [Fact]
    public async Task Pod_ThatNamesItsNodeItself_IsRefusedByItWhereItDoesNotFit()
    {
        await OfferAsync(5);
        const string Here = ""","nodeName":"node-1" """;
        await CreateAsync("first", Needing(3, Here));
        await PhaseAsync("first", "Running");

        await CreateAsync("second", Needing(3, Here));
        var second = await UntilAsync("second", "is refused", p => p.At("status.phase") == "Failed");
        Assert.Equal(
            ($"OutOfstory.test/{Namespace}", $"Pod was rejected: Node didn't have enough resource: story.test/{Namespace}, requested: 3, used: 3, capacity: 5"),
            (second.At("status.reason"), (string?)second.Json["status"]!["message"]));
        Assert.StartsWith("Node didn't have enough resource: ", await EventAsync("second", $"OutOfstory.test/{Namespace}"), StringComparison.Ordinal);

        await CreateAsync("elsewhere", Needing(1, Here + ""","nodeSelector":{"story.test/nowhere":"x"}"""));
        var elsewhere = await UntilAsync("elsewhere", "is refused", p => p.At("status.phase") == "Failed");
        Assert.Equal(("NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"), (elsewhere.At("status.reason"), (string?)elsewhere.Json["status"]!["message"]));

        // What was refused has taken nothing.
        await CreateAsync("third", Needing(2, Here));
        await PhaseAsync("third", "Running");
        await OfferAsync(null);
    }

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching [Conformance]")]
    [Upstream("[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if matching [Conformance]")]
    public async Task Selector_WaitsForANodeOfItsLabel()
    {
        var label = $"story.test/{Namespace}";
        await CreateAsync("restricted", $$"""
            "nodeSelector":{"{{label}}":"42"},"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"}]
            """);
        Assert.Contains(" nodes are available: 1 node(s) didn't match Pod's node affinity/selector", await NowhereAsync("restricted"), StringComparison.Ordinal);

        await PatchAsync(NodePath, $$"""{"metadata":{"labels":{"{{label}}":"42"} } }""");
        var placed = await UntilAsync("restricted", "runs", p => p.At("status.phase") == "Running");
        await PatchAsync(NodePath, $$"""{"metadata":{"labels":{"{{label}}":null} } }""");
        Assert.Equal("node-1", placed.At("spec.nodeName"));
    }

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]")]
    public async Task Port_OfEveryAddress_ConflictsWithThatOfOne()
    {
        await CreateAsync("every", Listening("TCP"));
        var address = (await UntilAsync("every", "runs", p => p.At("status.phase") == "Running")).At("status.hostIP");

        await CreateAsync("one", Listening("TCP", address));
        Assert.Contains(" nodes are available: 1 node(s) didn't have free ports for the requested pod ports", await NowhereAsync("one"), StringComparison.Ordinal);
        await CreateAsync("other", Listening("UDP", address));
        await PhaseAsync("other", "Running");
    }

    private static string Listening(string protocol, string? address = null) => $$"""
        "terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}","ports":[{"containerPort":8080,"hostPort":{{Port}},"protocol":"{{protocol}}","hostIP":"{{address}}"}]}]
        """;
}
