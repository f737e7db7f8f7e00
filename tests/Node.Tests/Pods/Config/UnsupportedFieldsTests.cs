using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class UnsupportedFieldsTests
{
    [Theory]
    [InlineData("""{"hostUsers":false}""", "spec.hostUsers:")]
    [InlineData("""{"os":{"name":"windows"}}""", "spec.os.name:")]
    [InlineData("""{"resourceClaims":[{"name":"gpu"}]}""", "spec.resourceClaims:")]
    [InlineData("""{"resources":{"limits":{"cpu":"1"}}}""", "spec.resources:")]
    [InlineData("""{"securityContext":{"windowsOptions":{}}}""", "spec.securityContext.windowsOptions:")]
    [InlineData("""{"securityContext":{"supplementalGroupsPolicy":"Strict"}}""", "spec.securityContext.supplementalGroupsPolicy:")]
    [InlineData("""{"initContainers":[{"name":"a","volumeDevices":[{"name":"x"}]}]}""", "spec.initContainers[0].volumeDevices:")]
    [InlineData("""{"containers":[{"name":"a","volumeMounts":[{"name":"x","recursiveReadOnly":"Enabled"}]}]}""", "spec.containers[0].volumeMounts[0].recursiveReadOnly:")]
    [InlineData("""{"containers":[{"name":"a","resources":{"claims":[{"name":"x"}]}}]}""", "spec.containers[0].resources.claims:")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}]}""", "spec.containers[0].securityContext.procMount:")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"windowsOptions":{}}}]}""", "spec.containers[0].securityContext.windowsOptions:")]
    [InlineData("""{"containers":[{"name":"a","lifecycle":{"preStop":{"tcpSocket":{"port":1}}}}]}""", "spec.containers[0].lifecycle:")]
    public void Find_Unsupported_NamesTheField(string spec, string start) =>
        Assert.StartsWith(start, Assert.Single(UnsupportedFields.Find(TestPods.Pod(spec), "", hasAppArmor: true, RuntimeAbilities.None)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"hostUsers":true,"runtimeClassName":"gvisor","os":{"name":"linux"},"containers":[{"name":"a","ports":[{"containerPort":1,"hostPort":80}]}]}""")]
    [InlineData("""{"hostNetwork":true,"containers":[{"name":"a","ports":[{"containerPort":1,"hostPort":1}]}]}""")]
    public void Find_Supported_IsEmpty(string spec) => Assert.Empty(UnsupportedFields.Find(TestPods.Pod(spec), "", hasAppArmor: true, RuntimeAbilities.None));

    [Theory]
    [InlineData("""{"hostNetwork":true}""", "spec.hostNetwork:")]
    [InlineData("""{"hostPID":true}""", "spec.hostPID:")]
    [InlineData("""{"hostIPC":true}""", "spec.hostIPC:")]
    [InlineData("""{"securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"a.json"}}}""", "spec.securityContext.seccompProfile:")]
    [InlineData("""{"initContainers":[{"name":"a","securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"a.json"}}}]}""", "spec.initContainers[0].securityContext.seccompProfile:")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"capabilities":{"add":["NET_RAW"]}}}]}""", "spec.containers[0].securityContext.capabilities:")]
    [InlineData("""{"containers":[{"name":"a","volumeMounts":[{"name":"x"},{"name":"y","mountPropagation":"Bidirectional"}]}]}""", "spec.containers[0].volumeMounts[1].mountPropagation:")]
    public void Find_WhatGvisorKeepsFromPods_IsRefusedThereAlone(string spec, string start)
    {
        Assert.StartsWith(start, Assert.Single(UnsupportedFields.Find(TestPods.Pod(spec), "runsc", hasAppArmor: true, RuntimeAbilities.None)), StringComparison.Ordinal);
        Assert.Empty(UnsupportedFields.Find(TestPods.Pod(spec), "", hasAppArmor: true, RuntimeAbilities.None));
    }

    [Theory]
    [InlineData("""{"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a"}]}""", true)]
    [InlineData("""{"initContainers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":"x"}}}]}""", true)]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"Unconfined"}}}]}""", false)]
    [InlineData("""{"containers":[{"name":"a"}]}""", false)]
    public void Find_AppArmorOnAMachineWithout_IsRefused(string spec, bool isRefused)
    {
        string[] refusal = isRefused ? ["Cannot enforce AppArmor: AppArmor is not enabled on the host"] : [];

        Assert.Equal(refusal, UnsupportedFields.Find(TestPods.Pod(spec), "", hasAppArmor: false, RuntimeAbilities.None));
        Assert.Empty(UnsupportedFields.Find(TestPods.Pod(spec), "", hasAppArmor: true, RuntimeAbilities.None));
    }
}
