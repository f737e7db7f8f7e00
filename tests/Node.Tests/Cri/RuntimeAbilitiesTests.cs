using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pressure;
using Sealos.Node.Registration;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests;

public sealed class RuntimeAbilitiesTests
{
    // As containerd 1.6 and 2.0 answer, without what is of no interest here.
    private const string Old = """{"status":{"conditions":[{"type":"RuntimeReady","status":true},{"type":"NetworkReady","status":true}]}}""";

    private const string New = """
        {"status":{"conditions":[{"type":"RuntimeReady","status":true},{"type":"NetworkReady","status":true}]},
         "runtimeHandlers":[{"name":"runc","features":{"recursiveReadOnlyMounts":true,"userNamespaces":true}},{"features":{"recursiveReadOnlyMounts":true,"userNamespaces":true}},{"name":"runsc","features":{}}],
         "features":{"supplementalGroupsPolicy":true}}
        """;

    private const string Strict = """{"securityContext":{"supplementalGroupsPolicy":"Strict"},"containers":[{"name":"a"}]}""";
    private const string Below = """{"containers":[{"name":"a","volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true,"recursiveReadOnly":"Enabled"}]}]}""";

    [Theory]
    [InlineData(Old, "", Strict, false)]
    [InlineData(New, "", Strict, true)]
    [InlineData(Old, "", Below, false)]
    [InlineData(New, "", Below, true)]
    [InlineData(New, "runc", Below, true)]
    [InlineData(New, "other", Below, false)]
    [InlineData(New, null, Below, false)]
    public void Pod_AsksForWhatNotEveryRuntimeCan_RunsWhereItsOwnSaysSo(string answer, string? handler, string spec, bool runs) =>
        Assert.Equal(runs, UnsupportedFields.Find(TestPods.Pod(spec), handler, hasAppArmor: true, Read(answer)).Count == 0);

    [Theory]
    [InlineData("Enabled", true, true)]
    [InlineData("IfPossible", true, true)]
    [InlineData("IfPossible", false, false)]
    [InlineData("Disabled", true, false)]
    [InlineData(null, true, false)]
    public void Mount_IsReadOnlyBelow_WhereAskedForAndPossible(string? asked, bool isPossible, bool expected) =>
        Assert.Equal(expected, ContainerConfigBuilder.MountOf(new VolumeMount { MountPath = "/v", ReadOnly = true, RecursiveReadOnly = asked }, "/host", isPossible).RecursiveReadOnly);

    [Fact]
    public void Mount_ThatMayBeWritten_IsNotReadOnlyBelow() =>
        Assert.False(ContainerConfigBuilder.MountOf(new VolumeMount { MountPath = "/v", RecursiveReadOnly = "IfPossible" }, "/host", canMountReadOnly: true).RecursiveReadOnly);

    [Fact]
    public void Strict_IsToldToSandboxAndContainers()
    {
        var pod = TestPods.Pod(Strict);

        Assert.Equal(SupplementalGroupsPolicy.Strict, SecurityMapping.OfSandbox(pod).SupplementalGroupsPolicy);
        Assert.Equal(SupplementalGroupsPolicy.Strict, SecurityMapping.OfContainer(pod, pod.Containers[0], new Image { Uid = new Int64Value() }).SupplementalGroupsPolicy);
    }

    [Fact]
    public void Node_TellsWhatItsRuntimeCan()
    {
        var status = Report(New);

        Assert.Equal([("", true, true), ("runc", true, true), ("runsc", false, false)], status.RuntimeHandlers!.Select(h => (h.Name ?? "", h.Features!.RecursiveReadOnlyMounts == true, h.Features.UserNamespaces == true)));
        Assert.True(status.Features!.SupplementalGroupsPolicy);
        Assert.Equal((null, null), (Report(Old).RuntimeHandlers, Report(Old).Features));
    }

    private static RuntimeAbilities Read(string answer) => RuntimeAbilities.Of(StatusResponse.Parser.ParseJson(answer));

    private static NodeStatus Report(string answer) => NodeObject.Status(
        new NodeOptions { NodeName = "n" },
        new MachineInfo { Cores = 1, MemoryBytes = 1 << 30, DiskBytes = 1024, HugePages = new Dictionary<string, long>(), Address = System.Net.IPAddress.Loopback, System = new NodeSystemInfo() },
        new NodeFindings(NodePressure.None, null, [], default) { Abilities = Read(answer) },
        null);
}
