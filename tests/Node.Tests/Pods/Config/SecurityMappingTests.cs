using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods.Config;
using Xunit;
using Profile = Sealos.Node.Cri.Messages.SecurityProfile.Types.ProfileType;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class SecurityMappingTests
{
    private static readonly Image RootImage = new() { Uid = new Int64Value { Value = 0 } };

    [Fact]
    public void OfContainer_NothingSaid_IsConfinedAndRunsAsTheImageSays()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"c"}]}""");

        var result = SecurityMapping.OfContainer(pod, pod.Containers[0], new Image { Username = "www" });

        Assert.Equal("www", result.RunAsUsername);
        Assert.Null(result.RunAsUser);
        Assert.Equal(Profile.RuntimeDefault, result.Seccomp.ProfileType);
        Assert.Contains("/proc/kcore", result.MaskedPaths);
        Assert.Contains("/proc/sys", result.ReadonlyPaths);
        Assert.False(result.NoNewPrivs);
        Assert.Equal((NamespaceMode.Pod, NamespaceMode.Container, NamespaceMode.Pod), (result.NamespaceOptions.Network, result.NamespaceOptions.Pid, result.NamespaceOptions.Ipc));
    }

    [Fact]
    public void OfContainer_ContainerAndPodSaid_ContainerWins()
    {
        var pod = TestPods.Pod("""
            {"shareProcessNamespace":true,"securityContext":{"runAsUser":1,"runAsGroup":2,"fsGroup":3,"supplementalGroups":[4],"seccompProfile":{"type":"Unconfined"}},
             "containers":[{"name":"c","securityContext":{"runAsUser":10,"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"}}}]}
            """);

        var result = SecurityMapping.OfContainer(pod, pod.Containers[0], RootImage);

        Assert.Equal((10L, 2L), (result.RunAsUser.Value, result.RunAsGroup.Value));
        Assert.Equal([3L, 4L], result.SupplementalGroups);
        Assert.Equal(["NET_ADMIN"], result.Capabilities.AddCapabilities);
        Assert.Equal(["ALL"], result.Capabilities.DropCapabilities);
        Assert.True(result.NoNewPrivs && result.ReadonlyRootfs);
        Assert.Equal(Profile.RuntimeDefault, result.Seccomp.ProfileType);
        Assert.Equal(NamespaceMode.Pod, result.NamespaceOptions.Pid);
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"c"}]}""", "MKNOD NET_RAW")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["NET_RAW","SYS_TIME"]}}}]}""", "MKNOD")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["cap_mknod"],"drop":["NET_RAW"]}}}]}""", "NET_RAW")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["ALL"]}}}]}""", "")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"capabilities":{"drop":["ALL"]}}}]}""", "ALL")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"privileged":true}}]}""", "")]
    public void OfContainer_DangerousCapabilities_AreGivenToThoseWhoAsk(string spec, string dropped)
    {
        var pod = TestPods.Pod(spec);

        Assert.Equal(dropped, string.Join(' ', SecurityMapping.OfContainer(pod, pod.Containers[0], RootImage).Capabilities.DropCapabilities));
    }

    [Theory]
    [InlineData("{}", "{}", "RuntimeDefault")]
    [InlineData("""{"seccompProfile":{"type":"Unconfined"}}""", "{}", "Unconfined")]
    [InlineData("""{"seccompProfile":{"type":"Unconfined"}}""", """{"seccompProfile":{"type":"RuntimeDefault"}}""", "RuntimeDefault")]
    [InlineData("{}", """{"seccompProfile":{"type":"Unconfined"}}""", "Unconfined")]
    [InlineData("{}", """{"seccompProfile":{"type":"Localhost","localhostProfile":"a.json"}}""", "Localhost")]
    public void OfContainer_Seccomp_IsOnUnlessAskedOtherwise(string outer, string inner, string expected)
    {
        var pod = TestPods.Pod($$"""{"securityContext":{{outer}},"initContainers":[{"name":"i","securityContext":{{inner}}}],"containers":[{"name":"c","securityContext":{{inner}}}],"ephemeralContainers":[{"name":"e","securityContext":{{inner}}}]}""");

        Assert.All(pod.InitContainers.Concat(pod.Containers).Concat(pod.EphemeralContainers), c => Assert.Equal(expected, SecurityMapping.OfContainer(pod, c, RootImage).Seccomp.ProfileType.ToString()));
    }

    [Fact]
    public void OfContainer_Privileged_HidesNothing()
    {
        var pod = TestPods.Pod("""{"hostNetwork":true,"hostPID":true,"hostIPC":true,"containers":[{"name":"c","securityContext":{"privileged":true,"allowPrivilegeEscalation":false}}]}""");

        var result = SecurityMapping.OfContainer(pod, pod.Containers[0], RootImage);

        Assert.True(result.Privileged);
        Assert.False(result.NoNewPrivs);
        Assert.Empty(result.MaskedPaths);
        Assert.Equal(Profile.Unconfined, result.Seccomp.ProfileType);
        Assert.Equal((NamespaceMode.Node, NamespaceMode.Node, NamespaceMode.Node), (result.NamespaceOptions.Network, result.NamespaceOptions.Pid, result.NamespaceOptions.Ipc));
        Assert.True(SecurityMapping.OfSandbox(pod).Privileged);
    }

    [Theory]
    [InlineData("""{"runAsNonRoot":true}""", 0L, "", "container has runAsNonRoot and image will run as root")]
    [InlineData("""{"runAsNonRoot":true}""", null, "www", "container has runAsNonRoot and image has non-numeric user (www), cannot verify user is non-root")]
    [InlineData("""{"runAsNonRoot":true,"runAsUser":0}""", 5L, "", "container's runAsUser breaks non-root policy")]
    public void OfContainer_MustNotBeRootButWouldBe_IsRefused(string context, long? imageUser, string imageName, string message)
    {
        var pod = TestPods.Pod($$"""{"securityContext":{{context}},"containers":[{"name":"c"}]}""");
        var image = new Image { Uid = imageUser is { } uid ? new Int64Value { Value = uid } : null, Username = imageName };

        var error = Assert.Throws<ContainerStartException>(() => SecurityMapping.OfContainer(pod, pod.Containers[0], image));

        Assert.Equal(("CreateContainerConfigError", message), (error.Reason, error.Message));
    }

    [Theory]
    [InlineData("""{"runAsNonRoot":true,"runAsUser":7}""", 0L, 7L)]
    [InlineData("""{"runAsNonRoot":true}""", 9L, 9L)]
    public void OfContainer_MustNotBeRootAndIsNot_RunsAsThatUser(string context, long imageUser, long expected)
    {
        var pod = TestPods.Pod($$"""{"securityContext":{{context}},"containers":[{"name":"c"}]}""");

        Assert.Equal(expected, SecurityMapping.OfContainer(pod, pod.Containers[0], new Image { Uid = new Int64Value { Value = imageUser } }).RunAsUser.Value);
    }
}
