using Sealos.Node.Processes;
using Xunit;

namespace Sealos.Node.Tests.Processes;

public sealed class DaemonTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Daemon _daemon;

    public DaemonTests() => _daemon = new Daemon("sleeper", PidFile);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string PidFile => Path.Combine(_folder.Path, "run", "sleeper.pid");

    private string Log => Path.Combine(_folder.Path, "log", "sleeper.log");

    [Fact]
    public async Task EnsureStarted_Again_KeepsTheOneThatRuns()
    {
        Assert.True(_daemon.EnsureStarted("/bin/sleep", ["60"], Log));
        var pid = _daemon.FindPid();

        Assert.False(new Daemon("sleeper", PidFile).EnsureStarted("/bin/sleep", ["60"], Log));
        Assert.NotNull(pid);
        Assert.Equal(pid, _daemon.FindPid());

        Assert.True(await _daemon.StopAsync(TimeSpan.FromSeconds(5), Ct));
        Assert.Null(_daemon.FindPid());
        Assert.False(File.Exists(PidFile));
        Assert.False(await _daemon.StopAsync(TimeSpan.FromSeconds(5), Ct));
    }

    [Fact]
    public async Task Start_Arguments_ReachTheProgramAsTheyAreAndItsOutputTheLog()
    {
        using var process = _daemon.Start("/bin/echo", ["$HOME; false", "a b"], Log);
        await process.WaitForExitAsync(Ct);

        Assert.Equal("$HOME; false a b\n", await File.ReadAllTextAsync(Log, Ct));
        Assert.Null(_daemon.FindPid());
    }

    [Fact]
    public async Task Stop_ProcessThatIgnoresTerm_IsKilled()
    {
        using var process = _daemon.Start("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], Log);
        while (!File.Exists(Log) || await File.ReadAllTextAsync(Log, Ct) != "ready\n")
        {
            await Task.Delay(10, Ct);
        }

        Assert.True(await _daemon.StopAsync(TimeSpan.FromMilliseconds(100), Ct));

        await process.WaitForExitAsync(Ct);
        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Theory]
    [InlineData("PID 1")]
    [InlineData("PID")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task FindPid_FileOfAnotherProcess_IsNobody(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PidFile)!);
        await File.WriteAllTextAsync(PidFile, text.Replace("PID", $"{Environment.ProcessId}", StringComparison.Ordinal), Ct);

        Assert.Null(_daemon.FindPid());
        Assert.False(await _daemon.StopAsync(TimeSpan.Zero, Ct));
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public void Claim_RunningProcess_IsFoundByWhoeverReadsTheFile()
    {
        _daemon.ClaimSelf();

        var found = new Daemon("sleeper", PidFile).FindPid();

        // Before anything can fail: what the file names is stopped when the test is over.
        File.Delete(PidFile);
        Assert.Equal(Environment.ProcessId, found);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.StopAsync(TimeSpan.Zero, CancellationToken.None);
        _folder.Dispose();
    }
}
