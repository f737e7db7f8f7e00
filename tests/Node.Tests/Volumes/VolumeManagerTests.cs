using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Volumes;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class VolumeManagerTests : IDisposable
{
    private readonly string _pods = Directory.CreateTempSubdirectory("pods").FullName;
    private readonly string _secrets = $"/dev/shm/volumes-{Guid.NewGuid():N}";
    private readonly SettableClock _clock = new();
    private readonly FakeVolumeObjects _objects;

    public VolumeManagerTests() => _objects = new FakeVolumeObjects(_clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_pods, recursive: true);
        if (Directory.Exists(_secrets))
        {
            Directory.Delete(_secrets, recursive: true);
        }
    }

    [Fact]
    public async Task SetUp_EachObjectType_ShowsItsFilesAndSecretsLieInMemory()
    {
        _objects.ConfigMaps["m"] = new ConfigMap { Data = new() { ["k"] = "v" } };
        _objects.Secrets["s"] = new Secret { Data = new() { ["password"] = "x"u8.ToArray() } };
        using var manager = Manager();
        var pod = PodWith(
            new Volume { Name = "map", ConfigMap = new ConfigMapVolumeSource { Name = "m" } },
            new Volume { Name = "secret", Secret = new SecretVolumeSource { SecretName = "s", DefaultMode = 0b100_000_000 } },
            Downward("down", "metadata.name"),
            new Volume { Name = "empty", EmptyDir = new EmptyDirVolumeSource() });

        var paths = await manager.SetUpAsync(pod, Ct);

        Assert.Equal("v", await File.ReadAllTextAsync(Path.Combine(paths["map"], "k"), Ct));
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(paths["secret"], "password"), Ct));
        Assert.StartsWith(_secrets, paths["secret"], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(paths["secret"], "password")));
        Assert.Equal("p", await File.ReadAllTextAsync(Path.Combine(paths["down"], "file"), Ct));
        Assert.Equal((UnixFileMode)0b111_111_111, File.GetUnixFileMode(paths["empty"]));
    }

    [Fact]
    public async Task SetUp_Again_KeepsWhatTheContainersWrote()
    {
        using var manager = Manager();
        var pod = PodWith(new Volume { Name = "empty", EmptyDir = new EmptyDirVolumeSource() });
        var paths = await manager.SetUpAsync(pod, Ct);
        await File.WriteAllTextAsync(Path.Combine(paths["empty"], "data"), "kept", Ct);

        using var afterRestart = Manager();
        await manager.SetUpAsync(pod, Ct);
        await afterRestart.SetUpAsync(pod, Ct);

        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(paths["empty"], "data"), Ct));
    }

    [Theory]
    [InlineData(false, "MountVolume.SetUp failed for volume \"v\" : configmap \"none\" not found")]
    [InlineData(true, null)]
    public async Task SetUp_MissingObject_FailsUnlessOptional(bool optional, string? error)
    {
        using var manager = Manager();
        var pod = PodWith(new Volume { Name = "v", ConfigMap = new ConfigMapVolumeSource { Name = "none", Optional = optional } });

        if (error is null)
        {
            Assert.True(Directory.Exists((await manager.SetUpAsync(pod, Ct))["v"]));
        }
        else
        {
            var thrown = await Assert.ThrowsAsync<VolumeException>(() => manager.SetUpAsync(pod, Ct));
            Assert.Equal(("FailedMount", error), (thrown.Reason, thrown.Message));
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task SetUp_NotBuilt_IsRefusedByName(string named, Volume volume)
    {
        using var manager = Manager();

        var thrown = await Assert.ThrowsAsync<VolumeException>(() => manager.SetUpAsync(PodWith(volume), Ct));

        Assert.Contains(named, thrown.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Volume> Refused() => new()
    {
        { "nfs", new Volume { Name = "v", Nfs = new NFSVolumeSource() } },
        { "persistentvolumeclaim \"c\" not found", new Volume { Name = "v", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = "c" } } },
        { "HugePages", new Volume { Name = "v", EmptyDir = new EmptyDirVolumeSource { Medium = "HugePages" } } },
        { "clusterTrustBundle", new Volume { Name = "v", Projected = new ProjectedVolumeSource { Sources = [new VolumeProjection { ClusterTrustBundle = new ClusterTrustBundleProjection() }] } } },
        { "volume name", new Volume { Name = "../v", EmptyDir = new EmptyDirVolumeSource() } },
    };

    [Fact]
    public async Task Run_ObjectChanges_TheFilesFollow()
    {
        _objects.ConfigMaps["m"] = new ConfigMap { Data = new() { ["k"] = "old" } };
        using var manager = Manager();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = manager.RunAsync(stop.Token);
        var paths = await manager.SetUpAsync(PodWith(new Volume { Name = "v", ConfigMap = new ConfigMapVolumeSource { Name = "m" } }), Ct);

        _objects.Change(new ConfigMap { Data = new() { ["k"] = "new" } }, "m");

        await UntilAsync(() => File.ReadAllText(Path.Combine(paths["v"], "k")) == "new");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Run_ChangesMissed_TheFilesFollow()
    {
        _objects.ConfigMaps["m"] = new ConfigMap { Data = new() { ["k"] = "old" } };
        using var manager = Manager();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = manager.RunAsync(stop.Token);
        var paths = await manager.SetUpAsync(PodWith(new Volume { Name = "v", ConfigMap = new ConfigMapVolumeSource { Name = "m" } }), Ct);

        _objects.ChangeUnnoticed(new ConfigMap { Data = new() { ["k"] = "new" } }, "m");

        await UntilAsync(() => File.ReadAllText(Path.Combine(paths["v"], "k")) == "new");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Refresh_ObjectGone_KeepsTheFiles()
    {
        _objects.ConfigMaps["m"] = new ConfigMap { Data = new() { ["k"] = "old" } };
        using var manager = Manager();
        var paths = await manager.SetUpAsync(PodWith(new Volume { Name = "v", ConfigMap = new ConfigMapVolumeSource { Name = "m" } }), Ct);
        _objects.ConfigMaps.Clear();

        await manager.RefreshAsync("uid", Ct);

        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(paths["v"], "k"), Ct));
    }

    [Fact]
    public async Task SetUp_LabelsChanged_TheDownwardFilesFollow()
    {
        using var manager = Manager();
        var pod = PodWith(Downward("v", "metadata.labels['app']"));
        pod.Metadata.Labels = new() { ["app"] = "one" };
        await manager.SetUpAsync(pod, Ct);
        var changed = PodWith(Downward("v", "metadata.labels['app']"));
        changed.Metadata.Labels = new() { ["app"] = "two" };

        var paths = await manager.SetUpAsync(changed, Ct);

        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(paths["v"], "file"), Ct));
    }

    [Fact]
    public async Task Token_Fresh_SurvivesARestartAndIsReplacedWhenOld()
    {
        using var manager = Manager();
        var pod = PodWith(TokenVolume());
        var paths = await manager.SetUpAsync(pod, Ct);
        var first = await File.ReadAllTextAsync(Path.Combine(paths["token"], "token"), Ct);

        using var afterRestart = Manager();
        await afterRestart.SetUpAsync(pod, Ct);
        Assert.Equal(1, _objects.Tokens);

        _clock.Now = _clock.Now.AddSeconds(2881);
        await afterRestart.RefreshAsync("uid", Ct);
        Assert.Equal(2, _objects.Tokens);
        Assert.NotEqual(first, await File.ReadAllTextAsync(Path.Combine(paths["token"], "token"), Ct));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public async Task Token_IsReplaced_SoonAfterTheClockJumps(int hours)
    {
        using var manager = Manager();
        var paths = await manager.SetUpAsync(PodWith(TokenVolume()), Ct);
        var first = await File.ReadAllTextAsync(Path.Combine(paths["token"], "token"), Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = manager.RunAsync(stop.Token);
        _clock.Now = _clock.Now.AddHours(hours);

        await UntilAsync(() => _objects.Tokens == 2 && File.ReadAllText(Path.Combine(paths["token"], "token")) != first);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Token_PodWithGroup_IsReadByItAlone()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "changing owners needs root");
        using var manager = Manager();
        var pod = PodWith(TokenVolume());
        pod.Spec!.SecurityContext = new PodSecurityContext { FsGroup = 2000 };

        var paths = await manager.SetUpAsync(pod, Ct);

        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(Path.Combine(paths["token"], "token")));
    }

    [Fact]
    public async Task TearDown_Pod_LeavesNothingButTheHostsOwnPaths()
    {
        var host = Directory.CreateTempSubdirectory("host").FullName;
        _objects.Secrets["s"] = new Secret { Data = new() { ["k"] = [1] } };
        using var manager = Manager();
        var paths = await manager.SetUpAsync(
            PodWith(
                new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource() },
                new Volume { Name = "s", Secret = new SecretVolumeSource { SecretName = "s" } },
                new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = host, Type = "Directory" } }),
            Ct);

        await manager.TearDownAsync("uid", Ct);

        Assert.False(Directory.Exists(paths["e"]));
        Assert.False(Directory.Exists(paths["s"]));
        Assert.True(Directory.Exists(host));
        Directory.Delete(host);
    }

    [Fact]
    public async Task CleanUp_PodsThatAreGone_LoseTheirVolumesAndOthersKeepThem()
    {
        using var manager = Manager();
        var paths = await manager.SetUpAsync(PodWith(new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource() }), Ct);
        Directory.CreateDirectory(Path.Combine(_pods, "gone", "volumes", "x"));
        Directory.CreateDirectory(Path.Combine(_secrets, "gone", "y"));

        await manager.CleanUpAsync(new HashSet<string> { "uid" }, Ct);

        Assert.True(Directory.Exists(paths["e"]));
        Assert.False(Directory.Exists(Path.Combine(_pods, "gone", "volumes")));
        Assert.False(Directory.Exists(Path.Combine(_secrets, "gone")));
    }

    [Fact]
    public async Task Run_EmptyDirOverItsLimit_IsReported()
    {
        using var manager = Manager(measure: TimeSpan.FromMilliseconds(20));
        var reported = new TaskCompletionSource<string>();
        manager.LimitExceeded += (_, message) => reported.TrySetResult(message);
        var paths = await manager.SetUpAsync(PodWith(new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource { SizeLimit = Quantity.Parse("1Ki") } }), Ct);
        await File.WriteAllBytesAsync(Path.Combine(paths["e"], "big"), new byte[2000], Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = manager.RunAsync(stop.Token);

        Assert.Equal("Usage of EmptyDir volume \"e\" exceeds the limit \"1Ki\".", await reported.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static Volume Downward(string name, string field) => new()
    {
        Name = name,
        DownwardAPI = new DownwardAPIVolumeSource { Items = [new DownwardAPIVolumeFile { Path = "file", FieldRef = new ObjectFieldSelector { FieldPath = field } }] },
    };

    private static Volume TokenVolume() => new()
    {
        Name = "token",
        Projected = new ProjectedVolumeSource { Sources = [new VolumeProjection { ServiceAccountToken = new ServiceAccountTokenProjection { Path = "token", ExpirationSeconds = 3600, Audience = "api" } }] },
    };

    private static Pod PodWith(params Volume[] volumes) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "ns", Uid = "uid" },
        Spec = new PodSpec { Containers = [new Container { Name = "c" }], Volumes = [.. volumes] },
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 500, "it did not happen within 5 seconds");
            await Task.Delay(10, Ct);
        }
    }

    private VolumeManager Manager(TimeSpan? measure = null) => new(
        new VolumeOptions { PodsRoot = _pods, SecretsRoot = _secrets, MeasureInterval = measure ?? TimeSpan.FromMinutes(1), RefreshInterval = TimeSpan.FromMilliseconds(20) },
        _objects, (_, _) => "", _clock, NullLogger<VolumeManager>.Instance);

    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
