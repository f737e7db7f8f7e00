using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pressure;
using Sealos.Node.Tests.Pods;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pressure;

public sealed class DiskLimitsTests : IDisposable
{
    private const int Megabyte = 1_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly PodDirectories _directories;
    private readonly List<string> _evicted = [];
    private readonly Pod _pod = TestPods.Simple("Always", "main");
    private Dictionary<string, string> _layers = [];

    public DiskLimitsTests()
    {
        _directories = new(new NodeOptions { DataRoot = _folder.Path, RunRoot = _folder.Path, LogRoot = _folder.Path });
        Limit("3M");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Look_WithinItsLimit_LeavesThePodAlone()
    {
        Write(LogFolder, 1);
        Write(Layer, 1);

        Assert.Empty(Look());
    }

    [Fact]
    public void Look_RootAndLogOfAContainerAboveItsLimit_EndsThePod()
    {
        Write(LogFolder, 2);
        Write(Layer, 2);

        Assert.Equal(["Container main exceeded its local ephemeral storage limit \"3M\". "], Look());
    }

    [Fact]
    public void Look_TogetherWithEmptyDirsAboveTheLimit_EndsThePod()
    {
        _pod.Spec!.Volumes = [new Volume { Name = "scratch", EmptyDir = new EmptyDirVolumeSource() }, new Volume { Name = "fast", EmptyDir = new EmptyDirVolumeSource { Medium = "Memory" } }];
        Write(_directories.EmptyDirOf(TestPods.Uid, "fast"), 5);
        Assert.Empty(Look());

        Write(_directories.EmptyDirOf(TestPods.Uid, "scratch"), 2);
        Write(Layer, 2);

        Assert.Equal(["Pod ephemeral local storage usage exceeds the total limit of containers 3M. "], Look());
    }

    // They can have no limit of their own, and would be a way around the pod's.
    [Fact]
    public void Look_EphemeralContainer_CountsToThePod()
    {
        _pod.Spec!.EphemeralContainers = [new EphemeralContainer { Name = "debug" }];
        Write(Layer, 1);
        Assert.Empty(Look());

        var debug = Path.Combine(_folder.Path, "debug");
        Write(debug, 3);
        _layers["c2"] = debug;

        Assert.Equal(["Pod ephemeral local storage usage exceeds the total limit of containers 3M. "], Look());
    }

    [Fact]
    public void Look_WithoutALimit_OrCritical_IsLeftAlone()
    {
        Write(Layer, 5);
        _pod.Spec!.Priority = 2_000_000_000;
        Assert.Empty(Look());

        _pod.Spec.Priority = 0;
        _pod.Spec.Containers![0].Resources = null;
        Assert.Empty(Look());
    }

    [Fact]
    public void Look_PodThatIsGoing_IsLeftAlone()
    {
        Write(Layer, 5);
        _pod.Metadata.DeletionTimestamp = TestPods.Start;

        Assert.Empty(Look());
    }

    private string LogFolder => Path.Combine(_directories.LogsOf(_pod), "main");

    private string Layer
    {
        get
        {
            var folder = Path.Combine(_folder.Path, "layer");
            _layers = new() { ["c1"] = folder };
            return folder;
        }
    }

    private void Limit(string size) =>
        _pod.Spec!.Containers = [new Container { Name = "main", Resources = new ResourceRequirements { Limits = new() { ["ephemeral-storage"] = Quantity.Parse(size) } } }];

    private static void Write(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "file"), new byte[megabytes * Megabyte]);
    }

    private List<string> Look()
    {
        var tools = new DiskLimitTools
        {
            Pods = () => [_pod],
            Runtime = uid => new RuntimePod(uid, "", "")
            {
                Sandboxes = [new RuntimeSandbox("s", 0, true, "", false, TestPods.Start)],
                Containers = [.. new[] { ("c1", "main"), ("c2", "debug") }.Select(c => new RuntimeContainer { Id = c.Item1, Name = c.Item2, SandboxId = "s", State = RunState.Running })],
            },
            Layers = () => _layers,
            Evict = (_, message) => _evicted.Add(message),
        };
        new DiskLimits(tools, _directories, TimeProvider.System).Look(TestContext.Current.CancellationToken);
        return _evicted;
    }
}
