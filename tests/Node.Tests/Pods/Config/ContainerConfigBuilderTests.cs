using Sealos.Kinds.Core;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods.Config;
using Xunit;
using Mount = Sealos.Node.Cri.Messages.Mount;
using Profile = Sealos.Node.Cri.Messages.SecurityProfile.Types.ProfileType;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ContainerConfigBuilderTests
{
    [Fact]
    public void Build_Container_ExpandsCommandsAndCarriesIdentity()
    {
        var pod = TestPods.Pod("""
            {"terminationGracePeriodSeconds":9,"containers":[{"name":"c","image":"shop:1","command":["sh","-c","$(A)"],"args":["$$(A)","$(NO)"],"workingDir":"/w","tty":true,
             "terminationMessagePolicy":"FallbackToLogsOnError","lifecycle":{"preStop":{"exec":{"command":["bye"]}}}}]}
            """);

        var config = ContainerConfigBuilder.Build(pod, pod.Containers[0], Inputs(restartCount: 2));

        Assert.Equal(["sh", "-c", "one"], config.Command);
        Assert.Equal(["$(A)", "$(NO)"], config.Args);
        Assert.Equal(("c", 2u, "c/2.log", "/w", "sha256:id", "shop:1"), (config.Metadata.Name, config.Metadata.Attempt, config.LogPath, config.WorkingDir, config.Image.Image, config.Image.UserSpecifiedImage));
        Assert.True(config.Tty);
        Assert.Equal(("c", TestPods.Uid), (config.Labels[Keys.ContainerName], config.Labels[Keys.PodUid]));
        Assert.Equal(("2", "9", "FallbackToLogsOnError", "/dev/termination-log"), (config.Annotations[Keys.RestartCount], config.Annotations[Keys.PodTerminationGrace], config.Annotations[Keys.TerminationMessagePolicy], config.Annotations[Keys.TerminationMessagePath]));
        Assert.Equal("""{"exec":{"command":["bye"]}}""", config.Annotations[Keys.PreStopHandler]);
        Assert.Equal(ContainerConfigBuilder.Hash(pod.Containers[0]), config.Annotations[Keys.Hash]);
    }

    [Fact]
    public void Hash_OtherImageOrOtherEnvironment_ChangesWithTheImageAlone()
    {
        var one = new Sealos.Kinds.Core.Container { Name = "c", Image = "shop:1" };
        var sameImage = new Sealos.Kinds.Core.Container { Name = "c", Image = "shop:1", WorkingDir = "/x" };
        var otherImage = new Sealos.Kinds.Core.Container { Name = "c", Image = "shop:2" };

        Assert.Equal(ContainerConfigBuilder.Hash(one), ContainerConfigBuilder.Hash(sameImage));
        Assert.NotEqual(ContainerConfigBuilder.Hash(one), ContainerConfigBuilder.Hash(otherImage));
    }

    [Theory]
    [InlineData("good.json", "/profiles/good.json")]
    [InlineData("a/b.json", "/profiles/a/b.json")]
    public void Build_LocalSeccompProfile_IsBelowTheNodesFolder(string profile, string expected)
    {
        var seccomp = ContainerConfigBuilder.Build(WithProfile(profile), WithProfile(profile).Containers[0], Inputs()).Linux.SecurityContext.Seccomp;

        Assert.Equal((Profile.Localhost, expected), (seccomp.ProfileType, seccomp.LocalhostRef));
    }

    [Theory]
    [InlineData("../secret.json")]
    [InlineData("/etc/passwd")]
    public void Build_SeccompProfileElsewhere_IsRefused(string profile) =>
        Assert.Throws<ContainerStartException>(() => ContainerConfigBuilder.Build(WithProfile(profile), WithProfile(profile).Containers[0], Inputs()));

    [Fact]
    public void Build_EphemeralContainerWithTarget_SeesItsProcesses()
    {
        var pod = TestPods.Pod("""{"containers":[{"name":"c"}]}""");

        var options = ContainerConfigBuilder.Build(pod, pod.Containers[0], Inputs() with { TargetContainerId = "abc" }).Linux.SecurityContext.NamespaceOptions;

        Assert.Equal((NamespaceMode.Target, "abc"), (options.Pid, options.TargetId));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("HostToContainer", 1)]
    [InlineData("Bidirectional", 2)]
    public void MountOf_Propagation_IsMapped(string? propagation, int expected)
    {
        var mount = ContainerConfigBuilder.MountOf(new VolumeMount { MountPath = "data", ReadOnly = true, MountPropagation = propagation }, "/host");

        Assert.Equal(new Mount { ContainerPath = "/data", HostPath = "/host", Readonly = true, Propagation = (MountPropagation)expected }, mount);
    }

    private static Pod WithProfile(string profile) => TestPods.Pod($$$$"""{"containers":[{"name":"c","securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"{{{{profile}}}}"}}}]}""");

    private static ContainerInputs Inputs(int restartCount = 0) => new()
    {
        Image = new Image { Id = "sha256:id", Uid = new Int64Value { Value = 5 } },
        RestartCount = restartCount,
        Environment = [new("A", "zero"), new("A", "one")],
        Mounts = [],
        Resources = new LinuxContainerResources(),
        SeccompRoot = "/profiles",
    };
}
