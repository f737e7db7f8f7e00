using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods.Config;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests.StaticPods;

public sealed class StaticPodSourceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_ComesChangesAndGoes_AndThePodWithIt()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var name = "web-" + node.Options.NodeName;
        Write(node, "image");
        node.StaticPods.Scan();
        await TestNode.UntilAsync(() => node.Mirrors.Find(name)?.Status?.Phase == "Running", Ct);
        var first = node.Mirrors.Find(name)!.Metadata.Annotations![Keys.ConfigMirror];
        Assert.Equal(first, node.Workers.Find("default", name)!.Uid);

        // Another text is another pod: the old one is stopped, the mirror is the new one's. What the old one has, the new one needs.
        var isFree = false;
        node.Refusal = _ =>
        {
            isFree = node.Released.Contains(name);
            return null;
        };
        Write(node, "image:latest");
        node.StaticPods.Scan();
        await TestNode.UntilAsync(() => node.Mirrors.Find(name) is { Status.Phase: "Running" } mirror && mirror.Metadata.Annotations![Keys.ConfigMirror] != first, Ct);
        Assert.True(isFree);
        Assert.Contains(node.Containerd.Calls, c => c.StartsWith("StopContainer c", StringComparison.Ordinal));

        File.Delete(FileOf(node));
        node.StaticPods.Scan();
        await TestNode.UntilAsync(() => node.Mirrors.Find(name) is null && node.Containerd.CountContainers() == 0, Ct);
        await TestNode.UntilAsync(() => node.Workers.Find("default", name) is null, Ct);
    }

    [Fact]
    public async Task Mirror_DeletedOrNobodys_IsMadeAgainOrRemoved()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var name = "web-" + node.Options.NodeName;
        Write(node, "image");
        node.StaticPods.Scan();
        await TestNode.UntilAsync(() => node.Mirrors.Find(name)?.Status?.Phase == "Running", Ct);

        node.Mirrors.Remove(name);
        node.Mirrors.Put(new Pod { Metadata = new ObjectMeta { Name = "stranger", Namespace = "default", Annotations = new() { [Keys.ConfigMirror] = "x" } }, Spec = new PodSpec() });
        await node.StaticPods.TendMirrorsAsync(Ct);

        Assert.Equal("Running", node.Mirrors.Find(name)!.Status!.Phase);
        Assert.Null(node.Mirrors.Find("stranger"));
        Assert.Equal(1, node.Containerd.CountContainers());
    }

    [Fact]
    public async Task Restart_AdoptsWhatRuns()
    {
        var node = await TestNode.StartAsync(Ct);
        Write(node, "image");
        node.StaticPods.Scan();
        await TestNode.UntilAsync(() => node.Mirrors.List().Any(m => m.Status?.Phase == "Running"), Ct);

        await using var next = await node.RestartAsync(Ct, before: n => n.StaticPods.Scan());
        await TestNode.UntilAsync(() => next.Mirrors.List().Any(m => m.Status?.Phase == "Running"), Ct);

        Assert.Equal(1, next.Containerd.Calls.Count(c => c.StartsWith("StartContainer", StringComparison.Ordinal)));
    }

    [Fact]
    public void IsStatic_AnnotationOnAPodOfTheApi_ChangesNothing()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Metadata.Annotations = new() { [Keys.ConfigSource] = "file" };

        Assert.False(pod.IsStatic);
    }

    private static string FileOf(TestNode node) => Path.Combine(node.Options.StaticPodsRoot, "web.yaml");

    private static void Write(TestNode node, string image)
    {
        Directory.CreateDirectory(node.Options.StaticPodsRoot);
        File.WriteAllText(FileOf(node), $"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  terminationGracePeriodSeconds: 7\n  containers: [{{name: c, image: '{image}', imagePullPolicy: IfNotPresent}}]\n");
    }
}
