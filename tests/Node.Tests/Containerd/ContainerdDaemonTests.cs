using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Node.Containerd;
using Xunit;

namespace Sealos.Node.Tests.Containerd;

/// <summary>The real containerd, in folders of the test's own.</summary>
[Trait("Needs", "root")]
public sealed class ContainerdDaemonTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NodeOptions _options;

    public ContainerdDaemonTests() => _options = new NodeOptions
    {
        Instance = "t" + Guid.NewGuid().ToString("N")[..6],
        DataRoot = Path.Combine(_folder.Path, "data"),
        RunRoot = Path.Combine(_folder.Path, "run"),
        LogRoot = Path.Combine(_folder.Path, "log"),
        CniConfDir = Path.Combine(_folder.Path, "cni"),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnsureRunning_Again_AdoptsTheOneThatRuns()
    {
        await Daemon(_options).EnsureRunningAsync(Ct);
        var first = Daemon(_options).FindProcess();

        await Daemon(_options).EnsureRunningAsync(Ct);

        Assert.NotNull(first);
        Assert.Equal(first, Daemon(_options).FindProcess());
    }

    [Fact]
    public async Task EnsureRunning_OtherConfiguration_ReplacesIt()
    {
        await Daemon(_options).EnsureRunningAsync(Ct);
        var first = Daemon(_options).FindProcess();

        await Daemon(_options with { SandboxImage = "other:1" }).EnsureRunningAsync(Ct);

        Assert.NotEqual(first, Daemon(_options).FindProcess());
        Assert.NotNull(Daemon(_options).FindProcess());
    }

    [Fact]
    public async Task EnsureRunning_PidFileIsLost_StillFindsIt()
    {
        await Daemon(_options).EnsureRunningAsync(Ct);
        var first = Daemon(_options).FindProcess();
        File.Delete(Path.Combine(_options.RunRoot, "containerd.pid"));

        await Daemon(_options).EnsureRunningAsync(Ct);

        Assert.Equal(first, Daemon(_options).FindProcess());
    }

    [Fact]
    public async Task EnsureRunning_ContainerdCannotStart_SaysWhy()
    {
        var broken = _options with { ContainerdBinary = "/bin/false" };

        var error = await Assert.ThrowsAsync<ContainerdException>(() => Daemon(broken).EnsureRunningAsync(Ct));

        Assert.StartsWith("containerd ended with code 1; its log", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_Running_LeavesNoProcessNorCgroup()
    {
        await Daemon(_options).EnsureRunningAsync(Ct);

        var teardown = new NodeTeardown(_options, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Equal(0, await teardown.StopAsync(Ct));
        await teardown.RemoveTracesAsync(Ct);

        Assert.Null(Daemon(_options).FindProcess());
        Assert.DoesNotContain(Directory.EnumerateDirectories("/sys/fs/cgroup"), d => Directory.Exists(Path.Combine(d, _options.Instance)));
        Assert.False(Directory.Exists(Path.Combine(_options.DataRoot, "containerd")));
    }

    public async ValueTask DisposeAsync()
    {
        var teardown = new NodeTeardown(_options, TimeProvider.System, NullLoggerFactory.Instance);
        await teardown.StopAsync(CancellationToken.None);
        await teardown.RemoveTracesAsync(CancellationToken.None);
        _folder.Dispose();
    }

    private static ContainerdDaemon Daemon(NodeOptions options) => new(options, TimeProvider.System, NullLogger<ContainerdDaemon>.Instance);
}
