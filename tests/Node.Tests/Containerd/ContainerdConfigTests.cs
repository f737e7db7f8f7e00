using Sealos.Node.Containerd;
using Xunit;

namespace Sealos.Node.Tests.Containerd;

public sealed class ContainerdConfigTests
{
    private static readonly NodeOptions Options = new() { Instance = "cloud", DataRoot = "/data", RunRoot = "/run/x", CniConfDir = "/cni", SandboxImage = "pause:1" };

    [Fact]
    public void Render_Options_KeepEverythingInPlacesOfItsOwn()
    {
        var lines = ContainerdConfig.Render(Options, new MachineFeatures(true, false, false)).Split('\n');

        Assert.Contains("root = \"/data/containerd\"", lines);
        Assert.Contains("state = \"/run/x/containerd/state\"", lines);
        Assert.Contains("address = \"/run/x/containerd/containerd.sock\"", lines);
        Assert.Contains("path = \"/cloud/containerd\"", lines);
        Assert.Contains("sandbox_image = \"pause:1\"", lines);
        Assert.Contains("conf_dir = \"/cni\"", lines);
        Assert.Contains("restrict_oom_score_adj = false", lines);
        Assert.DoesNotContain(lines, l => l.Contains("runsc", StringComparison.Ordinal));
    }

    [Fact]
    public void Render_CannotLowerOomScores_TellsContainerd()
    {
        var lines = ContainerdConfig.Render(Options, new MachineFeatures(false, false, false)).Split('\n');

        Assert.Contains("restrict_oom_score_adj = true", lines);
        Assert.Contains("oom_score = 0", lines);
    }

    [Fact]
    public void Render_GvisorIsInstalled_IsARuntime()
    {
        var text = ContainerdConfig.Render(Options, new MachineFeatures(true, true, false));

        Assert.Contains(".containerd.runtimes.runsc]", text, StringComparison.Ordinal);
        Assert.Contains("BinaryName = \"/data/gvisor/runtime\"", text, StringComparison.Ordinal);
        Assert.Contains("Root = \"/run/x/containerd/runsc\"", text, StringComparison.Ordinal);
    }

    // A sandbox of gVisor's has a shim of its own: the annotation is not its runtime's.
    [Fact]
    public void Render_ShimsAreShared_ByRuncAlone()
    {
        var text = ContainerdConfig.Render(Options, new MachineFeatures(true, true, false));

        const string Passed = "pod_annotations = [\"io.containerd.runc.v2.group\"]";
        Assert.Equal(text.IndexOf(Passed, StringComparison.Ordinal), text.LastIndexOf(Passed, StringComparison.Ordinal));
        Assert.InRange(text.IndexOf(Passed, StringComparison.Ordinal), text.IndexOf(".runtimes.runc]", StringComparison.Ordinal), text.IndexOf(".runtimes.runc.options]", StringComparison.Ordinal));
    }

    [Fact]
    public void Render_PathWithQuotes_StaysOneString() =>
        Assert.Contains("""root = "/a\"b\\c/containerd" """.TrimEnd(), ContainerdConfig.Render(Options with { DataRoot = "/a\"b\\c" }, new MachineFeatures(true, false, false)), StringComparison.Ordinal);
}
