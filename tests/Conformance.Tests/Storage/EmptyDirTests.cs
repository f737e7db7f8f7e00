using Sealos.Conformance_Tests.Node;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>Folders that begin empty and that all containers of a pod share, on disk and in memory.</summary>
public sealed class EmptyDirTests(CloudFixture fixture) : VolumeStory(fixture)
{
    private const string Disk = """ "emptyDir":{}""";
    private const string Memory = """ "emptyDir":{"medium":"Memory"}""";

    [Theory]
    [InlineData("root", "0")]
    [InlineData("non-root", "1001")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes should support (non-root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes volume on default medium should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]")]
    [Upstream("[sig-storage] EmptyDir volumes volume on tmpfs should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]")]
    public async Task Folder_IsForAll_AndKeepsFilesOfEachModeAsTheyWereWritten(string who, string uid)
    {
        const string Script = """
            for v in disk memory; do
              echo "$v|$(stat -c '%a' /v/$v)|$(stat -f -c %T /v/$v)"
              for m in 644 666 777; do
                echo "mode $m" > /v/$v/$m && busybox chmod 0$m /v/$v/$m && echo "$v|$(stat -c '%a|%u' /v/$v/$m)|$(cat /v/$v/$m)"
              done
            done
            """;
        await StartAsync(Having(new ShellPod("p", Script) { Spec = $$""","securityContext":{"runAsUser":{{uid}}}""" }, [new("disk", Disk), new("memory", Memory)]));

        var lines = (await OutputAsync("p")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 8, who);
        Assert.StartsWith("disk|777|", lines[0], StringComparison.Ordinal);
        Assert.NotEqual("disk|777|tmpfs", lines[0]);
        Assert.Equal([.. ModesIn("disk"), "memory|777|tmpfs", .. ModesIn("memory")], lines[1..]);

        IEnumerable<string> ModesIn(string volume) => ((string[])["644", "666", "777"]).Select(m => $"{volume}|{m}|{uid}|mode {m}");
    }

    [Fact]
    [Upstream("[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]")]
    public async Task Folder_IsSharedByThePodsContainers_AndOutlivesThem()
    {
        var writer = $$$"""},{"name":"writer","image":"{{{CloudFixture.Tools}}}","command":["sh","-c","echo shared > /w/file"],"volumeMounts":[{"name":"shared","mountPath":"/w"}]""";
        var reader = Having(new ShellPod("p", "until [ -s /v/shared/file ]; do sleep 0.1; done; cat /v/shared/file"), [new("shared", Disk)]);
        await StartAsync(reader with { Container = reader.Container + writer });

        Assert.Equal("shared\n", await OutputAsync("p"));
    }

    [Fact]
    [Upstream("[sig-storage] EmptyDir wrapper volumes should not conflict [Conformance]")]
    [Upstream("[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps [Serial] [Conformance]")]
    public async Task ManyVolumesOfObjects_InPodsThatStartTogether_AreEachMadeOnceAndWhole()
    {
        const int Count = 50;
        await MakeAsync("secret", "o", ("data-1", "secret"));
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => MakeAsync("configMap", $"map-{i}", ("data-1", $"value-{i}"))));
        PodVolume[] volumes = [new("secret", SourceOf("secret", "o")), .. Enumerable.Range(0, Count).Select(i => new PodVolume($"map-{i}", SourceOf("configMap", $"map-{i}")))];
        string[] pods = ["a", "b", "c"];
        const string Script = "cat /v/secret/data-1; i=0; while [ $i -lt 50 ]; do echo; cat /v/map-$i/data-1; i=$((i+1)); done";
        await StartAsync([.. pods.Select(p => Having(new ShellPod(p, Script), volumes))]);

        string[] expected = ["secret", .. Enumerable.Range(0, Count).Select(i => $"value-{i}")];
        foreach (var pod in pods)
        {
            Assert.Equal(expected, (await OutputAsync(pod)).Split('\n'));
        }
    }
}
