using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host_Tests.Running;

public sealed class LogKeeperTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-logs").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder, "server.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LongLog_IsPutAside_AndItsWriterGoesOnAtTheNewEnd()
    {
        await using var writer = new Writer(Log);
        await writer.WriteAsync(new string('a', 200));
        using var keeper = Keeper();

        await keeper.CheckAsync(Ct);
        await writer.WriteAsync("after");

        Assert.Equal(new string('a', 200), await File.ReadAllTextAsync(Log + ".1", Ct));
        Assert.Equal("after", await File.ReadAllTextAsync(Log, Ct));
    }

    [Fact]
    public async Task ShortLog_IsLeftAlone()
    {
        await File.WriteAllTextAsync(Log, "short", Ct);
        using var keeper = Keeper();

        await keeper.CheckAsync(Ct);

        Assert.Equal(["server.log"], Files());
    }

    [Fact]
    public async Task ManyRounds_KeepTheNewestAndNoMore()
    {
        using var keeper = Keeper();
        await using var writer = new Writer(Log);
        foreach (var letter in "abcde")
        {
            await writer.WriteAsync(new string(letter, 150));
            await keeper.CheckAsync(Ct);
        }

        Assert.Equal(["server.log", "server.log.1", "server.log.2"], Files());
        Assert.StartsWith("e", await File.ReadAllTextAsync(Log + ".1", Ct), StringComparison.Ordinal);
        Assert.StartsWith("d", await File.ReadAllTextAsync(Log + ".2", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CopyThatCannotBeMade_CutsTheLogAnyway()
    {
        await File.WriteAllTextAsync(Log, new string('a', 200), Ct);
        Directory.CreateDirectory(Log + ".2");
        Directory.CreateDirectory(Log + ".1");
        using var keeper = Keeper();

        await keeper.CheckAsync(Ct);

        Assert.True(new FileInfo(Log).Length <= 200);
        Directory.Delete(Log + ".1");
        Directory.Delete(Log + ".2");
        await keeper.CheckAsync(Ct);
        Assert.Equal(0, new FileInfo(Log).Length);
    }

    [Fact]
    public async Task Started_LooksAtOnce()
    {
        await File.WriteAllTextAsync(Log, new string('a', 200), Ct);
        using var keeper = Keeper();

        await keeper.StartAsync(Ct);
        await keeper.StopAsync(Ct);

        Assert.Equal(["server.log", "server.log.1"], Files());
    }

    private LogKeeper Keeper() => new(new LogLimits([Log, Path.Combine(_folder, "absent.log")]) { MaxBytes = 100 }, TimeProvider.System, NullLogger<LogKeeper>.Instance);

    private string[] Files() => [.. Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    // Another process, started as daemons are: a shell opens the log for appending.
    private sealed class Writer(string file) : IAsyncDisposable
    {
        private readonly Process _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec cat >>\"$1\"", "sh", file]) { RedirectStandardInput = true })!;

        public async Task WriteAsync(string text)
        {
            var before = new FileInfo(file) is { Exists: true } info ? info.Length : 0;
            await _process.StandardInput.WriteAsync(text.AsMemory(), Ct);
            await _process.StandardInput.FlushAsync(Ct);
            while (new FileInfo(file) is not { Exists: true } now || now.Length < before + text.Length)
            {
                await Task.Delay(5, Ct);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
    }
}
