using Sealos.Conformance_Tests.Node;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Storage;

/// <summary>Parts of volumes that are made from objects, mounted alone.</summary>
public sealed class SubPathTests(CloudFixture fixture) : VolumeStory(fixture)
{
    [Fact]
    [Upstream("[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod [Conformance]")]
    [Upstream("[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file [Conformance]")]
    [Upstream("[sig-storage] Subpath Atomic writer volumes should support subpaths with downward pod [Conformance]")]
    [Upstream("[sig-storage] Subpath Atomic writer volumes should support subpaths with projected pod [Conformance]")]
    [Upstream("[sig-storage] Subpath Atomic writer volumes should support subpaths with secret pod [Conformance]")]
    public async Task FilesOfVolumesMadeFromObjects_AreMountedAlone_AlsoOverAFileOfTheImage()
    {
        await MakeAsync("configMap", "o", ("configmap-key", "configmap-value"));
        await MakeAsync("secret", "o", ("secret-key", "secret-value"));
        (string Mount, string SubPath, PodVolume Volume, string Content)[] parts =
        [
            ("/s/configmap", "configmap-key", new("map", SourceOf("configMap", "o")), "configmap-value"),
            ("/etc/resolv.conf", "configmap-key", new("over", SourceOf("configMap", "o")), "configmap-value"),
            ("/s/downward", "downward/podname", new("downward", """ "downwardAPI":{"items":[{"path":"downward/podname","fieldRef":{"fieldPath":"metadata.name"}}]}"""), "p"),
            ("/s/projected", "projected/configmap-key", new("projected", ProjectionOf("configMap", "o", ""","items":[{"key":"configmap-key","path":"projected/configmap-key"}]""")), "configmap-value"),
            ("/s/secret", "secret-key", new("secret", SourceOf("secret", "o")), "secret-value"),
        ];

        // A container's life of reading: what it has mounted is what it began with, also after it was started again.
        var script = string.Join('\n', parts.Select(p => $"echo \"$(cat {p.Mount})\"")) + "\n[ -f /again/mark ] || { touch /again/mark; exit 1; }";
        await StartAsync(new ShellPod("p", script)
        {
            Restart = "OnFailure",
            Spec = $",\"volumes\":[{string.Join(',', parts.Select(p => p.Volume.ToVolume()))},{{\"name\":\"again\",\"emptyDir\":{{}}}}]",
            Container = $",\"volumeMounts\":[{string.Join(',', parts.Select(p => $$"""{"name":"{{p.Volume.Name}}","mountPath":"{{p.Mount}}","subPath":"{{p.SubPath}}"}"""))},{{\"name\":\"again\",\"mountPath\":\"/again\"}}]",
        });

        Assert.Equal(parts.Select(p => p.Content), (await OutputAsync("p")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
