using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>$(NAME) in variables, commands, arguments and subpaths.</summary>
public sealed class VariablesTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string Volume = ""","volumes":[{"name":"work","emptyDir":{}}]""";

    [Fact]
    [Upstream("[sig-node] Variable Expansion should allow composing env vars into new env vars [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should allow substituting values in a container's command [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should allow substituting values in a container's args [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should allow substituting values in a volume subpath [Conformance]")]
    public async Task Names_StandForTheirValues()
    {
        await StartAsync(
            new ShellPod("composed", "echo $FOOBAR $LITERAL") { Container = ""","env":[{"name":"FOO","value":"foo"},{"name":"BAR","value":"bar"},{"name":"FOOBAR","value":"$(FOO);;$(BAR)"},{"name":"LITERAL","value":"$$(FOO)$(NONE)"}]""" },
            new ShellPod("command", "TEST_VAR=wrong echo \"$(TEST_VAR)\"") { Container = ""","env":[{"name":"TEST_VAR","value":"test-value"}]""" },
            new ShellPod("arguments", "echo $0 $1") { Container = ""","args":["$(TEST_VAR)","$(TEST_VAR)2"],"env":[{"name":"TEST_VAR","value":"test-value"}]""" },
            new ShellPod("subpath", "ls /whole") { Spec = Volume, Container = ""","env":[{"name":"NAME","value":"named"}],"volumeMounts":[{"name":"work","mountPath":"/part","subPathExpr":"$(NAME)"},{"name":"work","mountPath":"/whole"}]""" });
        Assert.Equal("foo;;bar $(FOO)$(NONE)\n", await OutputAsync("composed"));
        Assert.Equal("test-value\n", await OutputAsync("command"));
        Assert.Equal("test-value test-value2\n", await OutputAsync("arguments"));
        Assert.Equal("named\n", await OutputAsync("subpath"));
    }

    [Fact]
    [Upstream("[sig-node] Variable Expansion should succeed in writing subpaths in container [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should fail substituting values in a volume subpath with backticks [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should fail substituting values in a volume subpath with absolute path [Conformance]")]
    [Upstream("[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Slow] [Conformance]")]
    public async Task SubPath_IsOfAnAnnotation_AndWhereItIsNoneThePodWaitsForAnotherOne()
    {
        await StartAsync(Annotated("writes", "here"), Annotated("waits", null), Named("upwards", ".."), Named("absolute", "/tmp"));

        await PhaseAsync("writes", "Running");
        await ExecAsync("writes", "main", "touch", "/whole/here/foo/file");
        Assert.Equal("file\n", await ExecAsync("writes", "main", "ls", "/part"));
        await AnnotateAsync("writes", "elsewhere");
        Assert.Equal("file\n", await ExecAsync("writes", "main", "ls", "/part"));

        foreach (var pod in new[] { "upwards", "absolute", "waits" })
        {
            var stopped = await UntilAsync(pod, "says why it cannot start", p => p.At("status.containerStatuses.0.state.waiting.reason") == "CreateContainerConfigError");
            Assert.Equal("Pending", stopped.At("status.phase"));
        }

        await AnnotateAsync("waits", "there");
        await PhaseAsync("waits", "Running");
        (await Api.DeleteAsync(PathOf("writes"))).Expect(200);
        await GoneAsync(PathOf("writes"));
    }

    private static ShellPod Annotated(string name, string? annotation) => new(name, "sleep 1000")
    {
        Metadata = annotation is null ? "" : $$$""","annotations":{"where":"{{{annotation}}}"}""",
        Spec = Volume,
        Container = """
            ,"env":[{"name":"NAME","value":"foo"},{"name":"WHERE","valueFrom":{"fieldRef":{"fieldPath":"metadata.annotations['where']"}}}],
            "volumeMounts":[{"name":"work","mountPath":"/part","subPathExpr":"$(WHERE)/$(NAME)"},{"name":"work","mountPath":"/whole"}]
            """,
    };

    private static ShellPod Named(string name, string value) => new(name, "sleep 1000")
    {
        Spec = Volume,
        Container = $$$""","env":[{"name":"NAME","value":"{{{value}}}"}],"volumeMounts":[{"name":"work","mountPath":"/part","subPathExpr":"$(NAME)"}]""",
    };

    private async Task AnnotateAsync(string pod, string value) =>
        (await Api.PatchAsync(PathOf(pod), $$$"""{"metadata":{"annotations":{"where":"{{{value}}}"} } }""")).Expect(200);
}
