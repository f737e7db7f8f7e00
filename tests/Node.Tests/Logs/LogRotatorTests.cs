using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Node.Cri;
using Sealos.Node.Logs;
using Xunit;

namespace Sealos.Node.Tests.Logs;

public sealed class LogRotatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rotate").FullName;
    private readonly StepClock _clock = new();
    private readonly CriClient _noRuntime = new("/nonexistent.sock", TimeProvider.System);

    private string LogPath => Path.Combine(_folder, "0.log");

    public void Dispose()
    {
        _noRuntime.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Rotate_SeveralTimes_KeepsTheNewestAndCompressesAllButTheLast()
    {
        for (var i = 1; i <= 7; i++)
        {
            await File.WriteAllTextAsync(LogPath, $"round {i}", TestContext.Current.CancellationToken);
            await Rotator().RotateAsync(LogPath, () => Task.CompletedTask, TestContext.Current.CancellationToken);
            _clock.Now = _clock.Now.AddSeconds(1);
        }

        await File.WriteAllTextAsync(LogPath, "now", TestContext.Current.CancellationToken);
        var files = LogFiles.All(LogPath).Select(f => Path.GetFileName(f)!).ToList();
        Assert.Equal(["0.log.20260101-000003.gz", "0.log.20260101-000004.gz", "0.log.20260101-000005.gz", "0.log.20260101-000006", "0.log"], files);
        await using var old = new GZipStream(File.OpenRead(Path.Combine(_folder, files[0])), CompressionMode.Decompress);
        Assert.Equal("round 4", await new StreamReader(old).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rotate_RuntimeDoesNotReopen_PutsTheFileBack()
    {
        await File.WriteAllTextAsync(LogPath, "kept", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<IOException>(() => Rotator().RotateAsync(LogPath, () => throw new IOException(), TestContext.Current.CancellationToken));

        Assert.Equal([LogPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Rotate_LeftoverOfAnInterruptedCompression_IsRemoved()
    {
        await File.WriteAllTextAsync(LogPath, "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(LogPath + ".20250101-000000.tmp", "half", TestContext.Current.CancellationToken);

        await Rotator().RotateAsync(LogPath, () => Task.CompletedTask, TestContext.Current.CancellationToken);

        Assert.Equal([LogPath + ".20260101-000000"], Directory.GetFiles(_folder));
    }

    private LogRotator Rotator() => new(_noRuntime, _folder, new LogRotationOptions(), _clock, NullLogger<LogRotator>.Instance);

    private sealed class StepClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
