using System.Globalization;
using System.IO.Compression;
using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using Sealos.Node.Cri.Messages;

namespace Sealos.Node.Logs;

/// <summary>How far a container's log may grow.</summary>
public sealed record LogRotationOptions
{
    /// <summary>A file is put aside when it is longer than this.</summary>
    public long MaxSize { get; init; } = 10 * 1024 * 1024;

    /// <summary>So many files are kept, the one being written included.</summary>
    public int MaxFiles { get; init; } = 5;

    /// <summary>How often the sizes are looked at.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Keeps container logs from filling the disk: puts long files aside, compresses older ones, deletes the oldest.</summary>
internal sealed partial class LogRotator(CriClient cri, string podLogsFolder, LogRotationOptions options, TimeProvider time, ILogger<LogRotator> logger)
{
    private const string UidLabel = "io.kubernetes.pod.uid";

    /// <summary>Looks after all logs until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            var tooLong = FindTooLong();
            if (tooLong.Count > 0)
            {
                await RotateAllAsync(tooLong, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Puts one file aside and lets <paramref name="reopen"/> tell the runtime to start a new one.</summary>
    public async Task RotateAsync(string path, Func<Task> reopen, CancellationToken ct)
    {
        await TidyAsync(path, ct).ConfigureAwait(false);
        var aside = $"{path}.{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        if (File.Exists(aside))
        {
            return;
        }

        File.Move(path, aside);
        try
        {
            await reopen().ConfigureAwait(false);
        }
        catch
        {
            // The runtime still writes to it under its new name; put it back, or the next log read would miss it.
            File.Move(aside, path);
            throw;
        }
    }

    private List<string> FindTooLong()
    {
        if (!Directory.Exists(podLogsFolder))
        {
            return [];
        }

        var depth = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        return [.. new DirectoryInfo(podLogsFolder).EnumerateFiles("*.log", depth).Where(f => f.Length > options.MaxSize).Select(f => f.FullName)];
    }

    private async Task RotateAllAsync(List<string> files, CancellationToken ct)
    {
        IReadOnlyList<Container> running;
        try
        {
            running = await cri.ListContainersAsync(new ContainerFilter { State = new ContainerStateValue { State = ContainerState.Running } }, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            LogFailed(logger, podLogsFolder, e.Message);
            return;
        }

        var byFile = running.ToLookup(c => LogKey(c.Labels.TryGetValue(UidLabel, out var uid) ? uid : "", c.Metadata.Name, c.Metadata.Attempt.ToString(CultureInfo.InvariantCulture)));
        foreach (var file in files)
        {
            try
            {
                if (byFile[LogKey(file)].FirstOrDefault() is { } container)
                {
                    await RotateAsync(file, () => cri.ReopenContainerLogAsync(container.Id, ct), ct).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is CriException or IOException or UnauthorizedAccessException)
            {
                LogFailed(logger, file, e.Message);
            }
        }
    }

    // A log lies at <namespace>_<pod>_<uid>/<container>/<attempt>.log.
    private static string LogKey(string file)
    {
        var parts = file.Split('/');
        return LogKey(parts[^3][(parts[^3].LastIndexOf('_') + 1)..], parts[^2], Path.GetFileNameWithoutExtension(parts[^1]));
    }

    private static string LogKey(string uid, string container, string attempt) => $"{uid}/{container}/{attempt}";

    // Leaves room for the file that is put aside next, which stays plain for a while as the runtime may still be writing to it.
    private async Task TidyAsync(string path, CancellationToken ct)
    {
        foreach (var leftover in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*" + LogFiles.Unfinished))
        {
            File.Delete(leftover);
        }

        var rotated = LogFiles.Rotated(path);
        var surplus = Math.Max(0, rotated.Count - (options.MaxFiles - 2));
        foreach (var old in rotated.Take(surplus))
        {
            File.Delete(old);
        }

        foreach (var plain in rotated.Skip(surplus).Where(f => !f.EndsWith(LogFiles.Compressed, StringComparison.Ordinal)))
        {
            await CompressAsync(plain, ct).ConfigureAwait(false);
        }
    }

    private static async Task CompressAsync(string file, CancellationToken ct)
    {
        var unfinished = file + LogFiles.Unfinished;
        await using (var source = File.OpenRead(file))
        await using (var target = new GZipStream(File.Create(unfinished), CompressionLevel.Fastest))
        {
            await source.CopyToAsync(target, ct).ConfigureAwait(false);
        }

        File.SetUnixFileMode(unfinished, File.GetUnixFileMode(file));
        File.SetLastWriteTimeUtc(unfinished, File.GetLastWriteTimeUtc(file));
        File.Move(unfinished, file + LogFiles.Compressed, overwrite: true);
        File.Delete(file);
    }

    [LoggerMessage(1, LogLevel.Warning, "log {Path} was not rotated: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
