using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>What is called right after a container starts and right before it is stopped; a server tells in its log that it was.</summary>
public sealed class LifecycleHooksTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] PreStop should call prestop when killing a pod [Conformance]")]
    public async Task Hooks_AreCalled_WhenContainersStartAndBeforeTheyAreStopped()
    {
        var server = await ServeAsync("server");
        string Exec(string path) => $$$"""{"exec":{"command":["wget","-q","-O","-","http://{{{server}}}:8080/{{{path}}}"]}}""";
        string Get(string path) => $$$"""{"httpGet":{"host":"{{{server}}}","port":8080,"path":"/{{{path}}}"}}""";
        await StartAsync(
            new ShellPod("exec", "sleep 1000") { Container = $$$""","lifecycle":{"postStart":{{{Exec("exec-started")}}},"preStop":{{{Exec("exec-stops")}}}}""", Spec = "" },
            new ShellPod("http", "sleep 1000") { Container = $$$""","lifecycle":{"postStart":{{{Get("http-started")}}},"preStop":{{{Get("http-stops")}}}}""" });
        foreach (var pod in new[] { "exec", "http" })
        {
            await PhaseAsync(pod, "Running");
            Assert.Contains($"/{pod}-started", await LogAsync("server"), StringComparison.Ordinal);
            Assert.DoesNotContain($"/{pod}-stops", await LogAsync("server"), StringComparison.Ordinal);
            (await Api.DeleteAsync(PathOf(pod), """{"gracePeriodSeconds":5}""")).Expect(200);
        }

        foreach (var pod in new[] { "exec", "http" })
        {
            await GoneAsync(PathOf(pod));
            Assert.Contains($"/{pod}-stops", await LogAsync("server"), StringComparison.Ordinal);
        }
    }
}
