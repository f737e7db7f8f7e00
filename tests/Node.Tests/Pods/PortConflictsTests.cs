using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PortConflictsTests
{
    [Theory]
    [InlineData("""{"hostPort":80}""", """{"hostPort":80}""", true)]
    [InlineData("""{"hostPort":80}""", """{"hostPort":81}""", false)]
    [InlineData("""{"hostPort":80}""", """{"containerPort":80}""", false)]
    [InlineData("""{"hostPort":80}""", """{"hostPort":80,"protocol":"UDP"}""", false)]
    [InlineData("""{"hostPort":80,"hostIP":"127.0.0.1"}""", """{"hostPort":80,"hostIP":"10.0.0.1"}""", false)]
    [InlineData("""{"hostPort":80,"hostIP":"127.0.0.1"}""", """{"hostPort":80,"hostIP":"127.0.0.1"}""", true)]
    [InlineData("""{"hostPort":80,"hostIP":"0.0.0.0"}""", """{"hostPort":80,"hostIP":"10.0.0.1"}""", true)]
    public void Find_TwoPods_ConflictByPortProtocolAndAddress(string taken, string wanted, bool isRefused)
    {
        var refusal = PortConflicts.Find(Pod("b", wanted), () => [Pod("a", taken, """{"phase":"Running","startTime":"2026-01-02T03:04:05Z"}""")]);

        Assert.Equal(isRefused ? "NodePorts" : null, refusal?.Reason);
    }

    [Fact]
    public void Find_TwoAtOnce_RefusesTheLater()
    {
        List<Pod> pods = [Pod("a", """{"hostPort":80}"""), Pod("b", """{"hostPort":80}""")];

        Assert.Equal([false, true], pods.Select(p => PortConflicts.Find(p, () => pods) is not null));
    }

    [Fact]
    public void Find_OtherHasEnded_IsNoConflict() =>
        Assert.Null(PortConflicts.Find(Pod("b", """{"hostPort":80}"""), () => [Pod("a", """{"hostPort":80}""", """{"phase":"Failed","startTime":"2026-01-02T03:04:05Z"}""")]));

    [Theory]
    [InlineData("file", true, false)]
    [InlineData("file", false, true)]
    [InlineData("api", true, true)]
    public void Find_OtherIsTheStaticPodItReplaces_IsNoConflict(string source, bool isDeleting, bool isRefused)
    {
        var (former, pod) = (Pod("a", """{"hostPort":80}""", """{"phase":"Running","startTime":"2026-01-02T03:04:05Z"}"""), Pod("b", """{"hostPort":80}"""));
        former.Metadata.Annotations = new() { [Keys.ConfigSource] = source };
        pod.Metadata.Annotations = new() { [Keys.ConfigSource] = source };
        former.Metadata.DeletionTimestamp = isDeleting ? TestPods.Start : null;

        Assert.Equal(isRefused, PortConflicts.Find(pod, () => [former]) is not null);
    }

    private static Pod Pod(string uid, string port, string? status = null)
    {
        var pod = TestPods.Pod($$"""{"containers":[{"name":"c","ports":[{{port}}]}]}""", status);
        pod.Metadata.Uid = uid;
        return pod;
    }
}
